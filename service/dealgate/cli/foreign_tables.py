"""Tables and decision graphs of other tools, DMN and GoRules, become files of rules."""

from pathlib import Path
from textwrap import indent

from dealgate.cli.echo import echo
from dealgate.cli.shown import give_up
from dealgate.desk.dmn import read_dmn
from dealgate.desk.exchange import NotExported, csv_text
from dealgate.desk.gorules.checking import check_kind
from dealgate.desk.gorules.jdm_kind import read_kind


def import_dmn(path: Path, folder: Path, *, dry_run: bool) -> None:
    """Write a table for each decision table of a DMN file, and print what to declare."""
    try:
        tables = read_dmn(path)
    except NotExported as error:
        give_up(f"{path}: {error}")
    targets = {folder / f"{drawn.id}.csv": drawn for drawn in tables}
    for target in targets:
        if target.exists():
            give_up(f"{target} exists already: choose another folder with --output")
    for target, table in targets.items():
        if not dry_run:
            _write(target, csv_text(table.rows, b""))
        echo(f"{target}: {len(table.rows) - 1} rows{', not written' if dry_run else ''}")
        echo(indent(table.declaration, "  "))
        for left_out in table.left_out:
            echo(f"  not imported: {left_out}")
    echo("Give each file its version (v3.NAME.csv), write the lines above under `tables:`,")
    echo("name facts in the headers, and run dealgate check.")


def import_graph(path: Path, folder: Path | None, rules: Path, *, dry_run: bool) -> None:
    """Write a draft of a kind for a decision graph of GoRules."""
    try:
        found = read_kind(path, folder.name if folder else "")
        home = folder or rules / found.name
        if home.exists():
            give_up(f"{home} exists already: choose another folder with --output")
        check_kind(found)
    except NotExported as error:
        give_up(f"{path}: {error}")
    if not dry_run:
        home.mkdir(parents=True)
    for name, text in found.texts.items():
        if not dry_run:
            _write(home / name, text)
        echo(f"{home / name}{': not written' if dry_run else ''}")
    for each in found.answers:
        echo(f"  {each.path} is answered as {each.name}")
    for left_out in found.left_out:
        echo(f"  not imported: {left_out}")
    if found.unread:
        echo(f"  left out, as no answer depends on it: {', '.join(found.unread)}")
    echo(f"now try it: dealgate check {found.name}; where no row of a table matches, its last row")
    echo("answers 0, false or an empty text, and facts that are missing leave answers open.")


def _write(target: Path, text: str) -> None:
    try:
        target.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        give_up(f"{target} cannot be written: {error.strerror}")
