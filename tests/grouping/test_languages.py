"""The same error seen twice, in every language that has an SDK: one issue each."""

import pytest

from headwater.protocol.event import Event, Frame
from tests.grouping.builders import error, fingerprint


def _event(platform: str, *frames: Frame, type_: str = "Error") -> Event:
    return error(*frames, platform=platform, type=type_)


PAIRS = {
    "python, another host and Python": (
        _event("python", Frame(abs_path="/usr/lib/python3.11/site-packages/shop/cart.py", filename="shop/cart.py", module="shop.cart", function="pay", lineno=4, in_app=True)),
        _event("python", Frame(abs_path="/opt/v/lib/python3.12/site-packages/shop/cart.py", filename="shop/cart.py", module="shop.cart", function="pay", lineno=7, in_app=True)),
    ),
    "a python script": (
        _event("python", Frame(abs_path="/app/manage.py", filename="manage.py", module="__main__", function="<module>", context_line="main()", lineno=4)),
        _event("python", Frame(abs_path="/srv/x/manage.py", filename="manage.py", module="__main__", function="<module>", context_line="  main()", lineno=5)),
    ),
    "java, generated classes": (
        _event("java", Frame(module="com.acme.Cart$$EnhancerBySpringCGLIB$$a1b2c3d4", function="pay"), Frame(module="com.acme.Cart", function="lambda$pay$3", filename="Cart.java", lineno=3)),
        _event("java", Frame(module="com.acme.Cart$$EnhancerBySpringCGLIB$$99ffee00", function="pay"), Frame(module="com.acme.Cart", function="lambda$pay$4", filename="Cart.java", lineno=9)),
    ),
    "kotlin": (
        _event("java", Frame(module="com.acme.MainKt$main$1", function="invokeSuspend"), Frame(module="java.lang.Thread", function="run")),
        _event("java", Frame(module="com.acme.MainKt$main$2", function="invokeSuspend"), Frame(module="kotlinx.coroutines.X", function="run")),
    ),
    "ruby 3.3 and 3.4": (
        _event("ruby", Frame(filename="app/models/cart.rb", function="block in pay", lineno=3, in_app=True)),
        _event("ruby", Frame(filename="app/models/cart.rb", function="block (2 levels) in Cart#pay", lineno=4, in_app=True)),
    ),
    "rails, a template": (
        _event("ruby", Frame(filename="app/views/users/show.html.erb", function="_app_views_users_show_html_erb___1234567890123_45678")),
        _event("ruby", Frame(filename="app/views/users/show.html.erb", function="_app_views_users_show_html_erb__998877665544332_1240")),
    ),
    "php, two deployments": (
        _event("php", Frame(filename="/srv/shop/releases/20261101/src/Cart.php", function="App\\Cart::{closure:App\\Cart::pay():12}")),
        _event("php", Frame(filename="/srv/shop/releases/20261102/src/Cart.php", function="App\\Cart::{closure:App\\Cart::pay():14}")),
    ),
    "go, closures and versions": (
        _event("go", Frame(module="github.com/acme/shop/v2@v2.0.1/cart", function="(*Cart).Pay.func1", abs_path="/go/pkg/mod/x/cart.go", in_app=True)),
        _event("go", Frame(module="github.com/acme/shop/v2@v2.1.0/cart", function="(*Cart).Pay.func2", abs_path="/build/x/cart.go", in_app=True)),
    ),
    "c#, async and lambdas": (
        _event("csharp", Frame(module="Shop.Cart+<>c__DisplayClass4_0", function="<Pay>b__0(Int32 n)"), Frame(module="Shop.Cart+<PayAsync>d__5", function="MoveNext")),
        _event("csharp", Frame(module="Shop.Cart+<>c__DisplayClass5_0", function="<Pay>b__1(Int32 n)"), Frame(module="Shop.Cart+<PayAsync>d__7", function="MoveNext")),
    ),
    "rust, two builds": (
        _event("rust", Frame(function="core::panicking::panic::h1111111111111111"), Frame(function="shop::pay::{{closure}}::h0123456789abcdef", abs_path="/build/a/src/main.rs")),
        _event("rust", Frame(function="core::panicking::panic::h2222222222222222"), Frame(function="shop::pay::h89abcdef01234567", abs_path="C:\\b\\src\\main.rs")),
    ),
    "c++, instances of a template": (
        _event("native", Frame(function="void shop::pay<int>(int)", abs_path="/b1/cart.cpp")),
        _event("native", Frame(function="void shop::pay<long>(long) [clone .cold]", abs_path="/b2/cart.cpp")),
    ),
    "swift, two closures": (
        _event("cocoa", Frame(function="closure #1 () -> () in Cart.pay(_:)", abs_path="/x/Shop")),
        _event("cocoa", Frame(function="closure #2 () -> () in Cart.pay(_:)", abs_path="/y/Shop")),
    ),
    "elixir, anonymous functions": (
        _event("elixir", Frame(module="Elixir.Shop.Cart", function="-pay/2-fun-0-/1", filename="lib/shop/cart.ex", in_app=True)),
        _event("elixir", Frame(module="Elixir.Shop.Cart", function="-pay/2-fun-1-/1", filename="lib/shop/cart.ex", in_app=True)),
    ),
    "dart, private names": (
        _event("dart", Frame(abs_path="package:shop/cart.dart", function="_CartState@17.build.<anonymous closure>")),
        _event("dart", Frame(abs_path="package:shop/cart.dart", function="_CartState@23.build.<fn>")),
    ),
    "node, unbundled, two hosts": (
        _event("node", Frame(abs_path="/app/src/cart.js", function="Cart.pay", lineno=3, colno=7)),
        _event("node", Frame(abs_path="file:///usr/src/app/src/cart.js", function="async Cart.pay", lineno=5, colno=1)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_one_error_seen_twice_is_one_issue(name: str) -> None:
    one, other = PAIRS[name]

    assert fingerprint(one, None) == fingerprint(other, None)


def test_all_of_them_are_different_issues() -> None:
    assert len({fingerprint(one, None) for one, _ in PAIRS.values()}) == len(PAIRS)
