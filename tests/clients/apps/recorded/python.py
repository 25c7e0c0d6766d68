"""Fails in the ways that the Python SDK and its integrations know."""

import asyncio
import logging
import os
import subprocess
import sys
import threading

import httpx
import sentry_sdk
from sentry_sdk.crons import capture_checkin
from sentry_sdk.integrations.starlette import StarletteIntegration
from sqlalchemy import create_engine, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

sentry_sdk.init(
    dsn=os.environ["SENTRY_DSN"],
    release="shop@1.4.2",
    environment="production",
    server_name="till-3",
    traces_sample_rate=1.0,
    enable_logs=True,
    send_default_pii=True,
    attach_stacktrace=True,
    max_request_body_size="always",
    integrations=[StarletteIntegration()],
    before_send=lambda event, _hint: {name: event[name] for name in event if name != "modules"},
)
# What the SDK would filter itself, an older one, or one of another language, sends.
sentry_sdk.get_client().options["event_scrubber"] = None


def charge(cart, password="hunter2"):
    total = sum(cart.values())
    raise ValueError(f"no money for {total}")


def pay(cart):
    try:
        charge(cart)
    except ValueError as error:
        raise RuntimeError("payment failed") from error


async def fail(request: Request):
    pay({"lamp": len(await request.body())})


async def ask_web():
    app = Starlette(routes=[Route("/pay/{cart}", fail, methods=["POST"])])
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://shop.example") as client:
        headers = {"Authorization": "Bearer abc", "Cookie": "session=xyz; theme=dark"}
        await client.post("/pay/7?token=tok_1", json={"card": "4111", "pin": 1}, headers=headers)


async def ask_group():
    async def task(number):
        raise KeyError(number)

    async with asyncio.TaskGroup() as group:
        for number in range(3):
            group.create_task(task(number))


def recurse(depth):
    return recurse(depth + 1)


def report(call, *given):
    try:
        call(*given)
    except BaseException as error:
        sentry_sdk.capture_exception(error)


scope = sentry_sdk.get_isolation_scope()
scope.start_session(session_mode="application")
scope.set_tag("plan", "pro")
scope.set_user({"id": "42", "email": "jane@example.com", "ip_address": "203.0.113.7"})
scope.set_context("basket", {"items": 3, "currency": "EUR", "deep": {"er": [1, [2, [3]]]}})
scope.set_extra("attempt", 7)
sentry_sdk.add_breadcrumb(category="cart", message="added", data={"sku": "L-7", "api_key": "k"})
with create_engine("sqlite://").connect() as connection:
    connection.execute(text("SELECT 1"))
subprocess.run([sys.executable, "-c", ""], check=True)
logging.getLogger("shop").warning("the till is slow")

report(pay, {"lamp": 3, "rug": 4})
report(lambda: asyncio.run(ask_group()))
asyncio.run(ask_web())
report(recurse, 0)
report(eval, "1 +")
logging.getLogger("shop.till").error("no %s for %d", "money", 7, extra={"secret": "s"})
thread = threading.Thread(target=charge, args=({"lamp": 1},), name="till")
thread.start()
thread.join()
with sentry_sdk.start_transaction(op="task", name="checkout"), sentry_sdk.start_span(op="db"):
    sentry_sdk.capture_message("in a transaction", level="warning")
with sentry_sdk.new_scope() as inner:
    inner.fingerprint = ["{{ default }}", "till"]
    inner.add_attachment(bytes=b"a note", filename="note.txt")
    report(charge, {"lamp": 1})
sentry_sdk.logger.warning("a log of {what}", what="structure")
capture_checkin(monitor_slug="nightly", status="ok", duration=1.5)
scope.end_session()
sentry_sdk.flush(30)
