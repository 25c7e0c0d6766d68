"""Whose code a frame is, where its SDK does not say."""

import pytest

from headwater.grouping.frames import components
from headwater.protocol.event import Frame


@pytest.mark.parametrize(
    ("platform", "frame"),
    [
        ("python", Frame(abs_path="/usr/lib/python3.11/site-packages/x/y.py", function="f")),
        ("python", Frame(abs_path="/opt/python/lib/python3.12/json/decoder.py", function="f")),
        ("python", Frame(module="django.core.handlers", function="f")),
        ("java", Frame(module="java.util.ArrayList", function="get")),
        ("java", Frame(module="org.springframework.web.Servlet", function="doGet")),
        ("java", Frame(module="kotlinx.coroutines.Dispatcher", function="run")),
        ("ruby", Frame(abs_path="/usr/local/bundle/gems/rails-7/x.rb", function="f")),
        ("php", Frame(abs_path="/var/www/html/vendor/laravel/x.php", function="f")),
        ("php", Frame(abs_path="[internal]", function="array_map")),
        ("go", Frame(module="net/http", function="serve")),
        ("go", Frame(module="x", abs_path="/root/go/pkg/mod/x@v1/x.go", function="f")),
        ("csharp", Frame(module="System.Threading.Tasks.Task", function="Run")),
        ("rust", Frame(function="core::panicking::panic")),
        ("rust", Frame(function="rust_begin_unwind")),
        ("elixir", Frame(module="Elixir.Plug.Router", function="call/2")),
        ("elixir", Frame(module="gen_server", function="loop/1")),
        ("dart", Frame(abs_path="package:flutter/src/widgets.dart", function="f")),
        ("native", Frame(abs_path="/usr/lib/libc.so.6", function="abort")),
        ("javascript", Frame(abs_path="app:///node_modules/react/index.js", in_app=True)),
        ("node", Frame(abs_path="node:internal/timers", in_app=True)),
        ("javascript", Frame(abs_path="https://unpkg.com/x.js")),
        ("javascript", Frame(abs_path="chrome-extension://abc/x.js")),
    ],
)
def test_libraries_and_runtimes_are_foreign(platform: str, frame: Frame) -> None:
    assert not components(platform, [frame])[0].is_in_app


@pytest.mark.parametrize(
    ("platform", "frame"),
    [
        ("python", Frame(abs_path="/app/shop/cart.py", module="shop.cart", function="pay")),
        ("java", Frame(module="com.acme.shop.Cart", function="pay")),
        ("go", Frame(module="main", function="main")),
        ("go", Frame(module="github.com/acme/shop", function="Pay")),
        ("csharp", Frame(module="Shop.Cart", function="Pay")),
        ("rust", Frame(function="shop::pay")),
        ("elixir", Frame(module="Elixir.Shop.Cart", function="pay/2")),
        ("javascript", Frame(abs_path="https://h/assets/index.js", function="t")),
        ("php", Frame(abs_path="/app/vendor/x.php", function="f", in_app=True)),
        ("java", Frame(module="org.apache.shop.Cart", function="pay", in_app=True)),
    ],
)
def test_the_rest_is_the_user_s_own_and_what_the_sdk_says_holds(
    platform: str, frame: Frame
) -> None:
    assert components(platform, [frame])[0].is_in_app
