"""docs/conformance.md: the decision tables of the DMN TCK, imported, decide as its tests say.

Usage: python docs/conformance_dmn.py FOLDER [--write]     (`make conformance DMN_TCK=FOLDER`)

FOLDER holds models (`*.dmn`) and beside each its tests (`*.xml`), as `TestCases` of the TCK does;
they are not part of this project. Each decision that is a table is imported as `dealgate table
import` does it, becomes a kind of its own, and is asked what its tests ask. Exits with 1 if an
answer is wrong.
"""

import csv
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from google.protobuf.struct_pb2 import Struct

from dealgate.desk.dmn import DmnTable, read_dmn
from dealgate.desk.dmn_functions import InvokedTable, dmn_tables
from dealgate.desk.exchange import NotExported
from dealgate.engine.native import Program, compile_ruleset
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import SEPARATE
from dealgate.rulebook.loading import read_catalog
from docs.conformance import PAGE, section
from docs.tck_chains import Chains, NotGiven
from docs.tck_tests import (
    below,
    expected_of,
    number_of,
    plain,
    plain_name,
    same,
    tag_of,
    tests_of,
)

TITLE = "## Decision tables of DMN"
COLUMNS = ("right", "wrong", "not taken over", "not a table")
TYPES = {
    "number": "decimal",
    "string": "text",
    "boolean": "bool",
    "date": "date",
    "dateTime": "instant",
    "dayTimeDuration": "duration",
}
FOLDS = {"decimal": "sum", "text": "collect", "bool": "first"}
PATH = re.compile(r"[^\W\d][\w ]*(?:\.[^\W\d][\w ]*)*")
CHECKER = CelChecker()
AS_OF = 1_780_000_000 * 10**9  # no test asks what day it is
# What is told of a table although the import keeps its meaning.
HARMLESS = re.compile(
    r"input .*: (?:its values, |is not a path)|output .*: its default, |column .*: is not made"
)


class NotTaken(Exception):
    """A table that is not taken over, and why."""


@dataclass(frozen=True)
class Model:
    """An imported table, ready for questions; `outputs` are its columns of claims."""

    kind: AnyKind
    program: Program
    table: DmnTable
    outputs: Sequence[str]

    def answer(self, inputs: Mapping[str, Any]) -> object:
        """Return what the table claims of these inputs, as a test words it."""
        struct = Struct()
        struct.update({"input": {"id": "1", **inputs}})
        facts = self.kind.known(struct, self.program.ruleset.parameters, AS_OF)
        fired = self.program.fire(facts, AS_OF, explain=False).fired
        claims = [self._claim(hit.rule.then) for hit in fired]
        return claims if self.table.hit in SEPARATE else next(iter(claims), None)

    def _claim(self, then: object) -> object:
        claim = {name: plain(getattr(then, name)) for name in self.outputs}
        return claim if len(claim) > 1 else next(iter(claim.values()))


def main(folder: Path | None, *, write: bool) -> int:
    """Print the table, and write it to the page if that is wanted; return the exit code."""
    models = sorted(folder.rglob("*.dmn")) if folder else []
    if not models:
        sys.stdout.write(f"{folder or 'no folder'} holds no *.dmn: nothing is tried\n")
        return 0
    why = Counter[str]()
    rows = {path.stem: Counter(_verdicts(path, why)) for path in models}
    text = page({name: row for name, row in rows.items() if row}, why)
    sys.stdout.write(text)
    if write:
        PAGE.write_text(section(PAGE.read_text(), TITLE, text))
    return 1 if any(row["wrong"] for row in rows.values()) else 0


def page(rows: Mapping[str, Counter[str]], why: Mapping[str, int]) -> str:
    """Return the section for what each model came to."""
    lines = [
        TITLE,
        "",
        "Results of the tests of the [DMN TCK](https://github.com/dmn-tck/tck), by model: each",
        "table is imported as `dealgate table import` does it, and asked what its tests ask. A",
        "table that reads the result of another decision is given what that one's table answers;",
        "if it is not a table, what a test of the same inputs expects of it.",
        "Decisions that are not tables have no counterpart here: boxed contexts, lists, relations",
        "and functions, literal expressions. Neither have outputs that are computed, FEEL beyond",
        "unary tests, times of day, and spans of years and months.",
        "Written by `make conformance DMN_TCK=…`. It counts the models in the folder that",
        f"it was given, {len(rows)} here; the TCK has more than a hundred.",
        "",
        f"| model | {' | '.join(COLUMNS)} |",
        f"| --- |{' --- |' * len(COLUMNS)}",
    ]
    for name, row in [*rows.items(), ("**all**", sum(rows.values(), Counter[str]()))]:
        lines.append(f"| {name} | {' | '.join(str(row[column]) for column in COLUMNS)} |")
    if why:
        lines += ["", "What could not be taken over, and in how many tests that matters:", ""]
        lines += [f"* {reason}: {count}" for reason, count in sorted(why.items())]
    return "\n".join(lines) + "\n"


def _verdicts(path: Path, why: Counter[str]) -> Iterator[str]:
    tests = [test for file in sorted(path.parent.glob("*.xml")) for test in tests_of(file, path)]
    if not tests:
        return
    tried = Tried(path, tests)
    for test in tests:
        for result in below(test, "resultNode"):
            try:
                yield tried.verdict(test, result)
            except NotTaken as error:
                why[str(error)] += 1
                yield "not taken over"


class Tried:
    """One model of the TCK, whose tables are imported as they are asked for."""

    def __init__(self, path: Path, tests: Sequence[ET.Element]) -> None:
        """`path` is that of the model, `tests` are its own."""
        self._path = path
        self._root = ET.parse(path).getroot()  # noqa: S314  # a folder that the caller chose
        self._tables = {each.name: (n, each) for n, each in enumerate(dmn_tables(self._root))}
        self._models = dict[str, Model | NotTaken]()
        decisions = [each.get("name") or "" for each in below(self._root, "decision")]
        self._chains = Chains(decisions, tests)

    def verdict(self, test: ET.Element, result: ET.Element) -> str:
        """Say what an expected result comes to; raises NotTaken."""
        name = result.get("name") or ""
        if name not in self._tables:
            return "not a table"
        model = self._model(name)
        expected = next(
            (expected_of(each) for each in result if tag_of(each) in {"expected", "computed"}), None
        )
        given, answer = self._answer(model, test)
        if answer in (None, []) and any("its default" in each for each in model.table.left_out):
            raise NotTaken("a default output")
        if same(answer, expected):
            return "right"
        sys.stderr.write(f"{model.kind.name} {given}: {answer}, expected {expected}\n")
        return "wrong"

    def _answer(self, model: "Model", test: ET.Element) -> tuple[Mapping[str, Any], object]:
        try:
            given = self._chains.given(test, _read(model), self._answer_of)
        except NotGiven as error:
            raise NotTaken(str(error)) from None
        return given, model.answer(given)

    def _answer_of(self, decision: str, test: ET.Element) -> object:
        """Say what another decision comes to, None if that is not known from its table."""
        try:
            return self._answer(self._model(decision), test)[1]
        except NotTaken:
            return None

    def _model(self, name: str) -> "Model":
        if name not in self._models:
            self._models[name] = self._imported(name)
        model = self._models[name]
        if isinstance(model, NotTaken):
            raise model
        return model

    def _imported(self, name: str) -> "Model | NotTaken":
        if name not in self._tables:
            return NotTaken("not a table")
        number, placed = self._tables[name]
        try:
            return _made(read_dmn(self._path)[number], placed, self._root)
        except (NotExported, NotTaken) as error:
            return NotTaken(str(error))


def _read(model: Model) -> set[str]:
    return {name for column in model.table.rows[0] for name in re.findall(r"input\.(\w+)", column)}


# ── A table of the TCK as a kind ────────────────────────────────────────────────────────────────


def _made(table: DmnTable, placed: InvokedTable, root: ET.Element) -> Model:
    lost = [each for each in table.left_out if not HARMLESS.match(each)]
    if lost:
        raise NotTaken(_kind_of(lost[0]))
    header, *rows = table.rows
    inputs = [
        column for column in header[1:] if not column.startswith("then.") and column != "because"
    ]
    outputs = [column.removeprefix("then.") for column in header if column.startswith("then.")]
    types = _types(placed, root)
    inputs, compared = inputs[: len(types)], inputs[len(types) :]
    declared = dict(zip(inputs, types, strict=True))
    known = {each.get("name") for each in below(root, "decision")}
    wrong = [each for each in inputs if not PATH.fullmatch(each) and each not in known]
    if wrong:
        raise NotTaken("an input that is an expression")
    others = {path: t for path, t in _data(root) if any(path in each for each in compared)}
    if not {*others.values()} <= {*TYPES}:
        raise NotTaken("a fact of a type that is not taken over")
    read = {**{path: TYPES[t] for path, t in others.items()}, **declared}
    facts = {plain_name(column): type_ for column, type_ in read.items()}
    claims = {
        name: _claimed([row[header.index(f"then.{name}")] or "1" for row in rows])
        for name in outputs
    }
    header = [_headed(each, inputs, compared, read) for each in header]
    allowed = {_headed(each, inputs, compared, read): of for each, of in table.allowed.items()}
    shown = replace(table, rows=[header, *rows], allowed=allowed)
    with tempfile.TemporaryDirectory() as scratch:
        return Model(
            *_loaded(_written(Path(scratch) / "rules", shown, facts, claims)), shown, outputs
        )


def _data(root: ET.Element) -> Iterator[tuple[str, str]]:
    """Yield each fact that the model takes, by its path, with its type."""
    parts = {
        each.get("name"): [
            (part.get("name") or "", next((t.text or "" for t in below(part, "typeRef")), ""))
            for part in each
            if tag_of(part) == "itemComponent"
        ]
        for each in below(root, "itemDefinition")
    }
    for each in below(root, "inputData"):
        for variable in below(each, "variable"):
            name, type_ = variable.get("name") or "", variable.get("typeRef") or ""
            known = parts.get(type_) or parts.get(type_.rpartition(":")[2]) or []
            yield from ((f"{name}.{part}", t) for part, t in known)
            if not known:
                yield name, type_.rpartition(":")[2]


def _headed(
    written: str, inputs: Sequence[str], compared: Sequence[str], read: Mapping[str, str]
) -> str:
    """Return a column's header with facts as they are called here."""
    if written in inputs:
        return f"input.{plain_name(written)}"
    if written not in compared:
        return written
    names = "|".join(re.escape(name) for name in sorted(read, key=len, reverse=True))
    return re.sub(rf"(?<![.\w])(?:{names})(?!\w)", lambda m: f"input.{plain_name(m[0])}", written)


def _kind_of(lost: str) -> str:
    if "the output" in lost:
        return "an output that is an expression"
    if "claims nothing" in lost:
        return "an output that is null"
    if "has no expression" in lost:
        return "an input without an expression"
    return "a cell that reads other facts" if lost.startswith("row ") else lost


def _types(placed: InvokedTable, root: ET.Element) -> list[str]:
    """Return the type of each input: that of what it is bound to, its own, or its data's."""
    defined = {
        each.get("name"): next((t.text for t in each if tag_of(t) == "typeRef"), None)
        for each in below(root, "itemDefinition")
    }
    named = {
        v.get("name"): v.get("typeRef")
        for name in ("inputData", "decision")
        for each in below(root, name)
        for v in below(each, "variable")
    }
    named |= dict(_data(root))
    found = []
    for each in below(placed.table, "inputExpression"):
        text = next((t.text or "" for t in below(each, "text")), "").strip()
        bound = named.get(placed.read(text)) if placed.bound else None
        type_ = bound or each.get("typeRef") or named.get(text) or ""
        type_ = (defined.get(type_) or type_).rpartition(":")[2]
        if type_ not in TYPES:
            raise NotTaken(f"an input of type {type_ or 'unknown'}")
        found.append(TYPES[type_])
    return found


def _claimed(claims: Sequence[str]) -> str:
    if all(claim in {"true", "false"} for claim in claims):
        return "bool"
    return "decimal" if all(number_of(claim) is not None for claim in claims) else "text"


def _written(
    folder: Path, table: DmnTable, facts: Mapping[str, str], claims: Mapping[str, str]
) -> Path:
    home = folder / "tck"
    home.mkdir(parents=True)
    lines = [
        "kind: tck",
        "because: From the TCK.",
        "entity: {type: thing, id: input.id}",
        "facts:",
        "  input:",
    ]
    lines += [
        f"    {name}: {{type: {t}, because: x}}" for name, t in {"id": "text", **facts}.items()
    ]
    lines += ["outcome:", "  word: verdict", "  fields:"]
    lines += [
        "    verdict: {type: enum, values: [none_of_it, any_of_it], fold: gravest, because: x}"
    ]
    lines += [f"    {n}: {{type: {t}, fold: {FOLDS[t]}, because: x}}" for n, t in claims.items()]
    (home / "kind.yaml").write_text("\n".join([*lines, "unknown: hold", "nothing: hold", ""]))
    declared = table.declaration.removesuffix("}") + ", because: x}"
    head = "ruleset: tck\nversion: 1\nowner: tck\nbecause: From the TCK.\ntables:\n"
    (home / "v1.yaml").write_text(f"{head}  {declared}\n")
    out = StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(table.rows)
    (home / f"v1.{table.id}.csv").write_text(out.getvalue())
    return folder


def _loaded(folder: Path) -> tuple[AnyKind, Program]:
    faults: list[Fault] = []
    catalog = read_catalog(folder, KINDS, CHECKER, faults)
    if faults:
        raise NotTaken(faults[0].message)
    (ruleset,) = catalog.all()
    return catalog.kinds["tck"], compile_ruleset(ruleset)


if __name__ == "__main__":
    given = [argument for argument in sys.argv[1:] if argument != "--write"]
    sys.exit(main(Path(given[0]) if given else None, write="--write" in sys.argv))
