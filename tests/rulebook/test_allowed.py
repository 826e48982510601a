"""`allowed:` binds what the cells of a column may name: every type, claims and told facts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dealgate.engine.native import NativeEngine
from dealgate.language.cel import CelChecker
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.checking import analysed
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.loading import load_catalog

HEAD = """\
ruleset: approve
version: 1
owner: sales
because: First floor.
"""
Load = Callable[..., AnyRuleSet]


@pytest.fixture
def load(tmp_path: Path, approve: AnyKind, checker: CelChecker) -> Load:
    """Return the rule set of what a table's entry says, and its rows."""
    home = tmp_path / "rules" / "approve"
    home.mkdir(parents=True)

    def loading(entry: str, csv: str, more: str = "") -> AnyRuleSet:
        (home / "v1.yaml").write_text(f"{HEAD}{more}tables:\n  - {{id: size, {entry}}}\n")
        (home / "v1.size.csv").write_text(csv)
        return load_catalog(home.parent, {"approve": approve}, checker).version("approve", 1)

    return loading


def faults(load: Load, entry: str, csv: str, more: str = "") -> list[Fault]:
    """Return what is wrong."""
    with pytest.raises(RulebookFaults) as told:
        load(entry, csv, more)
    return list(told.value.faults)


CONSTANTS = 'constants:\n  near: ["DE", "AT"]\n  far: ["US", "DE"]\n  home: \'"DE"\'\n  big: 1000\n'
TYPES = [
    ("deal.country", "[DE, AT, US]", '"DE, US"', "FR", "'FR' is not among"),
    ("deal.country", "[DE, AT, US]", "not(DE)", "not(FR)", "'FR' is not among"),
    ("deal.country", "[DE, AT, US]", "!= DE", "!= FR", "'FR' is not among"),
    ("deal.country", "[DE, AT]", "in near", "in far", "'US' of far is not among"),
    ("deal.country", "[DE, AT]", "known", "Germany", "'Germany' is not among"),
    ("deal.country", "[DE, AT]", "unknown", '"DE, FR"', "'FR' is not among"),
    ("deal.employees", '["[0..1000]"]', "1000", "1001", "'1001' is not among"),
    ("deal.employees", '["[0..1000]"]', "> 900", "> 1000", "'> 1000' holds for none of"),
    ("deal.employees", '["[0..1000]"]', "<= 0", "< 0", "'< 0' holds for none of"),
    ("deal.employees", '["(0..10]", "[20..30]"]', "[10..12)", "(10..20)", "'(10..20)' holds"),
    ("deal.employees", "[10, 20]", "[15..25]", "[11..19]", "'[11..19]' holds for none of"),
    ("deal.employees", "[10, 20]", ">= big", "10, 15", "'15' is not among"),
    ("deal.probability", "[0.5, 0.50000, 1]", "1.0", "0.6", "'0.6' is not among"),
    ("deal.strategic", "[true]", "true", "false", "'false' is not among"),
]


@pytest.mark.parametrize(("header", "allowed", "good", "bad", "said"), TYPES)
def test_a_cell_names_what_its_column_allows(
    load: Load, header: str, allowed: str, good: str, bad: str, said: str
) -> None:
    """Values, ranges, what is left out and lists of constants; the list stands in the fault."""
    entry = f"hit: rule order, because: So., allowed: {{{header}: {allowed}}}"
    bad = f'"{bad}"' if "," in bad and not bad.startswith('"') else bad
    used = "rules:\n  - {id: r, when: deal.country in near || deal.country in far"
    used += " || deal.country == home || deal.employees > big, then: {points: 1}, because: B.}\n"
    more = CONSTANTS + used
    load(entry, f"{header},then.points\n{good},1\n-,2\n", more)
    (fault,) = faults(load, entry, f"{header},then.points\n{good},1\n{bad},2\n", more)
    assert said in fault.message
    assert "the allowed values of this column: " in fault.message
    assert fault.location.file.endswith("v1.size.csv")
    assert fault.location.line == 3
    assert fault.hint


def test_the_nearest_value_is_suggested(load: Load) -> None:
    """For a value that is not allowed, the nearest allowed one is suggested."""
    entry = "hit: unique, because: So., allowed: {deal.country: [Germany, France]}"
    (fault,) = faults(load, entry, "deal.country,then.points\nGermny,1\n")
    assert fault.hint == "did you mean 'Germany'?"
    assert str(fault.location).endswith("v1.size.csv:2:1")


@pytest.mark.parametrize(
    ("allowed", "said"),
    [
        ("{deal.county: [DE]}", "the table has no column 'deal.county'"),
        ("{when: [DE]}", "cells below `when` are conditions"),
        ("{deal.employees: [many]}", "allowed: deal.employees: 'many' is not a whole number"),
        ("{deal.country: [DE, DE]}", "allowed: DE is listed twice"),
        ("{deal.country: [not(DE)]}", "'not(DE)' is not a value, nor a range"),
        ("{deal.country: []}", "allowed.deal.country"),
        ("{then.points: [1, 2, 2]}", "allowed: 2 is listed twice"),
    ],
)
def test_a_list_that_is_wrong_is_told_where_it_stands(load: Load, allowed: str, said: str) -> None:
    """In the YAML file."""
    csv = "deal.country,deal.employees,when,then.points\nDE,1,deal.strategic,1\n"
    found = faults(load, f"hit: unique, because: So., allowed: {allowed}", csv)
    assert any(said in fault.message for fault in found), found
    assert all(".yaml" in fault.location.file for fault in found)


def test_claims_are_among_the_allowed(load: Load) -> None:
    """Numbers by their value, texts by their letters."""
    entry = 'hit: unique, because: So., allowed: {then.points: ["[0..10]", 100]}'
    csv = "deal.country,then.points\nDE,5\nFR,100\n"
    assert load(entry, csv).tables[0].allowed == {"then.points": ["[0..10]", "100"]}
    (fault,) = faults(load, entry, csv.replace("100", "50"))
    assert "row 2: then.points: '50' is not among the allowed" in fault.message


def test_the_order_of_allowed_claims_is_their_priority(load: Load, approve: AnyKind) -> None:
    """As DMN has it; `priority:` says another one, and ranges have none."""
    csv = "deal.employees,then.points\n> 1,1\n> 2,3\n> 3,2\n"
    facts = approve.facts()
    facts.deal.id, facts.deal.employees = "1", 9

    def fired(hit: str, allowed: str, more: str = "") -> list[str]:
        entry = f"hit: {hit}, because: So., allowed: {{then.points: {allowed}}}{more}"
        program = NativeEngine().prepare(load(entry, csv))
        return [each.rule.id for each in program.fire(facts, 0, explain=False).fired]

    assert fired("output order", "[3, 2, 1, 0]") == ["size/2", "size/3", "size/1"]
    assert fired("priority", "[3, 2, 1]") == ["size/2"]
    assert fired("priority", "[1, 2, 3]") == ["size/1"]
    assert fired("priority", "[1, 2, 3]", ', priority: ["2", "1", "3"]') == ["size/3"]
    ranged = 'hit: priority, because: So., allowed: {then.points: ["[0..9]"]}'
    assert "needs a column" in faults(load, ranged, csv)[0].message
    spelt = "hit: priority, because: So., allowed: {then.points: [3, 2, 1.0]}"
    assert [fault.message for fault in faults(load, spelt, csv)] == [
        "row 1: '1' is not among the table's `priority:`"
    ]


USE = "rules:\n  - {{id: r, when: '{}', then: {{points: 1}}, because: B.}}\n"


@pytest.mark.parametrize(
    ("allowed", "cells", "use", "bad", "said"),
    [
        ("[small, large]", ("large", "small"), 'size == "large"', "larg", "did you mean 'large'?"),
        ("[1, 2]", ("2", "1"), "size > 1", "3", "'3' is not among"),
        ("[1, 2]", ("2", "1"), "size > 1", "1 + 1", "'1 + 1' is not among"),
        ("[0.5, 1]", ('"decimal(""0.50"")"', '"decimal(""1"")"'), 'size > decimal("0.5")',
         '"decimal(""0.6"")"', "'0.6' is not among"),
        ("[EUR 5, EUR 7]", ('"money(""EUR"", ""5"")"', '"money(""EUR"", ""7.00"")"'),
         'size > money("EUR", "5")', '"money(""EUR"", ""6"")"', "'EUR 6' is not among"),
        ("[true]", ("true", "true"), "size", "false", "'false' is not among"),
    ],
)  # fmt: skip
def test_what_rows_tell_is_among_the_allowed(
    load: Load, allowed: str, cells: tuple[str, str], use: str, bad: str, said: str
) -> None:
    """Texts stand below `gives` as they are, as with `values:`; the rest is CEL, and no sum."""
    entry = f"hit: first, gives: size, allowed: {{gives: {allowed}, deal.employees: ['[0..99]']}}"
    csv = "deal.employees,gives\n> 50,{}\nelse,{}\n"
    assert "size" in load(entry, csv.format(*cells), USE.format(use)).facts
    (fault,) = faults(load, entry, csv.format(bad, cells[1]), USE.format(use))
    assert said in f"{fault.message} {fault.hint}"
    wide = csv.format(*cells).replace("> 50", "> 100")
    (fault,) = faults(load, entry, wide, USE.format(use))
    assert "'> 100' holds for none of" in fault.message


def test_of_several_facts_each_has_its_list(load: Load) -> None:
    """Where `values:` knows one."""
    entry = "hit: first, gives: fee, allowed: {gives.tier: [gold, tin], gives.base: [1, 2]}"
    use = USE.format('fee_tier == "gold" && fee_base > 1')
    csv = "deal.employees,gives.tier,gives.base\n> 50,gold,2\nelse,tin,1\n"
    assert {*load(entry, csv, use).facts} == {"fee_tier", "fee_base"}
    messages = [each.message for each in faults(load, entry, csv.replace("gold,2", "god,3"), use)]
    assert [message.partition(" is not")[0] for message in messages] == [
        "row 1: 'god'",
        "row 1: '3'",
    ]
    both = entry.replace("gives.tier: [gold, tin], ", "").replace("first,", "first, values: [a],")
    assert any("values:" in each.message for each in faults(load, both, csv, use))


def test_the_proof_closes_nothing_that_arrival_leaves_open(load: Load, approve: AnyKind) -> None:
    """A country that the table does not list may be sent, and then no row holds: that is a gap."""
    entry = "hit: unique, because: So., allowed: {deal.country: [DE, AT]}"
    found = analysed(load(entry, "deal.country,then.points\nDE,1\nAT,2\n"), approve).findings
    (gap,) = [each for each in found if each.code.value == "table-gap"]
    assert 'anything but "AT" or "DE"' in gap.message
    assert "allowed" in gap.hint
