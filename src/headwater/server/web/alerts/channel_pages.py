"""Channels: made, changed, tried out, deleted; by administrators, since the whole server sends to them."""

import time
from typing import Final

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from headwater.server.numbers import number_in
from headwater.server.web.alerts.records import AlertRecords
from headwater.server.web.alerts.words import KINDS
from headwater.server.web.form import Form
from headwater.server.web.gate import Gate
from headwater.server.web.look import Look
from headwater.server.web.visit import Visit
from headwater.storage.alerts.channels import Channel, ChannelKind, InvalidChannel
from headwater.storage.alerts.deliveries import Delivery, State
from headwater.storage.alerts.message import TEST, Message
from headwater.storage.secret import Secret

_PAUSE_SECONDS: Final = 0.2


class AlertChannelPages:
    """`/alerts/channels/…`. A test goes the way of every message, by the digest process."""

    def __init__(self, gate: Gate, look: Look, alerts: AlertRecords) -> None:
        self._gate = gate
        self._look = look
        self._alerts = alerts

    def routes(self) -> list[BaseRoute]:
        base = "/alerts/channels"
        return [
            self._gate.get(base + "/new", self._new),
            self._gate.post(base + "/new", self._create),
            self._gate.get(base + "/{channel}", self._edit),
            self._gate.post(base + "/{channel}", self._change),
            self._gate.post(base + "/{channel}/test", self._test),
            self._gate.post(base + "/{channel}/signing-key", self._new_key),
            self._gate.get(base + "/{channel}/delete", self._confirm),
            self._gate.post(base + "/{channel}/delete", self._delete),
        ]

    def _new(self, visit: Visit) -> Response:
        kind = ChannelKind.EMAIL if self._alerts.has_mail else ChannelKind.WEBHOOK
        return self._form(visit, {"kind": kind.value}, "")

    def _create(self, visit: Visit) -> Response:
        form = visit.form
        try:
            kind = ChannelKind(form.get("kind", ""))
        except ValueError:
            return self._form(visit, form, "Choose what kind of channel it is.")
        try:
            address = form.get(f"{kind}_address", "")
            channel = self._alerts.channels.create(form.get("name", ""), kind, address, visit.now)
        except InvalidChannel as error:
            return self._form(visit, form, str(error))
        if kind is ChannelKind.WEBHOOK:
            return self._key(visit, channel, channel.signing_key)
        return RedirectResponse(f"/alerts/channels/{channel.id}?made=1", 303)

    def _edit(self, visit: Visit) -> Response:
        channel = self._asked_for(visit)
        filled = {"name": channel.name}
        if channel.kind is ChannelKind.EMAIL:
            filled["address"] = channel.address.reveal()
        return self._one(visit, channel, filled, "")

    def _change(self, visit: Visit) -> Response:
        channel = self._asked_for(visit)
        form = visit.form
        try:
            self._alerts.channels.change(channel, form.get("name", ""), form.get("address", ""))
        except InvalidChannel as error:
            return self._one(visit, channel, form, str(error))
        return RedirectResponse("/alerts?done=saved", 303)

    def _test(self, visit: Visit) -> Response:
        channel = self._asked_for(visit)
        who = visit.user.email if visit.user else ""
        message = Message(
            kind=TEST,
            sentence="A test",
            title=f"{channel.name} is told of alerts",
            path="/alerts",
            at=visit.now,
            culprit=f"sent by {who}",
        )
        delivery_id = self._alerts.deliveries.add_test(channel, message, visit.now)
        self._wait_for(delivery_id)
        return RedirectResponse(f"/alerts/channels/{channel.id}?test={delivery_id}", 303)

    def _wait_for(self, delivery_id: int) -> None:
        deadline = time.monotonic() + self._alerts.patience
        while time.monotonic() < deadline:
            found = self._alerts.deliveries.get(delivery_id)
            if found is None or found.state is not State.WAITING:
                return
            time.sleep(_PAUSE_SECONDS)

    def _new_key(self, visit: Visit) -> Response:
        channel = self._asked_for(visit)
        return self._key(visit, channel, self._alerts.channels.new_signing_key(channel.id))

    def _confirm(self, visit: Visit) -> Response:
        channel = self._asked_for(visit)
        rules = [r for r in self._alerts.rules.all() if channel.id in r.channel_ids]
        return self._look.page(visit, "alert_channel_delete.html", channel=channel, rules=rules)

    def _delete(self, visit: Visit) -> Response:
        self._alerts.channels.delete(self._asked_for(visit).id)
        return RedirectResponse("/alerts?done=channel-deleted", 303)

    def _form(self, visit: Visit, filled: Form, wrong: str) -> Response:
        response = self._look.page(
            visit,
            "alert_channel_new.html",
            status=422 if wrong else 200,
            filled=filled,
            wrong=wrong,
            has_mail=self._alerts.has_mail,
        )
        # What was typed is in it.
        response.headers["Cache-Control"] = "no-store"
        return response

    def _one(self, visit: Visit, channel: Channel, filled: Form, wrong: str) -> Response:
        response = self._look.page(
            visit,
            "alert_channel.html",
            status=422 if wrong else 200,
            channel=channel,
            kind=KINDS[channel.kind],
            filled=filled,
            wrong=wrong,
            test=self._tested(visit, channel),
            last=self._alerts.deliveries.latest_of([channel.id]).get(channel.id),
            is_made=visit.query("made") == "1",
            has_mail=self._alerts.has_mail,
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def _tested(self, visit: Visit, channel: Channel) -> Delivery | None:
        found = self._alerts.deliveries.get(number_in(visit.query("test")))
        is_its = found is not None and found.channel_id == channel.id and found.is_test
        return found if is_its else None

    def _key(self, visit: Visit, channel: Channel, key: Secret) -> Response:
        response = self._look.page(
            visit, "alert_key.html", status=201, channel=channel, key=key.reveal()
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    def _asked_for(self, visit: Visit) -> Channel:
        return self._alerts.channel(visit.path("channel"))
