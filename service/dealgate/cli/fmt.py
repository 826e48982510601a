"""`dealgate fmt`: rules, tables, cases, releases and signals in one layout."""

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from dealgate.cli.annotations import Annotation, of_faults, written
from dealgate.cli.echo import echo
from dealgate.cli.of_signals import is_of_signals, name_in
from dealgate.cli.options import RULES, Rules
from dealgate.cli.selection import is_kind
from dealgate.cli.shown import faults_shown, give_up
from dealgate.desk.layout.folder import Layout, files_in, files_of_signals, layouts, sort_of
from dealgate.model.codes import Severity
from dealgate.model.faults import Fault
from dealgate.model.location import Location
from dealgate.rulebook.faults import RulebookFaults

What = Annotated[
    list[str] | None,
    typer.Argument(
        help="Kinds (`qualify`), versions (`qualify@2`), `signals` or files; default: all."
    ),
]
CheckOnly = Annotated[
    bool, typer.Option("--check", help="Write nothing; fail if a file would change.")
]
ShowOnly = Annotated[
    bool, typer.Option("--diff", help="Write nothing; show what would be written.")
]
ReportFormat = Annotated[
    Literal["text", "json", "github", "sarif"],
    typer.Option("--format", help="How --check reports the files that would change."),
]


def fmt(
    what: What = None,
    *,
    check: CheckOnly = False,
    diff: ShowOnly = False,
    format_: ReportFormat = "text",
    rules: Rules = RULES,
) -> None:
    """Format rules, tables, cases, releases and signals; their meaning and comments do not change.

    If a file cannot be read, it is reported and no file is changed. Released versions may be
    formatted too: their digests do not depend on layout.
    """
    faults: list[Fault] = []
    paths = [path for named in what or [""] for path in _paths(named, rules)]
    changed = [layout for layout in layouts(paths, faults) if layout.is_new]
    if format_ != "text":
        _annotate(changed, faults, format_, check=check)
        return
    with faults_shown():
        if faults:
            raise RulebookFaults(faults)
    for layout in changed:
        if diff:
            echo(_difference(layout))
        elif check:
            echo(f"{layout.path}: not formatted; run `dealgate fmt`", err=True)
        else:
            layout.write()
            echo(f"{layout.path}: laid out")
    if changed and (check or diff):
        raise typer.Exit(1)


def _annotate(
    untidy: Sequence[Layout], faults: Sequence[Fault], format_: str, *, check: bool
) -> None:
    """Print, as tools read it, what cannot be read and what would change."""
    if not check:
        give_up("--format is for --check: add --check")
    unlike = [
        Annotation(
            Location(str(layout.path), 1, 1),
            Severity.FAULT,
            "not-formatted",
            "this file is not laid out\nrun `dealgate fmt`",
        )
        for layout in untidy
    ]
    shown = [*of_faults(faults), *unlike]
    echo(written(shown, format_), nl=False)
    if shown:
        raise typer.Exit(1)


def _paths(what: str, rules: Path) -> Iterator[Path]:
    path = Path(what)
    if what and path.is_file():
        if not sort_of(path):
            give_up(f"{what} is not a file of rules, a table, cases, releases or signals")
        yield path
        return
    if is_of_signals(what):
        signals = list(files_of_signals(rules, name_in(what)))
        if not signals:
            give_up(f"there is nothing to format for '{what}'")
        yield from signals
        return
    kind, _, version = what.partition("@")
    if (kind and not is_kind(kind.partition("/")[0], rules)) or (
        version and not version.isdecimal()
    ):
        give_up(f"'{what}' is not a file, kind or version; write for example qualify@2")
    paths = list(files_in(rules, kind or None, int(version) if version else None))
    if not paths:
        give_up(f"there is nothing to format for '{what or rules}'")
    yield from paths


def _difference(layout: Layout) -> str:
    lines = difflib.unified_diff(
        layout.before.splitlines(),
        layout.after.splitlines(),
        f"{layout.path}",
        f"{layout.path} (laid out)",
        lineterm="",
    )
    return "\n".join(lines)
