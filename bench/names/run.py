"""How many functions of real builds are named as V8 names them in the program as written.

`python bench/names/run.py [--combination NAME]… [--scratch FOLDER] [--reuse]`
"""

import argparse
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.names.classes import Sources
from bench.names.comparison import Comparison, Judged, Verdict
from bench.names.frames import read_frames, resolved, truth
from bench.names.workshop import Workshop

HEADER = f"{'combination':24} {'named':>7} {'right':>8} {'wrong':>8} {'missing':>8} {'unnamed':>8} {'anonymous':>9} {'framework':>9} {'at run time':>12} {'not in truth':>13}"  # fmt: skip


def main() -> None:
    """Build all, print a table, write what is wrong and missing into a file beside each build."""
    given = _arguments()
    workshop = Workshop(given.scratch.resolve())
    workshop.prepare()
    truths: dict[Path, Comparison] = {}
    print(HEADER)
    for name in given.combination or workshop.combinations():
        folder = workshop.truth_of(name)
        try:
            workshop.equip(name)
            if folder not in truths:
                truths[folder] = _truth(workshop, name, reuse=given.reuse)
            _measure(workshop, name, truths[folder], reuse=given.reuse)
        except (subprocess.SubprocessError, StopIteration) as error:
            print(f"{name:24} failed: {error}")


def _truth(workshop: Workshop, name: str, *, reuse: bool) -> Comparison:
    folder = workshop.truth_of(name)
    if not (reuse and (folder / "frames.json").is_file()):
        workshop.run_as_written(name)
    known = truth(workshop.root, folder)
    sources = {place.source for place in known}
    files = ((key, workshop.base(name) / key) for key in sources)
    print(f"truth of {workshop.program(name)}: {len(known)} places in {len(sources)} sources")
    return Comparison(
        known, Sources((key, each.read_text()) for key, each in files if each.is_file())
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--combination", action="append")
    scratch = Path(tempfile.gettempdir()) / "headwater-names"
    parser.add_argument("--scratch", type=Path, default=scratch)
    parser.add_argument("--reuse", action="store_true", help="take what was built and run before")
    return parser.parse_args()


def _measure(workshop: Workshop, name: str, comparison: Comparison, *, reuse: bool) -> None:
    out = workshop.root / "out" / name
    if not (reuse and (out / "frames.json").is_file()):
        out = workshop.build(name)
        workshop.run(name)
    frames = resolved(workshop.root, read_frames(out / "frames.json"))
    unique = {(each.place, each.name): each for each in frames}
    judged = [comparison.judge(each) for each in unique.values()]
    found = [each for each in judged if each is not None]
    print(_row(name, found, len(judged) - len(found)), flush=True)
    (out / "report.txt").write_text("\n".join(_complaints(found)) + "\n")


def _row(name: str, found: list[Judged], left_out: int) -> str:
    count = Counter(each.verdict for each in found)
    named = count[Verdict.RIGHT] + count[Verdict.WRONG] + count[Verdict.MISSING]
    unnamed = count[Verdict.STILL_ANONYMOUS] + count[Verdict.INVENTED]
    right, wrong, missing = (
        _share(count[each], named) for each in (Verdict.RIGHT, Verdict.WRONG, Verdict.MISSING)
    )
    kept = _share(count[Verdict.STILL_ANONYMOUS], unnamed)
    made = count[Verdict.MADE]
    late = count[Verdict.AT_RUN_TIME]
    return f"{name:24} {named:7} {right:>8} {wrong:>8} {missing:>8} {unnamed:8} {kept:>9} {made:9} {late:12} {left_out:13}"  # fmt: skip


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}%" if whole else "-"


def _complaints(found: Iterable[Judged]) -> Iterable[str]:
    for each in sorted(found, key=lambda each: (each.verdict.value, each.resolved.place.source)):
        if each.verdict not in (Verdict.RIGHT, Verdict.STILL_ANONYMOUS, Verdict.MADE):
            place = each.resolved.place
            at = f"{place.source}:{place.line + 1}:{place.column + 1}"
            exact = "" if each.exact else " (nearest)"
            yield f"{each.verdict.value:17} {at}{exact}\n    V8   {each.truth.text.split(' (')[0]}\n    ours {each.resolved.name}"


if __name__ == "__main__":
    main()
