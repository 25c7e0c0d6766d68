"""A project in which everything that somebody else may write is an attack."""

import json
from typing import Any
from urllib.parse import quote

import httpx

from headwater.cli.client import Client
from tests.browser.ada import Ada
from tests.browser.errors import Event
from tests.upload_side import bundle_of, manifest_of

ATTACKS = (
    "<script>window.hacked = 1</script>",
    "\"'><img src=x onerror='window.hacked = 1'>",
    "</pre></code></details></title></textarea><svg onload='window.hacked = 1'>",
    "javascript:window.hacked=1",
    "<iframe srcdoc='<script>parent.hacked=1</script>'>",
)

DEBUG_ID = "8c0b638c-7772-4580-a988-{:012x}"


def hostile_event(text: str, debug_id: str = "") -> Event:
    """Every field that SDKs know. With a debug id, the first frame is one of `hostile_bundle`."""
    frame: dict[str, Any] = dict.fromkeys(
        ("filename", "abs_path", "function", "raw_function", "module", "package", "context_line"),
        text,
    ) | {
        "lineno": 1,
        "colno": 1,
        "in_app": True,
        "pre_context": [text],
        "post_context": [text],
        "vars": {text: text, "list": [text, {text: text}]},
    }
    code_file = script_of(text) if debug_id else text
    thrown = {"filename": code_file, "abs_path": code_file, "lineno": 1, "colno": 1, "in_app": True}
    image = {"type": "sourcemap", "code_file": code_file, "debug_id": debug_id or text}
    return {
        "platform": "javascript",
        "exception": {
            "values": [
                {
                    "type": text,
                    "value": text,
                    "module": text,
                    "mechanism": {"type": text, "description": text, "data": {text: text}},
                    "stacktrace": {
                        "frames": [
                            frame,
                            frame | {"in_app": False},
                            *([thrown] if debug_id else []),
                        ]
                    },
                }
            ]
        },
        "message": text,
        "logentry": {"message": text, "params": [text]},
        "level": text,
        "logger": text,
        "release": text[:200],
        "dist": text[:60],
        "environment": text[:60],
        "server_name": text,
        "transaction": text,
        "fingerprint": [text, "{{ default }}"],
        "breadcrumbs": [
            {"category": text, "message": text, "level": text, "type": text, "data": {text: text}},
            {"category": "fetch", "type": "http", "data": {"url": text, "method": text}},
        ],
        "tags": {text: text, "url": text, text[:30]: text},
        "request": {
            "url": text,
            "method": text,
            "query_string": text,
            "cookies": {text: text},
            "headers": {text: text, "User-Agent": text, "Referer": text},
            "env": {text: text},
            "data": {text: [text]},
        },
        "user": {
            "id": text,
            "email": text,
            "username": text,
            "ip_address": text,
            "geo": {"city": text},
            text: text,
        },
        "contexts": {
            text: {text: text},
            "browser": {"name": text, "version": text},
            "device": {"model": text},
        },
        "extra": {text: [text]},
        "modules": {text: text},
        "sdk": {
            "name": text,
            "version": text,
            "packages": [{"name": text, "version": text}],
            "integrations": [text],
        },
        "threads": {"values": [{"id": text, "name": text}]},
        "debug_meta": {"images": [image]},
    }


def script_of(text: str) -> str:
    """Where the deployed file is that `hostile_bundle` has."""
    return f"https://shop.example.com/assets/{text}.js"


def release_of(text: str) -> str:
    """A release's name may have no slashes."""
    return text.replace("/", "|")


def hostile_bundle(text: str, debug_id: str) -> bytes:
    """A minified file and its map, with the text wherever a bundler writes one."""
    source_map = {
        "version": 3,
        "file": text,
        "sourceRoot": text,
        "sources": [f"{text}.ts"],
        "sourcesContent": [f"function {text}() {{ throw {text} }}\n{text}"],
        "names": [text],
        "mappings": "AAAAA",
    }
    script = f"boom()\n//# debugId={debug_id}\n//# sourceMappingURL={text}.js.map\n"
    headers = {"debug-id": debug_id, "sourcemap": f"{text}.js.map"}
    url = f"~/assets/{text}.js"
    entries: dict[str, dict[str, object]] = {
        "files/_/_/app.js": {"type": "minified_source", "url": url, "headers": headers},
        "files/_/_/app.js.map": {"type": "source_map", "url": f"{url}.map", "headers": headers},
        # Nothing is found for this one, so that it is complained about by its name.
        "files/_/_/alone.js": {"type": "minified_source", "url": f"~/alone/{text}.js"},
    }
    files = {
        "files/_/_/app.js": script.encode(),
        "files/_/_/app.js.map": json.dumps(source_map).encode(),
        "files/_/_/alone.js": b"boom()",
    }
    named = {"release": release_of(text), "org": text, "project": text}
    return bundle_of(files, manifest_of(entries, **named))


def attacked(ada: Ada, text: str, number: int) -> dict[str, str]:
    """Everything that people, builds and SDKs may name, named so; where it is to be seen."""
    debug_id = DEBUG_ID.format(number)
    slug, dsn = ada.project(f"{text} {number}", "javascript")
    secret = ada.token(slug, text)
    Client(ada.server.origin, secret).upload(hostile_bundle(text, debug_id), slug)
    (event,) = ada.tell(dsn, hostile_event(text, debug_id))
    issue = ada.issue_of(event)
    names = {"project": slug, "event": event, "issue": issue, "version": release_of(text)}
    _said_about(ada, text, names, dsn)
    names |= _told_of(ada, text, slug)
    names["key"] = ada.second_key(slug)
    names["bundle"] = ada.numbers(f"/projects/{slug}/bundles", "/bundles/")[0]
    names["token"] = ada.numbers("/settings/tokens", "/settings/tokens/")[0]
    bundle = f"/bundles/{names['bundle']}"
    names["file"] = ada.numbers(bundle, f"{bundle}/maps/")[0]
    return names | {"source": "0", "letter": ada.bury(text)}


def _said_about(ada: Ada, text: str, names: dict[str, str], dsn: str) -> None:
    ada.post(f"/issues/{names['issue']}/comments", {"text": text, "back": text})
    ada.post("/searches", {"name": text, "q": f'"{text}"'.replace('"', ""), "back": text})
    said = {"event_id": names["event"], "name": text, "email": text, "comments": text}
    httpx.post(
        f"{ada.server.origin}/api/0/projects/any/{names['project']}/user-feedback/",
        json=said,
        headers={"Authorization": f"DSN {dsn}"},
    )
    # Refused, and listed with what the client said of itself.
    httpx.get(
        f"{ada.server.origin}/api/0/organizations/any/chunk-upload/",
        headers={"Authorization": f"Bearer {text}", "User-Agent": text},
    )
    # Most of it is no address; whatever is taken for one is listed.
    ada.ask("POST", "/settings/invitations", data={"email": f"{text}@x.org", "role": "member"})
    ada.ask("POST", "/settings/invitations", data={"email": text, "role": "member"})


def _told_of(ada: Ada, text: str, slug: str) -> dict[str, str]:
    channel_form = {"kind": "webhook", "name": text}
    ada.ask("POST", "/alerts/channels/new", data={**channel_form, "webhook_address": text})
    address = f"https://hooks.invalid/{quote(text)}"
    ada.post("/alerts/channels/new", {**channel_form, "webhook_address": address})
    channel = ada.numbers("/alerts", "/alerts/channels/")[-1]
    rule = {"kind": "new", "is_on": "on", f"channel-{channel}": "on"}
    ada.post(f"/projects/{slug}/alerts/rules/new", {**rule, "name": text, "environment": text[:60]})
    return {
        "channel": channel,
        "rule": ada.numbers(f"/projects/{slug}/alerts", f"/projects/{slug}/alerts/rules/")[0],
    }
