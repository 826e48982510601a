"""Tables of declared kinds that tell by `unique` and `any`, and that end with `else`."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from dealgate.model.faults import Fault
from dealgate.proof.checking import analysed
from dealgate.proof.findings import Finding
from tests.declared.folder import read, written_kind

KIND = """\
kind: probe
because: Types.
entity: {type: q, id: q.id}
facts:
  q:
    id: {type: text, required: true, because: The id.}
    open: {type: bool, because: Whether.}
    light: {type: enum, values: [red, green], because: Declared words.}
    tags: {type: list(text), because: Texts.}
outcome:
  word: v
  fields:
    v: {type: enum, values: [no, yes], fold: gravest, because: The word.}
    cost: {type: money, fold: FOLD, because: An amount.}
unknown: hold
nothing: hold
"""
HEAD = "ruleset: probe\nversion: 1\nowner: o\nbecause: First.\n"
CASES = """\
cases:
  - {case: nothing is known, as_of: 2026-01-01T00:00:00Z, facts: {q: {id: a}}, fired: []}
"""
TELLS = """\
facts: {cost: 'money("EUR", "1")'}
rules:
  - {id: more, when: told_a > told_b, then: {v: "yes"}, because: More.}
tables:
  - {id: t, hit: any, gives: told}
"""


def found(folder: Path, rules: str, csv: str) -> Sequence[Finding]:
    """Return what a check finds."""
    files = {"kind.yaml": KIND.replace("FOLD", "fact"), "v1.yaml": HEAD + rules}
    files |= {"v1.t.csv": csv, "v1.cases.yaml": CASES}
    checked = read(written_kind(folder, "probe", files))
    assert not [fault for fault in checked.faults.all if "no case" not in fault.message]
    (ruleset,) = checked.catalog.all()
    return analysed(ruleset, checked.catalog.kinds["probe"]).findings


def test_facts_are_shown_although_only_declared_words_may_be_sent(tmp_path: Path) -> None:
    """A comparison of two told facts reads a fact that takes none of the usual words."""
    csv = "q.light,q.open,gives.a,gives.b\nred,-,1,2\n-,true,1,3\nelse,else,0,0\n"
    codes = [each.code.value for each in found(tmp_path, TELLS, csv)]
    assert "table-overlap" in codes


@pytest.mark.parametrize("cell", ["else", '"else, also if unknown"'])
def test_an_element_of_a_list_is_always_known(tmp_path: Path, cell: str) -> None:
    """So that a default row may stand in a table over the elements themselves."""
    rules = 'facts: {cost: \'money("EUR", "1")\'}\ntables:\n'
    rules += "  - {id: t, hit: unique, each: {tag: q.tags}, because: Each.}\n"
    codes = {
        each.severity.value for each in found(tmp_path, rules, f"tag,then.v\na,yes\n{cell},no\n")
    }
    assert "fault" not in codes


def test_a_fold_that_does_not_fit_names_those_that_do(tmp_path: Path) -> None:
    """Of amounts there are two."""
    checked = read(written_kind(tmp_path, "probe", {"kind.yaml": KIND.replace("FOLD", "sum")}))
    told: Fault = next(each for each in checked.faults.all if "outcome.cost" in each.message)
    assert told.message == "outcome.cost: sum folds int or decimal"
    assert told.hint == "money is folded by split or fact"


def test_a_list_of_values_is_told_how_it_is_declared(tmp_path: Path) -> None:
    """`list_of` holds facts with names of their own."""
    kind = KIND.replace("{type: list(text), because: Texts.}", "{list_of: {type: text}}")
    checked = read(written_kind(tmp_path, "probe", {"kind.yaml": kind.replace("FOLD", "fact")}))
    hints = [fault.hint for fault in checked.faults.all]
    assert "a list of values has a type: {type: list(text), because: …}" in hints
