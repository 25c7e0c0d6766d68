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
LIMITED = (
    "protocol",
    "server",
    "artifacts",
    "digest",
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
        "with its evidence; the event page, the API and `headwater resolve` show that record.\n"
    )
    parts = [
        f"\n## `{verdict}`\n\n{EXPLANATIONS[verdict].cause}\n"
        + (f"\n{EXPLANATIONS[verdict].remedy}\n" if EXPLANATIONS[verdict].remedy else "")
        for verdict in Verdict
    ]
    return head + "".join(parts)


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
    return head + "\n".join(rows) + "\n"


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
