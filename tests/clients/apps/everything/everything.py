"""A program that uses all that the Python SDK has to say, and announces the events it sent."""

import os
import threading

import sentry_sdk
from sentry_sdk.crons import capture_checkin

sentry_sdk.init(
    dsn=os.environ["SENTRY_DSN"],
    release="shop@1.4.2",
    environment="production",
    traces_sample_rate=1.0,
    send_default_pii=True,
    enable_logs=True,
    attach_stacktrace=True,
)
# What this SDK filters itself, an older one or one of another language sends.
sentry_sdk.get_client().options["event_scrubber"] = None


# Spelled backwards, so that the source beside the frames does not say them: it is never scrubbed.
CARD, TOKEN, PASSWORD = (word[::-1] for word in ("1111111111111114", "73313_kot", "2retnuh"))


def charge(cart, password):
    total = sum(cart.values())
    raise ValueError(f"no money for {total}, card {CARD}")


def pay(cart):
    try:
        charge(cart, PASSWORD)
    except ValueError as error:
        raise RuntimeError("payment failed") from error


scope = sentry_sdk.get_isolation_scope()
scope.start_session(session_mode="application")
scope.set_tag("plan", "pro")
scope.set_user({"id": "42", "email": "jane@example.com", "username": "jane"})
scope.set_context("basket", {"items": 3, "currency": "EUR"})
scope.set_extra("attempt", 7)
scope.add_attachment(bytes=b"a note", filename="note.txt")
sentry_sdk.add_breadcrumb(category="cart", message="added a lamp", level="info", data={"sku": "L-7"})
sentry_sdk.add_breadcrumb(
    category="http",
    message=f"GET https://bank.example/pay?token={TOKEN}&amount=3",
    data={"api_key": TOKEN, "status_code": 402},
)

with sentry_sdk.start_transaction(op="task", name="checkout"):
    try:
        pay({"lamp": 3})
    except RuntimeError as error:
        print("sent chained", sentry_sdk.capture_exception(error))


def in_thread():
    print("sent message", sentry_sdk.capture_message("the till is slow", level="warning"))


thread = threading.Thread(target=in_thread, name="till")
thread.start()
thread.join()

sentry_sdk.logger.warning("a log of {what}", what="structure")
capture_checkin(monitor_slug="nightly", status="ok", duration=1.5)
scope.end_session()
sentry_sdk.flush(30)
