"""Parsing a large source part by part, so that memory does not grow with it.

The parser takes 25 to 80 bytes of memory for each character of a program. A window is as much text
as it may hold at once, from one cut between two elements of a list to another (`outline`). With it
are parsed what opens the lists around it (`(function () {`, `class Cart {`, `const cart = {`) and
what ends them, so that functions have the nodes around them that they have in the whole source.

So all is parsed twice: first each window with what opens its lists, to see where it may end and
where the lists end; then with both. What a name loses by it: V8 may infer one from what follows in
the same function, and where text is left out before that, nobody can tell from what (`inference`):
such a name may be missing, and the function is then `<anonymous>`.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Final

from msgspec import Struct
from tree_sitter import Tree

from headwater.sourcemaps.functions.around import Openings, ends_of_lists
from headwater.sourcemaps.functions.borders import border
from headwater.sourcemaps.functions.grammar import Grammar
from headwater.sourcemaps.functions.outline import Cut, Open, Outline
from headwater.sourcemaps.functions.parsing import (
    Steps,
    TooManySteps,
    is_too_deep,
    parse_spans,
)
from headwater.sourcemaps.functions.places import Place, Span, joined

WINDOW: Final = 2 * 1024**2
"""Bytes of a window's text at most, in UTF-16. What is shorter is parsed once and as a whole."""
MIN_WINDOW: Final = 16 * 1024
"""Bytes of a window's text that the parser must get through: else it is stuck."""
WINDOW_STEPS: Final = 6000
"""Steps forward of the parser for a window. Each takes 5 to 7 kB of memory: 40 MB."""
TIMES: Final = 2
"""That all of a large source is parsed."""

_TEMPLATE: Final = "`".encode("utf-16-le")

Take = Callable[[Tree, int, int], bool]
"""Is given a tree, and from which to which byte the functions begin that are to be found in it.
False if these are too many."""


class _Window(Struct, frozen=True):
    span: Span
    before: list[Span]
    """What opens the lists around it."""
    inside: Open | None
    """The innermost list that is open at its end."""


def parse_windows(text: bytes, grammar: Grammar, take: Take) -> bool:
    """Parse a text in UTF-16, and give away its trees in order. False if it is over a limit, or
    where there is no place to cut it."""
    if is_too_deep(text):
        return False
    cutting = _Cutting(text, grammar)
    try:
        whole = cutting.whole()
        if whole is not None:
            return take(whole, 0, len(text))
        while not cutting.is_done:
            cutting.advance()
        return all(
            take(cutting.parsed(window), window.span.start.byte, window.span.end.byte)
            for window in cutting.windows
        )
    except TooManySteps:
        return False


class _Cutting:
    """Finds the windows of a text."""

    def __init__(self, text: bytes, grammar: Grammar) -> None:
        self.windows: list[_Window] = []
        self.is_done = False
        self._text = text
        self._grammar = grammar
        self._steps = Steps(text, TIMES if len(text) > WINDOW else 1)
        self._start = Place(0, 0, 0)
        self._before: list[Span] = []
        self._inside: Open | None = None
        self._later: dict[int, set[Span]] = defaultdict(set)
        """What a list needs that comes behind the window in which it begins, by its bracket."""
        self._size = WINDOW
        self._too_far: int | None = None
        """Where the parser had taken too many steps: the next try ends before it."""
        self._uncut = 0
        """The end of a window in which there was no place to cut it: the next try ends behind it, and
        where these two leave no room between them, the text can't be cut."""

    def whole(self) -> Tree | None:
        """The tree of a text that is not too large for one window."""
        if len(self._text) > WINDOW:
            return None
        try:
            return parse_spans(self._text, self._grammar, (), self._steps, WINDOW_STEPS).tree
        except TooManySteps as stopped:
            self._shrink(stopped)
            return None

    def advance(self) -> None:
        """Find the next window, or another size for it."""
        window = Span(self._start, border(self._text, self._start, self._size))
        spans = joined([*self._before, window])
        try:
            parsed = parse_spans(self._text, self._grammar, spans, self._steps, WINDOW_STEPS)
        except TooManySteps as stopped:
            self._shrink(stopped)
            return
        if window.end.byte >= len(self._text):
            self._add(parsed.tree, window, None)
            self.is_done = True
            return
        outline = Outline(parsed.tree, self._start.byte)
        openings = Openings(spans)
        cut = self._best(outline, openings)
        if cut is None:
            self._grow(outline, window.end.byte)
            return
        self._add(parsed.tree, Span(self._start, cut.end), cut.inside)
        self._start, self._inside, self._before = cut.start, cut.inside, openings.before(cut)
        self._too_far = None
        # As the steps of this window foretell it, less a fifth: denser text takes more of them.
        self._size = min(WINDOW, window.length * WINDOW_STEPS // (parsed.forward + 1) // 5 * 4)

    def parsed(self, window: _Window) -> Tree:
        """The tree of a window with all that is around it."""
        spans = [*window.before, window.span]
        for each in () if window.inside is None else window.inside.outwards():
            spans += self._later[each.bracket]
        most = 2 * WINDOW_STEPS
        return parse_spans(self._text, self._grammar, joined(spans), self._steps, most).tree

    def _shrink(self, stopped: TooManySteps) -> None:
        self._size = (stopped.byte - self._start.byte) // 4 * 3
        self._too_far = stopped.byte
        if self._start.byte + self._size <= self._uncut or self._size < MIN_WINDOW:
            raise stopped

    def _grow(self, outline: Outline, end: int) -> None:
        ends = self._text.find(_TEMPLATE, end) if outline.is_in_text else -1
        wanted = self._start.byte + 2 * self._size if ends < 0 else ends + len(_TEMPLATE)
        if ends < 0 and self._too_far is not None:
            wanted = (end + self._too_far) // 2
        if end <= self._uncut or wanted < end + (MIN_WINDOW if ends < 0 else 0):
            raise TooManySteps(end)
        self._uncut = end
        self._size = wanted - self._start.byte

    def _best(self, outline: Outline, openings: Openings) -> Cut | None:
        """The outermost cut in the second half of the window, or the last one."""
        cuts = outline.cuts
        best: Cut | None = None
        for depth in sorted(cuts):
            cut = cuts[depth]
            if best is not None and best.end.byte > self._start.byte + self._size // 2:
                break
            is_later = best is None or cut.end > best.end
            if is_later and openings.fit(cut):
                best = cut
        return best

    def _add(self, tree: Tree, span: Span, inside: Open | None) -> None:
        self.windows.append(_Window(span, self._before, inside))
        still = set()
        for each in () if inside is None else inside.outwards():
            still.add(each.bracket)
            self._later[each.bracket].update(
                one for one in each.constructors if one.end <= span.end
            )
        before = [] if self._inside is None else list(self._inside.outwards())
        ended = [each for each in reversed(before) if each.bracket not in still]
        for bracket, ends in ends_of_lists(tree, ended, span.end):
            self._later[bracket].update(ends)
