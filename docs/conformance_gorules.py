"""docs/conformance.md: graphs of GoRules, taken over, decide as GoRules' own engine does.

Usage: python -m docs.conformance_gorules FOLDER [--write]     (`make conformance GORULES=FOLDER`)

FOLDER holds decision graphs (`*.json`), as `test-data/graphs` of gorules/zen does; they are not
part of this project. Each is taken over as `dealgate table import` does it, and then asked with
random facts, beside GoRules' engine (`pip install zen-engine`). Exits with 1 if an answer differs.
"""

import json
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from google.protobuf.json_format import MessageToDict
from google.protobuf.struct_pb2 import Struct

from dealgate.desk.exchange import NotExported
from dealgate.desk.gorules.checking import check_kind
from dealgate.desk.gorules.jdm_kind import JdmKind, read_kind
from dealgate.engine.native import Program, compile_ruleset
from dealgate.judge import judged
from dealgate.model.kind import AnyKind
from docs.conformance import PAGE, section
from docs.gorules_facts import Facts

TITLE = "## Decision graphs of GoRules"
QUESTIONS = 300
NOTHING = ("", 0, False, None)  # what is answered where GoRules answers nothing
CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Row:
    """What a graph comes to."""

    name: str
    tables: int = 0
    outputs: int = 0
    asked: int = 0
    differ: int = 0
    lost: Sequence[str] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all of it was taken over, and answers as it did."""
        return not self.lost and self.asked > 0 and self.differ == 0


def main(folder: Path | None, *, write: bool) -> int:
    """Print the table, and write it to the page if that is wanted; return the exit code."""
    graphs = sorted(folder.glob("*.json")) if folder else []
    if not graphs or find_spec("zen") is None:
        why = (
            "zen-engine is not installed" if graphs else f"{folder or 'no folder'} holds no *.json"
        )
        sys.stdout.write(f"{why}: nothing is tried\n")
        return 0
    rows = [row_of(path) for path in graphs]
    text = page(rows)
    sys.stdout.write(text)
    if write:
        PAGE.write_text(section(PAGE.read_text(), TITLE, text))
    return 1 if any(row.differ for row in rows) else 0


def row_of(path: Path) -> Row:
    """Take over one graph, and ask it and the original the same."""
    try:
        kind = read_kind(path, "graph")
        outputs, tables = len(kind.answers), sum(t.endswith(".csv") for t in kind.texts)
        loaded, program = _loaded(kind)
    except NotExported as error:
        return Row(path.stem, lost=[str(error)])
    asked = [*_compared(path, kind, loaded, program)]
    return Row(path.stem, tables, outputs, len(asked), asked.count(False), kind.left_out)


def page(rows: Sequence[Row]) -> str:
    """Return the section for what each graph came to."""
    whole = [row for row in rows if row.is_whole]
    lines = [
        TITLE,
        "",
        "Public decision graphs of [GoRules](https://github.com/gorules/zen) (`test-data/graphs`):",
        "each is taken over as `dealgate table import` does it, and asked with random facts beside",
        f"GoRules' own engine, {QUESTIONS} times, on either side of every number that it names;",
        "fewer answers than questions mean that GoRules itself failed. All facts are given, no",
        "text is empty, and no list. A field that GoRules leaves out, because no row matches, is",
        "empty, 0 or false here. Written by `make conformance GORULES=…`, which needs `zen-engine`",
        "and counts the graphs in the folder that it was given:",
        f"**{len(whole)} of {len(rows)}** are taken over whole and answer the same.",
        "",
        "| graph | tables | outputs | questions | differ | not taken over |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        lost = "; ".join(row.lost[:1]) + (
            f" (and {len(row.lost) - 1} more)" if row.lost[1:] else ""
        )
        lost = lost.replace("|", "\\|")
        cells = (row.name, row.tables, row.outputs, row.asked, row.differ, lost)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


def _compared(path: Path, kind: JdmKind, loaded: AnyKind, program: Program) -> Iterator[bool]:
    graph = path.read_text("utf-8")
    decision = import_module("zen").ZenEngine().create_decision(graph)
    types = {each.name: each.type for each in kind.answers}
    for facts in Facts(kind.given, graph).some(QUESTIONS):
        try:
            wanted = decision.evaluate(facts.theirs)["result"]
        except Exception as error:  # noqa: BLE001  # whatever their engine raises
            sys.stderr.write(f"{path.stem}: GoRules itself fails: {str(error)[:200]}\n")
            continue
        given = Struct()
        given.update({"request": {"id": "1", **cast("dict[str, Any]", facts.ours)}})
        outcome = judged(loaded, program, given, time.time_ns()).answer.outcome
        answer = _plain(loaded, outcome, types)
        wrong = [
            each for each in kind.answers if not same(answer.get(each.name), wanted, each.path)
        ]
        for each in wrong[:1]:
            told = f"{each.path} is {answer.get(each.name)}, not {_at(wanted, each.path)}"
            sys.stderr.write(f"{path.stem}: {told}, for {json.dumps(facts.theirs)}\n")
        yield not wrong


def same(ours: object, wanted: object, path: str) -> bool:
    """Tell whether an answer is that of GoRules; numbers may differ in their last digits."""
    theirs = _at(wanted, path)
    if theirs is None or theirs == []:
        return ours in NOTHING
    if isinstance(theirs, bool) or isinstance(ours, bool):
        return theirs is ours
    if isinstance(theirs, int | float) and isinstance(ours, int | float):
        return math.isclose(ours, theirs, rel_tol=CLOSE, abs_tol=CLOSE)
    return ours == theirs


def _at(result: object, path: str) -> object:
    for name in path.split("."):
        result = result.get(name) if isinstance(result, Mapping) else None
    return result


def _plain(kind: AnyKind, outcome: Any, types: Mapping[str, str]) -> Mapping[str, object]:
    message = Struct.FromString(kind.write_outcome(outcome)) if kind.write_outcome else outcome
    fields = MessageToDict(message, preserving_proto_field_name=True)
    return {name: _number(value, types.get(name, "")) for name, value in fields.items()}


def _number(value: Any, type_: str) -> object:
    if type_ == "list(decimal)":
        return [float(each) for each in value]
    return float(value) if type_ == "decimal" else value


def _loaded(kind: JdmKind) -> tuple[AnyKind, Program]:
    catalog = check_kind(kind)
    (ruleset,) = catalog.all()
    return catalog.kinds[kind.name], compile_ruleset(ruleset)


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument != "--write"]
    sys.exit(main(Path(given[0]) if given else None, write="--write" in sys.argv))
