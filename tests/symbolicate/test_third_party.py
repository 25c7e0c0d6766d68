"""Whose script it is that carries no debug id."""

import pytest

from headwater.protocol.debug_id import DebugId
from headwater.protocol.event import DebugImage
from headwater.symbolicate.third_party import other_site
from tests.symbolicate.world import ID


@pytest.mark.parametrize(
    ("path", "own", "host"),
    [
        ("https://widgets.chat.example/w.js", "https://shop.example/a.js", "widgets.chat.example"),
        ("https://www.shop.example/old.js", "https://cdn.shop.example/a.js", None),
        ("https://www.abc.io/old.js", "https://cdn.abc.io/a.js", None),
        ("https://www.dm.de/old.js", "https://static.dm.de/a.js", None),
        ("https://chat.co.uk/w.js?v=1", "https://shop.co.uk/a.js", "chat.co.uk"),
        ("https://shop.example/checkout", "https://shop-cdn.example.net/a.js", None),
        ("https://shop.example/", "https://shop-cdn.example.net/a.js", None),
    ],
)
def test_a_site_is_told_by_its_name_and_a_page_is_nobody_elses(
    path: str, own: str, host: str | None
) -> None:
    assert other_site(path, [DebugImage(own, DebugId(ID))]) == host
