"""What a remedy's lines are filled in with."""

import pytest

from headwater.symbolicate.near_misses import Near, NearMiss
from headwater.symbolicate.remedies.place import prefix_of


@pytest.mark.parametrize(
    ("path", "prefix", "held"),
    [
        ("https://h/assets/app.js?v=1", "~/", "assets/app.js"),
        ("app:///main.jsbundle", "~/", "main.jsbundle"),
        ("/srv/shop/dist/server.js", "~/srv/shop/dist", "server.js"),
        ("file:///srv/dist/api/server.js", "~/srv/dist", "api/server.js"),
        ("C:\\shop\\build\\server.js", "~/C:/shop/build", "server.js"),
        ("/srv/shop/server.js", "~/srv/shop", "server.js"),
        ("app.js", "~/", "app.js"),
        ("", "~/", ""),
    ],
)
def test_a_folder_is_what_a_site_serves_or_a_build_makes(path: str, prefix: str, held: str) -> None:
    assert prefix_of(path) == (prefix, held)


@pytest.mark.parametrize(
    ("uploaded", "prefix", "held"),
    [
        ("~/app.js", "~/assets", "app.js"),
        ("~/static/app.js", "~/assets", "app.js"),
        ("~/assets/assets/app.js", "~/", "assets/app.js"),
        ("~/dist/assets/app.js", "~/", "assets/app.js"),
        ("~/0f3a.js", "~/", "assets/app.js"),
    ],
)
def test_an_upload_that_missed_tells_the_folder(uploaded: str, prefix: str, held: str) -> None:
    near = (NearMiss(Near.PREFIX_DIFFERS, "", url=uploaded),)

    assert prefix_of("https://h/assets/app.js", near) == (prefix, held)
