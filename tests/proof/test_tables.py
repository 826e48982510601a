"""Mistakes planted in tables are found under the hit policies that make them mistakes."""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from dealgate.model.codes import Code
from dealgate.model.rules import AnyRuleSet, HitPolicy
from dealgate.proof.checking import MOST, analysed
from tests.proof.proving import SPECIMEN, claiming, rules, ruleset, tabled
from tests.proof.test_rules import told

TABLES = Path(__file__).parent / "tables"
BEST_FIRST = ("high", "mid", "low")


def table(text: str) -> AnyRuleSet:
    """Return the rules in `text` as one table, under the policy that its first line names."""
    hit = re.match("# hit: (.*)", text)
    assert hit is not None
    found = tabled(ruleset(text), HitPolicy(hit[1]))
    (made,) = found.tables
    return replace(found, tables=(replace(made, output=("say",), priority=BEST_FIRST),))


@pytest.mark.parametrize("path", sorted(TABLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_mistakes_are_told(path: Path) -> None:
    """Each table has beside it, word for word, what its author reads.

    `REGENERATE=1 .venv/bin/pytest tests/proof/test_tables.py` writes the texts anew.
    """
    text = told(analysed(table(path.read_text()), SPECIMEN))
    golden = path.with_suffix(".txt")
    if os.environ.get("REGENERATE"):
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("hit", list(HitPolicy))
def test_a_sound_table_is_proved_without_a_word(hit: HitPolicy) -> None:
    """Rows that share nothing and leave nothing are sound under every policy."""
    conditions = [
        "thing.count < 50",
        "thing.count >= 50 && thing.flag",
        "thing.count >= 50 && !thing.flag",
    ]
    of = tabled(claiming(conditions, BEST_FIRST), hit)
    of = replace(of, tables=(replace(of.tables[0], output=("say",), priority=BEST_FIRST),))
    assert told(analysed(of, SPECIMEN)) == "3 rules: 3 proved\n"


def test_a_table_over_a_list_is_judged_by_element() -> None:
    """An empty list leaves no gap; an element that no row takes does."""
    text = "rules:\n"
    for number, when in enumerate(("i.count < 5", "i.count > 5")):
        text += f"  - id: r{number}\n    each: {{i: items}}\n    when: {when}\n"
        text += f"    then: {{say: s{number}}}\n    because: Because.\n"
    (gap,) = analysed(tabled(ruleset(text), HitPolicy.UNIQUE), SPECIMEN).findings
    assert gap.message == "has no row for items[].count: 5; size(items): more than 0"


def test_a_missing_fact_is_no_gap_but_a_test_for_it_counts() -> None:
    """While a fact is missing its rows are undecided; `unknown` in a cell takes that up."""
    whole = ["thing.count < 50", "thing.count >= 50"]
    assert analysed(tabled(claiming(whole, "ab"), HitPolicy.UNIQUE), SPECIMEN).findings == ()
    split = ["has(thing.count) && thing.count < 50", "!has(thing.count)"]
    (gap,) = analysed(tabled(claiming(split, "ab"), HitPolicy.UNIQUE), SPECIMEN).findings
    assert gap.message == "has no row for thing.count: at least 50"


def test_a_gap_more_than_is_shown_is_mentioned() -> None:
    """Five are described; of a sixth the author is told that it is there, and on which facts."""
    conditions = [f'thing.name == "V{number}" && thing.flag' for number in range(6)]
    of = tabled(claiming(conditions, ["a"] * 6), HitPolicy.UNIQUE)
    gaps = [f for f in analysed(of, SPECIMEN).findings if f.code is Code.TABLE_GAP]

    assert [gap.message for gap in gaps][5:] == ["has more gaps than these; close them first"]
    assert gaps[5].witness is not None


@pytest.mark.parametrize("hit", [HitPolicy.FIRST, HitPolicy.UNIQUE])
def test_as_many_rows_as_nobody_writes_by_hand_are_proved(hit: HitPolicy) -> None:
    """No row deepens a recursion, and rows that lie apart are not compared with each other."""
    conditions = [f"thing.count == {number} && thing.flag" for number in range(600)]
    report = analysed(tabled(claiming(conditions, [*map(str, range(600))]), hit), SPECIMEN)

    assert report.unknown == ()
    assert {finding.code for finding in report.findings} == {Code.TABLE_GAP}


def test_more_rules_than_can_be_proved_are_called_unknown() -> None:
    """At once, each of them; nothing is said of them that is not so."""
    of = tabled(claiming(["thing.flag"], ["a"]), HitPolicy.UNIQUE)
    many = replace(of, rules=[*of.rules] * (MOST + 1))

    report = analysed(many, SPECIMEN)
    assert report.findings == ()
    assert len(report.open) == len({rule.id for rule in many.rules})


def test_gaps_are_told_in_the_words_of_the_columns() -> None:
    """A column that is a named fact is told by its value, and two sides by which is more."""
    head = "facts:\n  large: thing.count >= 50\n  more: thing.price > goal\n"
    of = rules("large && more", "!large", head=head)
    (table,) = tabled(of, HitPolicy.UNIQUE).tables
    assert gaps(replace(of, tables=(table,))) == [
        "has no row for thing.count: at least 50; goal is at least thing.price"
    ]
    columns = [replace(each, source=name) for name, each in of.facts.items()]
    assert gaps(replace(of, tables=(replace(table, columns=columns),))) == [
        "has no row for large: true; more: false"
    ]


def gaps(of: AnyRuleSet) -> list[str]:
    """Return what is said of gaps."""
    found = analysed(of, SPECIMEN).findings
    return [finding.message for finding in found if finding.code is Code.TABLE_GAP]
