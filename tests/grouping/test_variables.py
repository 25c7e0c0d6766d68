"""Variables in an SDK's own fingerprint."""

import pytest
from msgspec.structs import replace

from headwater.grouping.fingerprint import MAX_FINGERPRINT, hashes
from headwater.protocol.event import Event, Frame
from tests.grouping.builders import MISSING, error, fingerprint, minified, original, resolved

BUNDLE = "https://h/assets/index-DCrZ1V9u.js"
EVENT = replace(
    error(
        Frame(abs_path="/app/shop/cart.py", filename="shop/cart.py", module="shop.cart", function="pay"),
        type="Broke",
        value="no money",
        platform="python",
    ),
    tags=(("shop.id", "7"), ("with space", "8")),
    transaction="/pay",
    logger="shop",
    release="1.0",
    environment="production",
)  # fmt: skip


def _with(event: Event, *entries: str) -> str:
    return fingerprint(replace(event, fingerprint=entries), None)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("error.type", "Broke"),
        ("type", "Broke"),
        ("error.value", "no money"),
        ("value", "no money"),
        ("message", "no money"),
        ("level", "error"),
        ("logger", "shop"),
        ("transaction", "/pay"),
        ("release", "1.0"),
        ("environment", "production"),
        ("tags.shop.id", "7"),
        ("tags.with space", "8"),
        ("tags.none", ""),
        ("function", "pay"),
        ("stack.function", "pay"),
        ("stack.module", "shop.cart"),
        ("module", "shop.cart"),
        ("path", "shop/cart.py"),
        ("stack.abs_path", "shop/cart.py"),
        ("stack.filename", "shop/cart.py"),
        ("package", ""),
        ("no.such", "{{ no.such }}"),
    ],
)
def test_a_variable_stands_for_its_value(variable: str, value: str) -> None:
    assert _with(EVENT, f"{{{{ {variable} }}}}") == _with(EVENT, value)
    assert _with(EVENT, f"{{{{{variable}}}}}") == _with(
        EVENT, value if value != "{{ no.such }}" else "{{no.such}}"
    )


def test_a_variable_of_a_minified_frame_is_what_was_written_once_that_is_known() -> None:
    entries = ("{{ stack.function }}", "{{ stack.filename }}")
    event = replace(error(minified(BUNDLE, "t")), fingerprint=entries)
    unresolved = hashes(event, resolved(event, MISSING))
    found = hashes(event, resolved(event, original("src/a.ts", "pay")))

    assert found.final == _with(event, "pay", "src/a.ts")
    assert found.provisional == unresolved.final == _with(event, "", "assets/index")
    assert (unresolved.is_final, found.is_final) == (False, True)


def test_entries_beyond_the_limit_count_as_they_are_written() -> None:
    entries = ("{{ default }}",) * MAX_FINGERPRINT
    more = (*entries, "{{ type }}")

    assert len({_with(EVENT, *each) for each in (entries, more, (*entries, "Broke"))}) == 3
