"""Writes settings.md, verdicts.md, findings.md and limits.md from the code that they describe."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

from headwater.artifacts.lint.findings import RULES
from headwater.settings import Settings
from headwater.symbolicate.verdicts import EXPLANATIONS, Verdict

DOCS = Path(__file__).parent
SOURCE = DOCS.parent / "src" / "headwater"
RATES = """
## Rates of several instances

A rate of N events a minute is a bucket that holds N events and fills at that rate: after a quiet minute N come in at once, and N a minute from then on. Instances on one PostgreSQL share it, but for what they have not heard of each other yet: each tells and hears once a second, so that a word takes two seconds at most, and what the database needs. Until then each decides by what it knows. So n instances together let in more than N by what comes to n - 1 of them within two seconds, and no more than has room in their buckets:

- in a flood after a quiet minute, (n - 1) x N at most, if each of them gets N events within two seconds; what was too much is taken from the next minute, in which nothing comes in (of more than N too much, N is taken);
- in a flood that lasts, (n - 1) x N/30 at a time, which is taken from what comes next: N a minute in all.

A process that starts has a full bucket until it has heard the others, within a second or two of its first event that has a rate. While the database can't be reached each instance goes by its own count, so that n x N a minute come in; nothing is refused because of it. What a process let in before it died counts for a minute at most. The instances' clocks take no part, and may say what they like: each measures its own seconds, and the database says how old a word is. A changed rate is in force everywhere within ten seconds.
"""


BESIDE = """
## Lines to paste

Where something can be done, the event page has the lines for it under the reason, closed, so that the stack trace stays in sight: for Vite, webpack, Next.js, Rollup, esbuild, Angular, React Native, and TypeScript's compiler with sentry-cli. This server's address, the project, the event's release and dist, and, for sentry-cli, the prefix that makes the frame's address of a file's path in the uploaded folder are filled in. What plugins upload is found by its debug ids, whatever its address; they inject these themselves, so that none of their lines has sentry-cli inject again. sentry-cli's lines for a release first upload the deployed files as they are, which resolves what is stored, and inject for the next deployment. Where the SDK, the paths or the uploaded sources tell which bundler it was, its lines come first. `GET /api/0/projects/{org}/{project}/events/{event_id}/sourcemaps/` has them all as `remedies`, by verdict, and its guess as `bundler`; `headwater explain` prints the guessed bundler's. A configuration is to be merged into your own: `// … your other plugins` stands where these go.

## Near misses

When nothing was found for a frame, what was uploaded beside it is looked at, and named with the verdict (`evidence.near` in the API, at most three):

| kind | what is there |
|---|---|
| `built_twice` | a file of this name (whatever the hash in it, if the bundle has only one such) was uploaded for the event's release with another debug id: one build was uploaded, another deployed |
| `other_debug_id` | the same, but for another release or none, or one of several files of this name: this one was not uploaded, or it was built twice |
| `without_debug_id` | the file was uploaded with a debug id that the event does not carry: what is deployed is not what was injected |
| `dist_differs` | the release, or this file of it, was uploaded with another dist |
| `prefix_differs` | the file was uploaded for the release, at another address |
| `release_differs` | the address was uploaded, for another release, and nothing is nearer |

A map that was found by release and address, but has another debug id than the event names, is of another build: such a frame is `suspicious_mapping`, with `built_twice` beside it.

Files of another project are never named. That its token uploaded the frame's debug id is told, with that project's number (on pages with its name, for readers who see that project), because an id is a random number that nobody has by chance; names and releases, which can be guessed, are not asked for in other projects.

## Who waits for an upload

A frame whose debug id or release nothing is known of is `pending_upload` for `HEADWATER_PENDING_UPLOAD_SECONDS` from the first event that asked for it, and then what it is. Events that happened longer ago than that don't wait. When the upload comes, its events are resolved again, and their page says how much later it came.

## What was removed

Files of deleted and expired uploads are remembered, the latest 100,000, with when they went and at whose word: a token, a user, or the limit that took them.
"""
LIMITED = (
    "protocol",
    "server",
    "artifacts",
    "digest",
    "alerts",
    "sourcemaps",
    "symbolicate",
    "grouping",
    "storage",
)
"""Packages whose limits a user may meet."""


def settings() -> str:
    """The table of every knob."""
    shown = {"data_dir": "the platform's user data folder; `/data` in a container"}
    rows = [
        f"| `{k.metadata['variable']}` "
        f"| {shown.get(k.name) or f'`{k.default}`' if k.default else ''} | {k.metadata['doc']} |"
        for k in fields(Settings)
    ]
    head = (
        "# Settings\n\nEnvironment variables; `serve`'s options win over them.\n\n"
        "| variable | default | what it is |\n|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"


def verdicts() -> str:
    """A section for each verdict."""
    head = (
        "# Verdicts\n\nWhat became of a frame. The resolver writes the verdict while it resolves, "
        "with its evidence; the event page, the API, `headwater explain` and `headwater resolve` show "
        "that record.\n"
    )
    parts = [
        f"\n## `{verdict}`\n\n{EXPLANATIONS[verdict].cause}\n"
        + (f"\n{EXPLANATIONS[verdict].remedy}\n" if EXPLANATIONS[verdict].remedy else "")
        for verdict in Verdict
    ]
    return head + "".join(parts) + BESIDE


def findings() -> str:
    """A section for each check of a bundle."""
    head = (
        "# Findings in uploads\n\nA bundle is looked through when it is assembled: whether its files "
        "belong together, whether events will name them, and what else is wrong. What is found is kept "
        "with the bundle and shown on its page and in the [API](api.md); it refuses no upload, except "
        "that of a bundle in which nothing can be used. Clients print nothing of a successful upload's "
        "answer, so look here after a build was changed.\n\nAn **error** costs frames, or makes them "
        "wrong; a **warning** may; a **note** is good to know. Files that are uploaded one by one, as "
        "very old clients do, are not looked through.\n"
    )
    parts = [
        f"\n## `{check}` ({rule.level})\n\n{rule.cause}\n"
        + (f"\n{rule.remedy}\n" if rule.remedy else "")
        for check, rule in RULES.items()
    ]
    return head + "".join(parts)


def limits() -> str:
    """Every limit that stands in the code with its reason."""
    head = (
        "# Limits\n\nEvery input is bounded. What goes beyond a bound is refused with a sentence "
        "that names it, or kept without the part that is too much, and said so. The settings "
        "([settings](settings.md)) hold those that an instance may want to change; these stand in "
        "the code, each with its reason.\n\n| limit | where | what it bounds |\n|---|---|---|\n"
    )
    rows = [row for package in LIMITED for row in sorted(_limits_in(SOURCE / package))]
    return head + "\n".join(rows) + "\n" + RATES


def _limits_in(package: Path) -> Iterator[str]:
    for path in package.rglob("*.py"):
        for node, said in pairwise(ast.parse(path.read_text()).body):
            name = _name(node)
            if name and isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant):
                where = path.relative_to(SOURCE).as_posix()
                text = " ".join(str(said.value.value).split()).replace("|", "\\|")
                value = ast.unparse(getattr(node, "value"))  # noqa: B009 - an assignment's
                yield f"| `{name} = {value}` | `{where}` | {text} |"


def _name(node: ast.stmt) -> str | None:
    """The name of a limit, if this assigns a number to one."""
    target: ast.expr | None = node.target if isinstance(node, ast.AnnAssign) else None
    if isinstance(node, ast.Assign):
        target = node.targets[0]
    if not isinstance(target, ast.Name) or target.id.startswith("_"):
        return None
    is_limit = target.id.startswith(("MAX_", "LONGEST_")) or target.id.endswith(
        ("_SECONDS", "_BYTES", "_LIFETIME", "_MEMORY")
    )
    return target.id if is_limit else None


TABLES = {
    "settings.md": settings,
    "verdicts.md": verdicts,
    "findings.md": findings,
    "limits.md": limits,
}

if __name__ == "__main__":
    for name, made in TABLES.items():
        (DOCS / name).write_text(made())
