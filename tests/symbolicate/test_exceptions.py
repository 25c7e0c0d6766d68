"""Exceptions' classes, from where their errors were made."""

import pytest
from msgspec.structs import replace

from headwater.protocol.event import ExceptionValue
from headwater.sourcemaps.compiled.spots import Spot
from headwater.sourcemaps.mapping import Mapping
from headwater.symbolicate.constructed import Constructed, constructed_at
from headwater.symbolicate.exceptions import MAX_CONSTRUCTORS, as_written, original_type
from headwater.symbolicate.resolution import Original, ResolvedFrame
from headwater.symbolicate.verdicts import Verdict

GENERATED = 'if(!e)throw new t("no card",new n);'
ORIGINAL = '    throw new errors.PaymentError("no card", new Detail());'


def _frame(
    made: tuple[str, str] | None, function: str = "charge", verdict: Verdict = Verdict.RESOLVED
) -> ResolvedFrame:
    place = Original("src/pay.ts", "src/pay.ts", function, 1, 1)
    return ResolvedFrame(verdict, place, constructed=Constructed(*made) if made else None)


SITE = _frame(("t", "PaymentError"))
CONSTRUCTOR = _frame(None, "new ShopError")


def _made(generated: str, original: str, mapped: str = "new t") -> tuple[str, str] | None:
    """What is made at a place of GENERATED, whose mapping begins at `mapped`."""
    column, begin = GENERATED.index(generated), GENERATED.index(mapped)
    found = constructed_at(
        column,
        Mapping(line=0, column=begin, source=0, source_line=0, source_column=0, name=None),
        Spot(GENERATED, column, len(GENERATED)),
        Spot(ORIGINAL, ORIGINAL.index(original), len(ORIGINAL)),
    )
    return (found.minified, found.original) if found else None


@pytest.mark.parametrize(
    ("original", "mapped"), [("new errors", "new t"), ("throw", "throw"), ("throw", "new t")]
)
def test_a_new_on_both_sides_of_a_mapping_tells_the_class(original: str, mapped: str) -> None:
    assert _made("new t", original, mapped) == ("t", "errors.PaymentError")


@pytest.mark.parametrize(
    ("original", "mapped"),
    [
        ("new errors", "new t"),
        ("throw", "throw"),
        ("throw", "new t"),
        ("errors", "t("),
        ("PaymentError", "t("),
    ],
)
def test_safari_s_place_is_behind_the_class_s_name(original: str, mapped: str) -> None:
    assert _made('("no card', original, mapped) == ("t", "errors.PaymentError")


@pytest.mark.parametrize(
    ("generated", "original", "mapped"),
    [
        (");", "new errors", "new t"),
        (");", "card", "new t"),
        ('("no card', "card", "t("),
        ('("no card', "Detail", "if"),
        ("(!e", "new errors", "if"),
        ("new n", "new errors", "new t"),  # the inner one has no mapping of its own
        ("new n", "throw", "throw"),
        ("t(", "new errors", "new t"),
        ("throw", "throw", "throw"),
        ("new t", "errors", "new t"),
        ("new t", "card", "new t"),
    ],
)
def test_what_may_belong_to_another_new_tells_nothing(
    generated: str, original: str, mapped: str
) -> None:
    assert _made(generated, original, mapped) is None


@pytest.mark.parametrize(
    ("kind", "frames"),
    [
        ("t", [SITE]),
        ("t", [_frame(("n", "OtherError")), SITE]),
        ("t", [SITE, CONSTRUCTOR, CONSTRUCTOR]),
        ("aX9", [_frame(("aX9", "errors.PaymentError"))]),
    ],
)
def test_the_class_is_that_of_the_new_which_made_the_error(
    kind: str, frames: list[ResolvedFrame]
) -> None:
    assert original_type(kind, frames) == "PaymentError"


@pytest.mark.parametrize(
    ("kind", "frames"),
    [
        (None, [SITE]),
        ("t", []),
        ("GW", [SITE]),  # a name that was given by hand
        ("t", [SITE, _frame(None)]),  # it was made further in, where nothing is known
        ("t", [SITE, *[CONSTRUCTOR] * MAX_CONSTRUCTORS]),
        ("t", [_frame(("t", "PaymentError"), verdict=Verdict.SUSPICIOUS_MAPPING)]),
        ("t", [replace(SITE, original=None, verdict=Verdict.NO_COLUMN)]),
        ("t", [_frame(("t", "ErrorClass"))]),
        ("t", [_frame(("t", "this.PaymentError"))]),
        ("t", [_frame(("t", "errorClass"))]),
        ("t", [_frame(("t", "TypeError"))]),
        ("PaymentError", [_frame(("PaymentError", "PaymentError"))]),
        ("n.t", [_frame(("t", "PaymentError"))]),
    ],
)
def test_where_it_is_not_certain_the_type_stays(
    kind: str | None, frames: list[ResolvedFrame]
) -> None:
    assert original_type(kind, frames) is None


def test_what_was_sent_is_named_beside_it() -> None:
    written = as_written(ExceptionValue("t", "no card"), [SITE])

    assert (written.type, written.message, written.was) == ("PaymentError", "no card", "sent as t")
    assert as_written(ExceptionValue("t", "no card", synthetic=True), [SITE]).type == "t"
    assert as_written(ExceptionValue("t", "no card")).was == ""
