"""`dealgate table export` and `import`: decision tables go to Excel and come back."""

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.echo import echo
from dealgate.cli.foreign_tables import import_dmn, import_graph
from dealgate.cli.options import RULES, Rules, TellFaults, group
from dealgate.cli.selection import kind_of, read, selected
from dealgate.cli.shown import faults_shown, give_up, told_as
from dealgate.desk.exchange import (
    Exported,
    NotExported,
    cell_at,
    changes,
    check_texts,
    csv_text,
    grid_of,
    sheets_of,
    table_path,
    write_texts,
)
from dealgate.desk.expressions import expression_checker
from dealgate.kinds import KINDS
from dealgate.model.faults import Fault
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.faults import RulebookFaults, did_you_mean
from dealgate.rulebook.read_files import named

app = group()


@app.callback()
def table() -> None:
    """Export decision tables to Excel, and import them back."""


@app.command("export")
def export_(
    ruleset: Annotated[str, typer.Argument(help="One version of a kind: `score@3`.")],
    table_id: Annotated[
        str | None, typer.Argument(metavar="[TABLE]", help="Only this table; default: all.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The workbook; default: score-v3.xlsx.")
    ] = None,
    rules: Rules = RULES,
    format_: TellFaults = "text",
) -> None:
    """Write a version's decision tables to an Excel workbook, one sheet per table.

    The CSV files remain the source: `dealgate table import` brings changes back to them.
    """
    with told_as(format_):
        _require_openpyxl()
        from dealgate.desk.workbook import write_workbook  # noqa: PLC0415  # an extra has it

        table = _version(read(rules, kind_of(ruleset, rules)), ruleset)
        sheets = sheets_of(rules, table)
        if not sheets:
            give_up(f"{table.name} has no tables")
        if table_id is not None and table_id not in sheets:
            give_up(f"{table.name} has no table '{table_id}'; {did_you_mean(table_id, sheets)}")
        wanted = {id_: sheet for id_, sheet in sheets.items() if table_id in {None, id_}}
        path = output or Path(f"{table.kind}-v{table.version}.xlsx")
        try:
            write_workbook(path, table, wanted)
        except OSError as error:
            give_up(f"{path} cannot be written: {error.strerror}")
        rows = sum(len(sheet.rows) for sheet in wanted.values())
        echo(f"{path}: {', '.join(wanted)} of {table.name}, {rows} rows")


@app.command("import")
def import_(
    workbook: Annotated[
        Path,
        typer.Argument(help="A workbook of `dealgate table export`, or a file of DMN or GoRules."),
    ],
    dry_run: Annotated[  # noqa: FBT002  # typer's way
        bool, typer.Option("--dry-run", help="Show the differences; write nothing.")
    ] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The folder for tables of DMN, or for a new kind."),
    ] = None,
    rules: Rules = RULES,
    format_: TellFaults = "text",
) -> None:
    """Bring the rows of an exported workbook back into the CSV files, and show what changed.

    A DMN file (`.dmn`, `.xml`) becomes new tables: a CSV file for each decision table, and what to
    write under `tables:`. A decision graph of GoRules (`.json`) becomes a draft of a kind of its
    own, with `kind.yaml`, rules, tables and cases. Anything that could not be imported is reported.

    Nothing is written unless every file would be valid. The import is rejected if the rule set
    has changed since the export, or is released: released rules never change.
    """
    with told_as(format_):
        if workbook.suffix.lower() in {".dmn", ".xml"}:
            import_dmn(workbook, output or Path(), dry_run=dry_run)
        elif workbook.suffix.lower() == ".json":
            import_graph(workbook, output, rules, dry_run=dry_run)
        else:
            _import_workbook(workbook, rules, dry_run=dry_run)


def _import_workbook(workbook: Path, rules: Path, *, dry_run: bool) -> None:
    _require_openpyxl()
    from dealgate.desk.workbook import read_workbook  # noqa: PLC0415  # an extra has it

    try:
        exported = read_workbook(workbook)
    except NotExported as error:
        give_up(f"{workbook}: {error}")
    catalog = read(rules)
    ruleset = _version(catalog, exported.ruleset)
    if exported.digest != ruleset.digest:
        give_up(
            f"{ruleset.name} has changed since {workbook} was exported: nothing is written.\n"
            f"Export it again, and make the changes there."
        )
    texts = _changed_texts(rules, ruleset, exported)
    if texts and catalog.is_released(ruleset):
        give_up(
            f"{ruleset.name} is released, and released rules never change: nothing is written.\n"
            f"Copy its files to a new version, export that, and make the changes there."
        )
    try:
        check_texts(rules, texts, KINDS, expression_checker())
    except RulebookFaults as refused:
        files = {named(rules.absolute(), path.absolute()): path for path in texts}
        told = [_in_excel(fault, files, texts, exported, workbook) for fault in refused.faults]
        with faults_shown():
            raise RulebookFaults(told) from None
    if not texts:
        echo(f"{ruleset.name}: nothing differs")
    elif dry_run:
        echo("dry run: nothing is written")
    else:
        write_texts(texts)
        echo(f"written: {', '.join(str(path) for path in texts)}")
        echo(f"now try it: dealgate test {ruleset.name}")


def _version(catalog: Catalog, name: str) -> AnyRuleSet:
    if "@" not in name:
        give_up(f"'{name}' is not a version of a kind; write for example score@3")
    (rule_set,) = selected(catalog, name)
    return rule_set


def _changed_texts(rules: Path, ruleset: AnyRuleSet, exported: Exported) -> Mapping[Path, str]:
    """Show what differs, and return the new text of each CSV that differs."""
    sheets, texts = sheets_of(rules, ruleset), dict[Path, str]()
    for id_, lines in exported.tables.items():
        if id_ not in sheets:
            give_up(f"{ruleset.name} has no table '{id_}' any more; {did_you_mean(id_, sheets)}")
        after = [line.texts for line in lines]
        edits = changes(grid_of(sheets[id_]), after)
        if edits:
            path = table_path(rules, ruleset, id_)
            echo("\n".join([f"{path}", *(f"  {change}" for change in edits)]))
            texts[path] = csv_text(after, path.read_bytes())
    return texts


def _in_excel(
    fault: Fault,
    files: Mapping[str, Path],
    texts: Mapping[Path, str],
    exported: Exported,
    workbook: Path,
) -> Fault:
    """Say in which cell of the workbook a fault in the CSV stands."""
    path = files.get(fault.location.file)
    at = cell_at(texts[path], fault.location) if path else None
    if path is None or at is None:
        return fault
    id_ = path.name.split(".", 1)[1].removesuffix(".csv")
    letter = _letter(at[1])
    cell = f"{letter}{exported.tables[id_][at[0]].number}"
    where = f"in {workbook}: sheet {exported.titles[id_]}, cell {cell}"
    return replace(fault, hint="\n".join(filter(None, [fault.hint, where])))


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  # an extra has it

    return get_column_letter(column + 1)


def _require_openpyxl() -> None:
    if find_spec("openpyxl") is None:
        give_up("Excel workbooks need openpyxl: pip install 'dealgate[authoring]'")
