"""Events in the shapes that each SDK writes, and what is read in them.

Written after each SDK's own serialisation, cut to what tells one from another. Python's and Node's
own are in tests/clients/test_everything.py, from the SDKs themselves.
"""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from headwater.digest.normalize import Arrival, normalize
from headwater.grouping.title import culprit, title
from headwater.protocol.event import Event
from headwater.storage.projects import Choices
from headwater.storage.queue.queue import QueuedEnvelope
from headwater.symbolicate.resolution import Resolution
from tests.event_side import envelope

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)

SHAPES: dict[str, dict[str, Any]] = {
    "sentry.javascript.browser 10.12": {
        "exception": {"values": [{
            "type": "TypeError", "value": "x is undefined",
            "mechanism": {"type": "auto.browser.global_handlers.onerror", "handled": False},
            "stacktrace": {"frames": [
                {"filename": "https://h/a.js", "function": "HTMLButtonElement.<anonymous>",
                 "in_app": True, "lineno": 1, "colno": 5},
                {"filename": "https://h/a.js", "function": "pay", "in_app": True, "lineno": 2, "colno": 9},
            ]},
        }]},
        "platform": "javascript", "level": "error", "timestamp": 1793534340.512,
        "request": {"url": "https://h/", "headers": {"User-Agent": "Mozilla/5.0"}},
    },
    "sentry.ruby 6.1": {
        "event_id": "9a00dac2cd571ff910f2694180a6fdc4", "timestamp": "2026-11-01T11:59:00Z",
        "platform": "ruby", "level": "error", "server_name": "web-1", "message": "",
        "modules": {"rails": "8.1.0"}, "fingerprint": [], "tags": {}, "extra": {},
        "exception": {"values": [
            {"type": "KeyError", "value": "key not found: :total (KeyError)", "module": "",
             "thread_id": 1200, "mechanism": {"type": "generic", "handled": True},
             "stacktrace": {"frames": [
                 {"project_root": "/srv", "abs_path": "/srv/app/models/cart.rb", "function": "Cart#pay",
                  "lineno": 12, "in_app": True, "filename": "app/models/cart.rb",
                  "pre_context": ["  def pay\n"], "context_line": "    fetch(:total)\n",
                  "post_context": ["  end\n"], "vars": {"total": "3"}},
             ]}},
        ]},
    },
    "sentry.php 4.19": {
        "timestamp": 1793534340.5, "platform": "php", "level": "error", "logger": None,
        "sdk": {"name": "sentry.php", "version": "4.19.1"}, "server_name": "web-1",
        "exception": {"values": [
            {"type": "App\\PaymentException", "value": "no money",
             "stacktrace": {"frames": [
                 {"filename": "/src/Cart.php", "abs_path": "/srv/src/Cart.php", "lineno": 31,
                  "in_app": True, "function": "App\\Cart::pay", "raw_function": "App\\Cart::pay",
                  "vars": {"cart": "Object App\\Cart"}},
             ]},
             "mechanism": {"type": "generic", "handled": False, "data": {"code": 402}}},
        ]},
    },
    "sentry.java.android 8.25": {
        "timestamp": "2026-11-01T11:59:00.512Z", "platform": "java", "level": "fatal",
        "contexts": {"device": {"model": "Pixel 9"}, "os": {"name": "Android", "version": "16"}},
        "exception": {"values": [
            {"type": "IllegalStateException", "value": "no money", "module": "java.lang", "thread_id": 2,
             "mechanism": {"type": "UncaughtExceptionHandler", "handled": False},
             "stacktrace": {"frames": [
                 {"filename": "Looper.java", "function": "loop", "module": "android.os.Looper",
                  "lineno": 317, "in_app": False, "native": False},
                 {"filename": "Cart.kt", "function": "pay", "module": "com.shop.Cart", "lineno": 31,
                  "in_app": True, "native": False},
             ]}},
        ]},
        "threads": {"values": [
            {"id": 9, "name": "RenderThread", "crashed": False, "current": False, "state": "RUNNABLE",
             "stacktrace": {"frames": [{"function": "draw", "module": "android.view.View"}]}},
            {"id": 2, "name": "main", "crashed": True, "current": True, "main": True,
             "stacktrace": {"frames": [{"function": "pay", "module": "com.shop.Cart"}]}},
        ]},
        "debug_meta": {"images": [{"type": "proguard", "uuid": "9a00dac2-cd57-1ff9-10f2-694180a6fdc4"}]},
    },
    "sentry.go 0.36": {
        "timestamp": "2026-11-01T11:59:00.512345Z", "platform": "go", "level": "error",
        "user": {}, "sdk": {"name": "sentry.go", "version": "0.36.0", "integrations": ["Environment"]},
        "exception": [
            {"type": "*errors.errorString", "value": "no money", "mechanism": {"type": "chained",
             "exception_id": 1, "parent_id": 0}},
            {"type": "*fmt.wrapError", "value": "paying: no money", "stacktrace": {"frames": [
                {"function": "main", "module": "main", "abs_path": "/srv/main.go", "lineno": 9, "in_app": True},
                {"function": "(*Cart).Pay", "module": "shop/cart", "abs_path": "/srv/cart/cart.go",
                 "lineno": 31, "pre_context": ["func"], "context_line": "\treturn err", "in_app": True},
            ]}},
        ],
    },
    "sentry.dotnet 5.15": {
        "timestamp": "2026-11-01T11:59:00.5123456+00:00", "platform": "csharp", "level": "error",
        "logentry": {"message": "Order {OrderId} failed", "params": ["7"]},
        "exception": {"values": [
            {"type": "System.InvalidOperationException", "value": "no money", "module": "Shop, Version=1.0",
             "thread_id": 1,
             "stacktrace": {"frames": [
                 {"filename": "/_/src/Cart.cs", "function": "void Cart.Pay(int total)", "lineno": 31,
                  "colno": 9, "in_app": True, "package": "Shop, Version=1.0.0.0", "abs_path": "/_/src/Cart.cs",
                  "instruction_addr": "0x1f", "addr_mode": "rel:0", "function_id": "0x6000012"},
             ]},
             "mechanism": {"type": "generic", "handled": False}},
        ]},
        "debug_meta": {"images": [{"type": "pe_dotnet", "debug_id": "9a00dac2-cd57-1ff9-10f2-694180a6fdc4-f2"}]},
    },
    "sentry.rust 0.45": {
        "timestamp": 1793534340.5, "platform": "native", "level": "fatal",
        "exception": {"values": [
            {"type": "panic", "value": "no money", "mechanism": {"type": "panic", "handled": False},
             "stacktrace": {"frames": [
                 {"function": "main", "symbol": "main", "package": "/srv/shop", "instruction_addr": "0x55d0",
                  "in_app": False},
                 {"function": "shop::cart::pay", "symbol": "_ZN4shop4cart3pay17h0123456789abcdefE",
                  "abs_path": "/srv/src/cart.rs", "filename": "cart.rs", "lineno": 31, "in_app": True,
                  "instruction_addr": "0x55d1"},
             ]}},
        ]},
        "debug_meta": {"images": [{"type": "symbolic", "name": "/srv/shop", "image_addr": "0x5500",
                                   "id": "9a00dac2-cd57-1ff9-10f2-694180a6fdc4"}]},
    },
    "sentry-elixir 11.0": {
        "timestamp": "2026-11-01T11:59:00", "platform": "elixir", "level": "error", "message": None,
        "breadcrumbs": [], "modules": {"phoenix": "1.8.0"}, "threads": None,
        "exception": [
            {"type": "RuntimeError", "value": "** (RuntimeError) no money", "module": None,
             "mechanism": {"type": "generic", "handled": True},
             "stacktrace": {"frames": [
                 {"filename": "lib/shop/cart.ex", "function": "Shop.Cart.pay/1", "module": "Elixir.Shop.Cart",
                  "lineno": 31, "in_app": True, "context_line": None, "pre_context": [], "vars": {}},
             ]}},
        ],
    },
    "sentry.dart.flutter 9.8": {
        "timestamp": "2026-11-01T11:59:00.512Z", "platform": "other", "level": "fatal",
        "exception": {"values": [
            {"type": "StateError", "value": "Bad state: no money", "thread_id": 0,
             "mechanism": {"type": "FlutterError", "handled": False},
             "stacktrace": {"frames": [
                 {"function": "_runApp", "filename": "binding.dart", "abs_path": "package:flutter/src/binding.dart",
                  "package": "flutter", "lineno": 9, "colno": 3, "in_app": False},
                 {"function": "Cart.pay", "filename": "cart.dart", "abs_path": "package:shop/cart.dart",
                  "package": "shop", "lineno": 31, "colno": 5, "in_app": True, "platform": "dart"},
             ]}},
        ]},
        "threads": {"values": [{"id": 0, "name": "main", "current": True, "crashed": True}]},
    },
    "sentry.cocoa 8.56": {
        "timestamp": "2026-11-01T11:59:00.512Z", "platform": "cocoa", "level": "fatal",
        "exception": {"values": [
            {"type": "EXC_BAD_ACCESS", "value": "no money", "thread_id": 3,
             "mechanism": {"type": "mach", "handled": False, "meta": {"signal": {"number": 11}}}},
        ]},
        "threads": {"values": [
            {"id": 0, "crashed": False, "current": False, "stacktrace": {"frames": [
                {"instruction_addr": "0x1a", "function": "start", "package": "/usr/lib/dyld"}]}},
            {"id": 3, "name": "till", "crashed": True, "current": True, "stacktrace": {
                "registers": {"pc": "0x2c"},
                "frames": [
                    {"instruction_addr": "0x2b", "function": "thread_start", "package": "/usr/lib/libpthread.dylib",
                     "in_app": False},
                    {"instruction_addr": "0x2c", "symbol": "$s4Shop4CartC3payyyF", "package": "/var/Shop.app/Shop",
                     "image_addr": "0x1", "in_app": True},
                ]}},
        ]},
        "debug_meta": {"images": [{"type": "macho", "debug_id": "9A00DAC2-CD57-1FF9-10F2-694180A6FDC4",
                                   "image_addr": "0x1", "code_file": "/var/Shop.app/Shop"}]},
    },
    "sentry.native 0.11": {
        "timestamp": "2026-11-01T11:59:00Z", "platform": "native", "level": "fatal",
        "exception": {"values": [
            {"type": "SIGSEGV", "value": "Segfault", "mechanism": {"type": "signalhandler", "handled": False},
             "stacktrace": {"frames": [{"instruction_addr": "0x55d0", "package": "/opt/shop/till"}],
                            "registers": {"rip": "0x55d0"}}},
        ]},
    },
    "raven 6.10": {
        "message": "no money", "timestamp": "2026-11-01T11:59:00", "platform": "python",
        "culprit": "shop.cart in pay", "logger": "root", "level": 40,
        "sentry.interfaces.Message": {"message": "no %s", "params": ["money"]},
        "sentry.interfaces.Exception": [{"type": "ValueError", "value": "no money", "module": "exceptions"}],
        "sentry.interfaces.Stacktrace": {"frames": [
            {"filename": "shop/cart.py", "abs_path": "/srv/shop/cart.py", "module": "shop.cart",
             "function": "pay", "lineno": 31, "vars": {"total": 3}}]},
        "tags": [["plan", "pro"]],
    },
}  # fmt: skip

READ = {
    "sentry.javascript.browser 10.12": ("TypeError: x is undefined", "pay · https://h/a.js:2:9"),
    "sentry.ruby 6.1": (
        "KeyError: key not found: :total (KeyError)",
        "Cart#pay · app/models/cart.rb:12",
    ),
    "sentry.php 4.19": (
        "App\\PaymentException: no money",
        "App\\Cart::pay · /src/Cart.php:31",
    ),
    "sentry.java.android 8.25": ("IllegalStateException: no money", "pay · Cart.kt:31"),
    "sentry.go 0.36": ("*fmt.wrapError: paying: no money", "(*Cart).Pay · /srv/cart/cart.go:31"),
    "sentry.dotnet 5.15": (
        "System.InvalidOperationException: no money",
        "void Cart.Pay(int total) · /_/src/Cart.cs:31:9",
    ),
    "sentry.rust 0.45": ("panic: no money", "shop::cart::pay · cart.rs:31"),
    "sentry-elixir 11.0": (
        "RuntimeError: ** (RuntimeError) no money",
        "Shop.Cart.pay/1 · lib/shop/cart.ex:31",
    ),
    "sentry.dart.flutter 9.8": ("StateError: Bad state: no money", "Cart.pay · cart.dart:31:5"),
    "sentry.cocoa 8.56": (
        "EXC_BAD_ACCESS: no money",
        "$s4Shop4CartC3payyyF · /var/Shop.app/Shop",
    ),
    "sentry.native 0.11": ("SIGSEGV: Segfault", "/opt/shop/till"),
    "raven 6.10": ("ValueError: no money", "pay · shop/cart.py:31"),
}


def _arrival(raw: dict[str, Any]) -> Arrival:
    (found,) = normalize(QueuedEnvelope(1, 1, NOON, envelope(raw), 1), Choices())
    assert isinstance(found, Arrival)
    return found


def _event(name: str) -> Event:
    return _arrival(SHAPES[name]).event


@pytest.mark.parametrize("name", SHAPES)
def test_what_was_thrown_and_where_is_read_in_every_shape(name: str) -> None:
    event = _event(name)

    assert (title(event, Resolution(1)), culprit(event, Resolution(1))) == READ[name]
    assert event.platform == SHAPES[name]["platform"]
    assert (NOON - event.timestamp).total_seconds() <= 60


@pytest.mark.parametrize("name", [name for name in SHAPES if name != "raven 6.10"])
def test_nothing_of_todays_shapes_is_altered(name: str) -> None:
    payload = json.dumps(SHAPES[name]).encode()

    assert _arrival(SHAPES[name]).payload == payload


def test_the_thread_that_crashed_comes_first_and_is_named() -> None:
    event = _event("sentry.java.android 8.25")

    assert [thread.thread for thread in event.threads] == ["main, crashed", "RenderThread"]


def test_a_crash_without_a_stack_trace_has_its_threads() -> None:
    event = _event("sentry.cocoa 8.56")

    (crash,) = event.exceptions
    assert crash.stacktrace is not None
    assert crash.stacktrace.path == ("threads", "values", 1, "stacktrace")
    assert [thread.thread for thread in event.threads] == ["0"]
    assert len(event.stacktraces) == 2


def test_threads_of_exceptions_with_stack_traces_of_their_own_stay_threads() -> None:
    event = _event("sentry.java.android 8.25")

    assert event.exceptions[0].stacktrace is not None
    assert event.exceptions[0].stacktrace.path[0] == "exception"
    assert len(event.threads) == 2


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"message": "Order {OrderId} failed", "params": ["7"]}, "Order 7 failed"),
        ({"message": "Order %s of %s", "params": ["7", 9]}, "Order 7 of 9"),
        ({"message": "Order %(id)d at 100%%", "params": {"id": 7}}, "Order 7 at 100%"),
        ({"message": "Order {1} of {0}", "params": ["a", "b"]}, "Order b of a"),
        ({"message": "Order {} and {}", "params": ["7"]}, "Order 7 and {}"),
        ({"message": "Order %s", "params": None}, "Order %s"),
        ({"message": "Order {9}", "params": ["a"]}, "Order {9}"),
        ({"message": "Order %s", "params": [{"a": 1}]}, "Order %s"),
        ({"message": "Order %s", "params": ["7"], "formatted": "Order No. 7"}, "Order No. 7"),
    ],
)
def test_parameters_are_filled_in_and_the_template_is_kept(
    entry: dict[str, Any], message: str
) -> None:
    event = _arrival({"logentry": entry}).event

    assert event.message == message
    assert event.template == (entry["message"] if entry["message"] != message else None)


@pytest.mark.parametrize("template", ["%" * 100_000, "{" * 100_000, "%(" * 50_000, "%s" * 50_000])
def test_hostile_templates_are_filled_in_within_bounds(template: str) -> None:
    message = _arrival(
        {"logentry": {"message": template, "params": ["x" * 9000] * 500}}
    ).event.message

    assert message is not None
    assert len(message) < 1_000_000


def test_a_browsers_report_of_a_broken_policy_has_a_title() -> None:
    report = {"effective_directive": "script-src", "blocked_uri": "https://evil.example/x.js?a"}

    event = _arrival({"csp": report, "platform": "javascript"}).event

    assert event.message == "Blocked 'script-src' from 'evil.example'"


@pytest.mark.parametrize(
    ("level", "read"),
    [("FATAL", "fatal"), ("Critical", "fatal"), ("warn", "warning"), ("trace", "debug"), (40, "error")],
)  # fmt: skip
def test_levels_of_every_language(level: Any, read: str) -> None:
    assert _arrival({"level": level}).event.level == read
