"""What is told of uploads beside the one that was asked for, and what isn't, as it is not certain."""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from headwater.protocol.debug_id import DebugId
from headwater.protocol.file_names import stem_of
from headwater.symbolicate.addresses import addresses_of
from headwater.symbolicate.near_misses import Near, NearMisses
from headwater.symbolicate.surroundings import Alike, NoSurroundings
from tests.symbolicate.world import ID, NOON, OTHER_ID

OURS, OTHER = DebugId(ID), DebugId(OTHER_ID)
FRAME = "https://shop.example/assets/index-Zz93kLm2.js"
APP = "https://shop.example/assets/app.js"


@dataclass
class Around(NoSurroundings):
    """Uploads in a list."""

    files: Sequence[Alike] = ()
    of_release: Sequence[str | None] = (None,)

    def named(self, stem: str, release: str | None = None) -> Sequence[Alike]:
        alike = [each for each in self.files if stem_of(each.name) == stem]
        return [each for each in alike if release in (None, each.release)]

    def dists(self, release: str) -> Sequence[str | None]:
        del release
        return self.of_release


def uploaded(name: str, debug_id: DebugId | None = OTHER, bundle: int = 1) -> Alike:
    return Alike(f"~/assets/{name}", name, debug_id, bundle, NOON, "1.0", None)


def of_debug_id(*files: Alike, path: str = FRAME) -> list[Near]:
    near = NearMisses(Around(files), "1.0", None).of_debug_id(OURS, path)
    return [each.kind for each in near]


def of_release(around: Around, dist: str | None = None) -> list[tuple[Near, str]]:
    near = NearMisses(around, "1.0", dist).of_release(addresses_of(APP), APP)
    return [(each.kind, each.sentence) for each in near]


def test_one_file_of_the_stem_is_another_builds() -> None:
    assert of_debug_id(uploaded("index-DkR4xzQ1.js")) == [Near.BUILT_TWICE]


def test_another_chunk_of_the_same_build_does_not_make_it_built_twice() -> None:
    chunks = uploaded("index-DkR4xzQ1.js"), uploaded("index-B9x82kL1.js")

    assert of_debug_id(*chunks) == [Near.OTHER_DEBUG_ID]


def test_the_same_hash_with_another_id_is_built_twice_beside_whatever_chunks() -> None:
    chunks = uploaded("index-DkR4xzQ1.js"), uploaded("index-Zz93kLm2.js")

    assert of_debug_id(*chunks) == [Near.BUILT_TWICE]


def test_a_name_that_a_build_has_twice_tells_nothing() -> None:
    one = uploaded("app.js")

    assert of_debug_id(one, path=APP) == [Near.BUILT_TWICE]
    assert of_debug_id(one, replace(one, url="~/admin/app.js"), path=APP) == [Near.OTHER_DEBUG_ID]


def test_an_address_that_is_made_of_a_debug_id_is_no_prefix() -> None:
    by_plugin = replace(uploaded("app.js"), url=f"~/{OTHER_ID}-0.js")

    ((kind, said),) = of_release(Around([by_plugin]))

    assert kind is Near.WITHOUT_DEBUG_ID
    assert OTHER_ID in said


def test_a_dist_that_was_uploaded_is_not_said_to_be_another() -> None:
    nothing_alike = Around([], ["a", "b"])
    elsewhere = Around([replace(uploaded("app.js"), dist="b")], ["a", "b"])

    assert of_release(nothing_alike, "a") == []
    assert of_release(elsewhere, "a") == [
        (Near.DIST_DIFFERS, "dist differs: the event says `a`, this file was uploaded with `b`")
    ]
    assert of_release(elsewhere, "c") == [
        (
            Near.DIST_DIFFERS,
            "dist differs: the event says `c`, the release was uploaded with `a`, `b`",
        )
    ]
