"""Errors of several platforms, as their SDKs send them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.browser.demo import demo_event
from tests.digest.test_sdk_shapes import SHAPES

SHOP = "shop@1.4.2"

Event = dict[str, Any]


def ago(event: Event, hours: float) -> Event:
    """The event as if it had happened some hours ago."""
    moment = datetime.now(UTC) - timedelta(hours=hours)
    return event | {"timestamp": moment.timestamp()}


def of_page() -> Event:
    """A page that nobody uploaded maps for, with everything that a browser SDK adds."""
    frames = [
        {"function": "HTMLButtonElement.onclick", "lineno": 1, "colno": 90211},
        {"function": "t.submit", "lineno": 1, "colno": 48213},
        {"function": "Object.charge", "lineno": 2, "colno": 31},
    ]
    return {
        "platform": "javascript",
        "level": "error",
        "release": SHOP,
        "dist": "web",
        "environment": "production",
        "transaction": "/checkout/:step",
        "logger": "shop.checkout",
        "exception": {
            "values": [
                {
                    "type": "RangeError",
                    "value": "The basket of 3 articles has a total below zero: -4.20 EUR",
                    "mechanism": {"type": "onerror", "handled": False},
                    "stacktrace": {
                        "frames": [
                            {**frame, "filename": "https://shop.example.com/assets/index-BmX2k.js"}
                            for frame in frames
                        ]
                    },
                }
            ]
        },
        "breadcrumbs": [
            {
                "category": "navigation",
                "type": "navigation",
                "data": {"from": "/basket", "to": "/checkout/pay"},
                "timestamp": datetime.now(UTC).timestamp() - 42,
            },
            {
                "category": "fetch",
                "type": "http",
                "data": {"method": "POST", "url": "/api/basket/total", "status_code": 500},
                "level": "error",
                "timestamp": datetime.now(UTC).timestamp() - 3,
            },
            {
                "category": "console",
                "level": "warning",
                "message": "the till is slow",
                "timestamp": datetime.now(UTC).timestamp() - 2,
            },
            {
                "category": "ui.click",
                "message": "body > main > form.checkout > button.pay[type=submit]",
                "timestamp": datetime.now(UTC).timestamp() - 1,
            },
        ],
        "tags": {"plan": "pro", "checkout.step": "pay", "feature.new-till": "on"},
        "user": {"id": "1042", "email": "jane@example.com", "username": "jane"},
        "request": {
            "url": "https://shop.example.com/checkout/pay?step=2",
            "method": "POST",
            "headers": {
                "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Referer": "https://shop.example.com/basket",
            },
            "data": {"articles": [{"sku": "L-7", "count": 3}]},
        },
        "contexts": {"basket": {"articles": 3, "currency": "EUR"}, "state": {"type": "redux"}},
        "extra": {"total": -4.2, "applied": ["AUTUMN", "WELCOME"]},
        "sdk": {"name": "sentry.javascript.react", "version": "11.12.0"},
    }


def of_server() -> Event:
    """A Python server's, with its source lines and its variables."""
    return {
        "platform": "python",
        "level": "error",
        "release": "billing@3.1.0",
        "environment": "production",
        "server_name": "billing-2",
        "transaction": "billing.views.pay",
        "exception": {
            "values": [
                {"type": "KeyError", "value": "'iban'"},
                {
                    "type": "PaymentRefused",
                    "value": "no account for customer 1042",
                    "module": "billing.errors",
                    "mechanism": {"type": "django", "handled": False},
                    "stacktrace": {
                        "frames": [
                            {
                                "filename": "django/core/handlers/base.py",
                                "function": "_get_response",
                                "lineno": 197,
                                "in_app": False,
                                "context_line": "    response = wrapped_callback(request)",
                            },
                            {
                                "filename": "billing/views.py",
                                "abs_path": "/srv/billing/views.py",
                                "function": "pay",
                                "module": "billing.views",
                                "lineno": 84,
                                "in_app": True,
                                "pre_context": [
                                    "def pay(request):",
                                    "    customer = load(request)",
                                ],
                                "context_line": "    account = customer.accounts[kind]",
                                "post_context": ["    return charge(account, request.POST)"],
                                "vars": {"kind": "'iban'", "customer": "<Customer 1042>"},
                            },
                        ]
                    },
                },
            ]
        },
        "tags": {"runtime": "CPython 3.12.4", "customer": "enterprise"},
        "user": {"id": "7", "ip_address": "203.0.113.7"},
        "sdk": {"name": "sentry.python.django", "version": "2.42.0"},
    }


def of_message() -> Event:
    """What somebody logged, without a stack."""
    return {
        "platform": "node",
        "level": "warning",
        "message": "The queue of mails has 1,204 entries, more than the 1,000 that are usual",
        "logger": "mailer",
        "environment": "staging",
        "release": SHOP,
    }


def all_of_them() -> list[Event]:
    """One error of each platform, all of them now."""
    shapes = [shape | {"timestamp": 0, "level": "error"} for shape in SHAPES.values()]
    return [
        ago(event, 0.1) for event in (*shapes, of_message(), of_server(), of_page(), demo_event())
    ]
