"""Everything an event's page says, from the stored records alone."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from headwater.grouping.innermost import culprit_place
from headwater.protocol.circumstances import Circumstances, Variables
from headwater.protocol.component_stack import errors_and_components
from headwater.protocol.event import Event, ExceptionValue, Stacktrace
from headwater.server.web.event.frame import FrameCard, original_card
from headwater.server.web.event.remedies import Remedy, remedies
from headwater.server.web.event.trace import Trace, trace
from headwater.symbolicate.concerned import concerned
from headwater.symbolicate.exceptions import as_written
from headwater.symbolicate.remedies.place import Place
from headwater.symbolicate.resolution import Resolution, ResolvedFrame, ResolvedStacktrace
from headwater.symbolicate.told import cause_of, lateness, near_of
from headwater.symbolicate.verdicts import Verdict


class Problem(Struct, frozen=True):
    """One exception, thread or message with its stack trace, if it has one."""

    heading: str
    """`Caused by`, `Thread`, or empty for what was thrown."""
    type: str
    message: str
    remark: str
    """How it was caught: `unhandled · onerror`."""
    trace: Trace | None
    more: str = ""
    """The message's further lines, where React's own is long."""
    sent: str = ""
    """Type and message as the SDK sent them, where a production build had shortened them."""

    @property
    def title(self) -> str:
        return ": ".join(part for part in (self.type, self.message) if part)


class Banner(Struct, frozen=True):
    """Why frames are not resolved, or may be wrong, and the one thing to do."""

    unresolved: int
    of: int
    cause: str
    near: tuple[str, ...]
    remedy: Remedy | None
    is_doubtful: bool = False
    """Whether all are resolved, and some to places that may be wrong."""

    @property
    def is_pending(self) -> bool:
        """Whether all there is to do is to wait."""
        return self.remedy is not None and self.remedy.verdict is Verdict.PENDING_UPLOAD


class EventView(Struct, frozen=True):
    """An event, ready to be written down."""

    problems: tuple[Problem, ...]
    where: FrameCard | None
    """Where in their own code."""
    banner: Banner | None
    remedies: tuple[Remedy, ...]
    """Of the other frames: the first is the banner's."""
    late: str
    """`3 minutes`: how long after the event the maps came; empty if they were there."""
    circumstances: Circumstances
    notes: tuple[str, ...]
    is_switchable: bool

    @property
    def has_trace(self) -> bool:
        """Whether there is a stack trace, or a cause that came without one."""
        return len(self.problems) > 1 or any(problem.trace for problem in self.problems)

    @property
    def text(self) -> str:
        """The trace to paste into a chat."""
        return as_text(self.problems)

    @property
    def minified_text(self) -> str:
        return as_text(self.problems, minified=True)


def event_view(
    event: Event, resolution: Resolution, circumstances: Circumstances, place: Place | None = None
) -> EventView:
    """Join what was sent with what symbolication found. Neither is changed, nothing is looked up.

    `place` is where the event's project has its uploads sent.
    """
    found_remedies = remedies(event, resolution, place or Place())
    banner = _banner(resolution, found_remedies)
    found = {answer.path: answer for answer in resolution.stacktraces}
    problems = tuple(_problems(event, _Traces(found, circumstances.variables)))
    traces = [problem.trace for problem in problems if problem.trace]
    return EventView(
        problems=problems,
        where=_where(event, resolution),
        banner=banner,
        remedies=tuple(
            each for each in found_remedies if banner is None or each is not banner.remedy
        ),
        late=_late(event, resolution),
        circumstances=circumstances,
        notes=event.extra,
        is_switchable=any(each.is_switchable for each in traces),
    )


def _where(event: Event, resolution: Resolution) -> FrameCard | None:
    """The place that the lists name, too."""
    place = culprit_place(event, resolution)
    return original_card(*place) if place else None


class _Traces(Struct, frozen=True):
    found: Mapping[tuple[str | int, ...], ResolvedStacktrace]
    variables: Variables

    def frames_of(self, exception: ExceptionValue) -> Sequence[ResolvedFrame]:
        """What became of an exception's frames."""
        found = self.found.get(exception.stacktrace.path) if exception.stacktrace else None
        return found.frames if found else ()

    def of(self, raw: Stacktrace | None) -> Trace | None:
        if raw is None:
            return None
        return trace(raw, self.found.get(raw.path), self.variables.get(raw.path, {}))


def _problems(event: Event, traces: _Traces) -> Iterator[Problem]:
    # Innermost cause first is how they are sent; what was thrown is how people ask.
    errors, components = errors_and_components(event)
    thrown_first = tuple(reversed(errors))
    for index, exception in enumerate(thrown_first):
        yield _problem("Caused by" if index else "", exception, traces)
    if not thrown_first:
        said = ExceptionValue(value=event.message, stacktrace=event.stacktrace)
        yield _problem("", said, traces)
    elif event.stacktrace:
        yield Problem("Stack trace of the event", "", "", "", traces.of(event.stacktrace))
    for number, thread in enumerate(event.threads, 1):
        name = thread.thread or (str(number) if len(event.threads) > 1 else "")
        yield Problem(f"Thread {name}".strip(), "", "", "", traces.of(thread))
    if components:
        yield Problem("Component stack", "", "", "", traces.of(components))


def _problem(heading: str, exception: ExceptionValue, traces: _Traces) -> Problem:
    how = {True: "handled", False: "unhandled"}.get(exception.handled, "")  # type: ignore[arg-type]
    mechanism = exception.mechanism if exception.mechanism not in (None, "generic") else ""
    written = as_written(exception, traces.frames_of(exception))
    sent = (exception.type, exception.value) if written.was else ()
    # What an SDK sent is shown whole; what stands in its place shall not hide it.
    message, _, more = written.message.partition("\n") if sent else (written.message, "", "")
    return Problem(
        heading=heading,
        type=written.type,
        message=message,
        remark=" · ".join(part for part in (how, mechanism) if part),
        trace=traces.of(exception.stacktrace),
        more=more.strip(),
        sent=": ".join(part for part in sent if part),
    )


def _banner(resolution: Resolution, found: Sequence[Remedy]) -> Banner | None:
    # Thrown last is sent last: read from the end, the first failure is the one nearest the throw.
    frames = [
        frame
        for stacktrace in reversed(resolution.stacktraces)
        for frame in reversed(stacktrace.frames)
    ]
    counted = concerned(frames)
    failed = [frame for frame in counted if frame.verdict.is_failure]
    is_doubtful = not failed
    if is_doubtful:
        failed = [frame for frame in counted if frame.verdict.is_doubtful]
    if not failed:
        return None
    verdict = Counter(frame.verdict for frame in failed).most_common(1)[0][0]
    first = next(frame for frame in failed if frame.verdict is verdict)
    remedy = next((each for each in found if each.verdict is verdict), None)
    near = near_of(first.evidence.near)
    return Banner(len(failed), len(counted), cause_of(first), near, remedy, is_doubtful)


def _late(event: Event, resolution: Resolution) -> str:
    frames = (frame for trace in resolution.stacktraces for frame in trace.frames)
    return next((late for each in frames if (late := lateness(each, event.timestamp))), "")


def as_text(problems: tuple[Problem, ...], *, minified: bool = False) -> str:
    """V8's own way of writing a stack trace, which people and tools read."""
    lines: list[str] = []
    for problem in problems:
        heading = f"{problem.heading}: " if problem.heading else ""
        title = (minified and problem.sent) or problem.title
        lines.append(f"{heading}{title or 'Stack trace'}")
        if problem.trace:
            cards = problem.trace.minified_cards if minified else problem.trace.cards
            lines += [f"    at {card.function} ({card.place})" for card in cards]
    return "\n".join(lines)
