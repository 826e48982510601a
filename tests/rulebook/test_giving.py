"""Tables that tell a fact: read by rules and other tables, typed, ordered, proved, three-valued."""

import re
from collections.abc import Callable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from dealgate.engine.hits import Ranked
from dealgate.engine.native import NativeEngine
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.language.values import NoValue, Ternary, Unknown
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.checking import analysed
from dealgate.proof.conditions import Conditions
from dealgate.proof.formulas import Choice
from dealgate.rulebook.computing import told_facts
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.loading import load_catalog
from tests.shipped import RULES

HEAD = """\
ruleset: approve
version: 1
owner: sales
because: First floor.
"""
YAML = """\
constants:
  big: 1000
facts:
  reach: 'band == "large" ? 2 : 1'
tables:
  - {id: worth, hit: first, gives: worth}
  - {id: band, hit: first, gives: band, values: [small, mid, large]}
  - {id: size, hit: unique, because: Sizes differ.}
"""
SHEETS = {
    "band": (
        "id,deal.employees,deal.country,gives\na,>= big,-,large\nb,>= 50,DE,mid\nc,else,-,small\n"
    ),
    "worth": 'band,reach,gives\nlarge,-,reach * 2\n"small, mid",1,7\nelse,else,1\n',
    "size": "band,worth,then.points\nlarge,-,1\nnot(large),> 2,2\nnot(large),<= 2,3\n",
}

Load = Callable[..., AnyRuleSet]


@pytest.fixture
def load(tmp_path: Path, approve: AnyKind, checker: CelChecker) -> Load:
    """Return the rule set of a YAML text and its tables."""
    home = tmp_path / "rules" / "approve"
    home.mkdir(parents=True)

    def loading(yaml: str = YAML, **sheets: str) -> AnyRuleSet:
        (home / "v1.yaml").write_text(HEAD + yaml)
        for name, text in {**SHEETS, **sheets}.items():
            (home / f"v1.{name}.csv").write_text(text)
        return load_catalog(home.parent, {"approve": approve}, checker).version("approve", 1)

    return loading


def faults(load: Load, yaml: str = YAML, **sheets: str) -> list[Fault]:
    """Return what is wrong."""
    with pytest.raises(RulebookFaults) as refused:
        load(yaml, **sheets)
    return list(refused.value.faults)


def test_a_table_tells_a_fact_that_others_read(load: Load) -> None:
    """In the order they need each other, whatever the order of the file; it is no rule."""
    ruleset = load()
    assert list(ruleset.facts) == ["band", "reach", "worth"]
    band = ruleset.facts["band"]
    assert band.source == (
        'deal.employees >= big ? "large" : '
        'deal.employees >= 50 && deal.country == "DE" ? "mid" : "small"'
    )
    assert (band.type, ruleset.facts["worth"].type) == ("string", "int")
    assert str(band.location).startswith("rules/approve/v1.band.csv:2:")
    assert [rule.id for rule in ruleset.rules] == ["size/1", "size/2", "size/3"]


def test_the_proof_sees_through(load: Load, approve: AnyKind) -> None:
    """What a table never tells can never be asked for; facts are shown, not names."""
    messages = [str(finding) for finding in analysed(load(), approve).findings]
    assert len(messages) == 1
    assert "rule size/3 can never fire" in messages[0]
    assert "facts: {deal:" in messages[0]


FACTS: Mapping[str, Any] = {"employees": (None, 10, 60, 2000), "country": (None, "DE", "FR")}


async def test_it_tells_what_the_first_row_that_holds_would_claim(
    load: Load, approve: AnyKind
) -> None:
    """Three-valued, over every truth of its cells: a row above that waits leaves it unknown."""
    claims = SHEETS["band"].replace("gives", "then.points").replace("large", "1")
    claims = claims.replace("mid", "2").replace("small", "3").replace("else", "-")
    yaml = YAML + "  - {id: same, hit: first, because: The same rows.}\n"
    size = "band,then.points\nlarge,1\nmid,2\nsmall,3\n"
    ruleset = load(yaml, size=size, same=claims)
    program = NativeEngine().prepare(ruleset)
    for employees, country in product(*FACTS.values()):
        facts = approve.facts()
        facts.deal.id = "1"
        if employees is not None:
            facts.deal.employees = employees
        if country is not None:
            facts.deal.country = country
        evidence = program.fire(facts, 0, explain=False)
        fired = [hit.rule.id.split("/") for hit in evidence.fired]
        told = [1 + "123".index(row) for table, row in fired if table == "size"]
        claimed = [1 + "abc".index(row) for table, row in fired if table == "same"]
        assert told == claimed, (employees, country)
        waits = {one.rule.id.split("/")[0] for one in evidence.undecided}
        assert ("size" in waits) == ("same" in waits) == (not told), (employees, country)


def test_the_chain_is_the_policy() -> None:
    """The laws of `?:` and of FIRST agree on every truth of three rows."""
    unknown = Unknown(("x",))
    values: tuple[Ternary, ...] = (True, False, unknown)
    for truths in product(values, repeat=3):
        settled, _ = Ranked([], range(3))(list(truths))
        first = next((index for index, truth in enumerate(truths) if truth is not False), None)
        if first is None or isinstance(truths[first], NoValue):
            assert True not in settled
        else:
            assert settled.index(True) == first


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ({"band": "deal.employees,gives\n>= 50,mid\n"}, "the fact has no value if no row"),
        ({"band": "deal.employees,gives\n-,mid\nelse,small\n"}, "row 1: it always holds, so no"),
        ({"band": "deal.employees,gives\n> 5,midd\nelse,small\n"}, "'midd' is not among the"),
        ({"band": "deal.employees,gives\n> 5,\nelse,small\n"}, "row 1: it gives no value"),
        ({"band": "deal.employees,gives\n> x,mid\nelse,small\n"}, "'x' is not a whole number"),
        ({"band": "deal.employes,gives\n> 5,mid\nelse,small\n"}, "no field 'employes'"),
        ({"band": "deal.employees,gives\nelse,mid\nelse,small\n"}, "`else` stands in the last row"),
        (
            {"worth": 'reach,gives\n> 1,7\n"else, also if unknown",1\n'},
            "whether reach is known cannot be asked",
        ),
        ({"band": "deal.employees,deal.country\n> 5,DE\n"}, "has one column `gives`, not 0"),
        ({"worth": "band,gives\nlarge,2.5\nelse,1\n"}, "a int, and row 1 gives a double"),
        ({"worth": "band,gives\nlarge,nix\nelse,1\n"}, "unknown name 'nix'"),
        ({"band": "worth,gives\n1,large\nelse,small\n"}, "it needs itself: reach → band → worth"),
        ({"band": "deal.employees,gives\n" + "> 5,mid\n" * 500 + "else,small\n"}, "at most 500"),
    ],
)
def test_what_is_wrong_is_told_once_at_its_cell(
    load: Load, sheets: dict[str, str], said: str
) -> None:
    """And nothing of what reads the table: that would be an echo."""
    (fault,) = faults(load, **sheets)
    assert said in fault.message
    assert fault.hint


def test_else_can_take_unknown_for_no(load: Load, approve: AnyKind) -> None:
    """A row that waits counts as one that does not hold; one that is known to hold still tells."""
    ruleset = load(band=SHEETS["band"].replace("c,else,-,", 'c,"else, also if unknown",-,'))
    assert ruleset.facts["band"].source == (
        'has(deal.employees) && deal.employees >= big ? "large" : '
        "has(deal.employees) && deal.employees >= 50 && has(deal.country) && "
        'deal.country == "DE" ? "mid" : "small"'
    )
    program = NativeEngine().prepare(ruleset)
    fired = []
    for employees in (None, 60, 2000):
        facts = approve.facts()
        facts.deal.id = "1"
        if employees is not None:
            facts.deal.employees = employees
        evidence = program.fire(facts, 0, explain=False)
        fired += [hit.rule.id for hit in evidence.fired]
        assert not evidence.undecided
    assert fired == ["size/2", "size/2", "size/1"]


def test_a_threshold_for_each_country_is_written_as_documented(
    tmp_path: Path, checker: CelChecker
) -> None:
    """The CSV of rules/README.md, read by the rule that stands there."""
    page = (RULES / "README.md").read_text()
    (csv,) = re.findall(r"```csv\n(lead.company.country,gives\n.*?)```", page, re.DOTALL)
    home = tmp_path / "rules" / "qualify"
    home.mkdir(parents=True)
    text = (RULES.parent / "tests/rules/qualify/v1.yaml").read_text()
    head, rules = text.split("\nrules:\n")
    head = re.sub(r"\nconstants:\n.*", "", head, flags=re.DOTALL)
    table = "tables:\n  - {id: smallest, hit: first, gives: smallest}\n"
    rule = rules.split("\n  - id:")[0].replace("< small", "< smallest")
    (home / "v1.yaml").write_text(f"{head}\nrules:\n{rule.rstrip()}\n{table}")
    (home / "v1.smallest.csv").write_text(csv)
    ruleset = load_catalog(home.parent, KINDS, checker, only=["qualify"]).version("qualify", 1)
    assert ruleset.facts["smallest"].source == (
        'lead.company.country in ["DE", "AT", "CH"] ? (50) : '
        'lead.company.country == "US" ? (500) : (200)'
    )


def test_it_claims_nothing(load: Load) -> None:
    """No other policy, claim or loop; a file of such tables alone decides nothing."""
    wrong = YAML.replace(
        "{id: worth, hit: first,", "{id: worth, hit: rule order, then: {points: 1},"
    )
    assert [fault.message[:10] for fault in faults(load, wrong)] == ["hit: rule ", "then: a ta"]
    told = faults(load, YAML.replace("  - {id: size, hit: unique, because: Sizes differ.}\n", ""))
    assert any("neither rules nor tables" in fault.message for fault in told)


def test_rows_in_output_order_claim_in_the_order_of_their_claims(
    load: Load, approve: AnyKind
) -> None:
    """Every row that holds claims, the highest first; a value that is not ranked is a fault."""
    yaml = YAML.replace("hit: unique,", 'hit: output order, priority: ["3", "2", "1"],')
    size = "deal.employees,then.points\n> 1,1\n> 2,3\n> 3,2\n"
    program = NativeEngine().prepare(load(yaml, size=size))
    facts = approve.facts()
    facts.deal.id = "1"
    facts.deal.employees = 9
    fired = [hit.rule.id for hit in program.fire(facts, 0, explain=False).fired]
    assert fired == ["size/2", "size/3", "size/1"]
    (fault,) = faults(load, yaml, size=size.replace("> 3,2", "> 3,4"))
    assert "'4' is not among the table's `priority:`" in fault.message


ROWS = 130
LONG = "deal.employees,gives\n" + "".join(f"{n},{n * 2}\n" for n in range(1, ROWS)) + "else,0\n"
LONG_YAML = f"""{YAML}\
  - {{id: long, hit: first, gives: doubled}}
rules:
  - id: even
    when: doubled == 242
    then: {{points: 1}}
    because: Of 121.
"""


def test_a_table_may_have_more_rows_than_an_expression_has_levels(
    load: Load, approve: AnyKind
) -> None:
    """Twenty rows are a fact of their own, which goes on with the next; unknown stays unknown."""
    ruleset = load(LONG_YAML, long=LONG)
    pieces = [name for name in ruleset.facts if name.startswith("doubled")]
    assert pieces == [*(f"doubled__{row}" for row in range(121, 1, -20)), "doubled"]
    program = NativeEngine().prepare(ruleset)
    for employees, fires in ((121, True), (1, False), (129, False), (500, False)):
        facts = approve.facts()
        facts.deal.id, facts.deal.employees = "1", employees
        fired = {hit.rule.id for hit in program.fire(facts, 0, explain=False).fired}
        assert ("even" in fired) is fires, employees
    facts.deal.ClearField("employees")
    evidence = program.fire(facts, 0, explain=False)
    assert "even" in {one.rule.id for one in evidence.undecided}
    assert not [each for each in analysed(ruleset, approve).findings if "even" in str(each)]


@pytest.mark.parametrize(
    ("told", "when"), [("1", "doubled > 0"), ("true", "doubled"), ('"""a"""', 'doubled == "a"')]
)
def test_conditions_are_read_through_the_longest_table(load: Load, told: str, when: str) -> None:
    """Its rows lie one within the other, more of them than Python has levels for."""
    rows = "".join(f"{n},{told}\n" for n in range(499))
    yaml = LONG_YAML.replace("doubled == 242", f"'{when}'")
    ruleset = load(yaml, long=f"deal.employees,gives\n{rows}else,{told}\n")
    rule = next(each for each in ruleset.rules if each.id == "even")
    assert isinstance(Conditions(ruleset).rule(rule), Choice)


def test_a_fact_may_not_be_called_like_the_rows_of_a_table(load: Load) -> None:
    """Which are told apart by the number of their first row."""
    yaml = LONG_YAML.replace("facts:", "facts:\n  doubled__21: deal.employees > 3")
    (fault,) = [each for each in faults(load, yaml, long=LONG) if "rows of a table" in str(each)]
    assert "doubled__21" in str(fault)


SEVERAL = "deal.employees,gives.base,gives.rate\n>= 50,10,base_of * 2\nelse,5,3\n"
SEVERAL_YAML = f"""{YAML}\
  - {{id: fee, hit: first, gives: fee}}
rules:
  - id: dear
    when: fee_base * fee_rate > 15
    then: {{points: 1}}
    because: It costs.
"""


def test_a_table_tells_several_facts(load: Load, approve: AnyKind) -> None:
    """One for each column, called after both; what is wrong with a row is said once."""
    yaml = SEVERAL_YAML.replace("  big: 1000", "  big: 1000\n  base_of: 4")
    ruleset = load(yaml, fee=SEVERAL)
    assert {"fee_base", "fee_rate"} <= {*ruleset.facts}
    program = NativeEngine().prepare(ruleset)
    for employees, fires in ((60, True), (10, False)):
        facts = approve.facts()
        facts.deal.id, facts.deal.employees = "1", employees
        fired = {hit.rule.id for hit in program.fire(facts, 0, explain=False).fired}
        assert ("dear" in fired) is fires
    for old, new, message in (
        (">= 50", ">= fifty", "fifty"),
        ("gives.base", "gives", "one column `gives`"),
        ("gives.base", "gives.Base", "Base"),
        ("gives.rate", "gives.base", "not 2"),
        ("else,5,3", "else,5,2.5", "give all rows the same type"),
    ):
        told = [str(each) for each in faults(load, yaml, fee=SEVERAL.replace(old, new))]
        assert len([each for each in told if message in each]) == 1, (new, told)


def test_a_fact_is_told_by_conditions_in_cells(load: Load) -> None:
    """They may read other tables' facts, whatever the order of the tables."""
    sheet = 'when,gives\nband == "large" && deal.country != "FR",7\nelse,1\n'
    ruleset = load(worth=sheet)
    assert ruleset.facts["worth"].source == (
        '(band == "large" && deal.country != "FR") ? (7) : (1)'
    )


COLLECTS = YAML.replace("{id: worth, hit: first,", "{id: worth, hit: HIT,")
ADDED = """\
deal.employees,deal.country,gives
>= 50,-,2 * reach
-,DE,3
>= 1000,not(DE),4
"""
BEST = "deal.employees,deal.country,gives\n>= 50,-,1\n>= 1000,-,3\n-,DE,2\nelse,else,0\n"


def told(ruleset: AnyRuleSet, approve: AnyKind, employees: int | None, country: str) -> Any:
    """Return what the fact `worth` comes to; None if it is not known."""
    facts = approve.facts()
    facts.deal.country = country
    if employees is not None:
        facts.deal.employees = employees
    return told_facts(ruleset, facts, 0, ["worth"]).get("worth")


def worth(load: Load, hit: str, sheet: str) -> AnyRuleSet:
    """Return the rules with the table `worth` by another policy."""
    return load(COLLECTS.replace("HIT", hit), worth=sheet)


def test_rows_that_hold_are_added_up(load: Load, approve: AnyKind) -> None:
    """Or counted: none is 0, and one that is unknown leaves the sum so."""
    total = worth(load, "collect sum", ADDED)
    found = [told(total, approve, n, of) for n, of in ((9, "FR"), (60, "FR"), (60, "DE"))]
    assert found == [0, 2, 5]
    assert [told(total, approve, n, of) for n, of in ((2000, "FR"), (2000, "DE"))] == [8, 7]
    assert told(total, approve, None, "DE") is None
    counted = re.sub(r",[^,]*$", ",", ADDED.partition("\n")[2], flags=re.MULTILINE)
    count = worth(load, "collect count", f"deal.employees,deal.country,gives\n{counted}")
    assert [told(count, approve, n, of) for n, of in ((9, "FR"), (2000, "FR"))] == [0, 2]


def test_the_best_row_tells(load: Load, approve: AnyKind) -> None:
    """By the order of `priority:`, wherever it stands; an unknown better one leaves it open."""
    best = worth(load, 'priority, priority: ["3", "2", "1"]', BEST)
    cases = ((9, "FR", 0), (60, "FR", 1), (60, "DE", 2), (2000, "DE", 3), (None, "DE", None))
    for employees, country, expected in cases:
        assert told(best, approve, employees, country) == expected


TWO_CURRENCIES = """\
deal.country,gives
DE,"money(""EUR"", ""5"")"
FR,"money(""USD"", ""5"")"
else,"money(""EUR"", ""0"")"
"""


@pytest.mark.parametrize(
    ("hit", "sheet", "said"),
    [
        ("output order", BEST, "a table that gives a fact cannot have this policy"),
        ("collect min", ADDED, "the fact has no value if no row matches"),
        ("collect max", BEST.replace(",3", ",2 * reach"), "row 2: this is computed"),
        ("collect max", BEST.replace(",3", ",deal.employees"), "row 2: this is computed"),
        (
            "collect min",
            "deal.country,gives\nDE,true\nelse,false\n",
            "none of several bool values is the least",
        ),
        (
            "collect min",
            TWO_CURRENCIES,
            "none of amounts in EUR and USD is the least",
        ),
        ("priority", BEST, "hit: priority needs the order"),
        ('priority, priority: ["3", "1"]', BEST, "'2' is not among the table's `priority:`"),
        ("collect sum", BEST, "has no default: if no row holds, it is 0"),
        ("collect count", ADDED, "a table that counts cannot have a number here"),
        ("collect sum", ADDED.replace("2 * reach", "true").replace(",3", ",true").replace(",4",
            ",false"), "nothing sums a bool"),
    ],
)  # fmt: skip
def test_what_a_policy_needs_of_a_table_that_tells_is_said(
    load: Load, hit: str, sheet: str, said: str
) -> None:
    """At its cell, with a cure."""
    found = faults(load, COLLECTS.replace("HIT", hit), worth=sheet)
    assert any(said in fault.message for fault in found)
    assert all(fault.hint for fault in found)


@pytest.mark.parametrize(("hit", "better"), [("collect min", min), ("collect max", max)])
def test_the_least_and_the_greatest_tell(
    load: Load, approve: AnyKind, hit: str, better: Callable[[list[int]], int]
) -> None:
    """Of the rows that hold; one that waits leaves open what it could change, and no more."""
    ruleset = worth(load, hit, BEST.replace("else,else,0", "else,else,9").replace(",3", ",big"))
    values = {"a": 1, "b": 1000, "c": 2}
    for employees, country in product((None, 9, 60, 2000), ("FR", "DE")):
        known = {
            "a": None if employees is None else employees >= 50,
            "b": None if employees is None else employees >= 1000,
            "c": country == "DE",
        }
        holding = [values[row] for row, truth in known.items() if truth]
        open_ = [values[row] for row, truth in known.items() if truth is None]
        expected = better(holding) if holding else 9
        if any(not holding or better([*holding, value]) != expected for value in open_):
            expected = None  # type: ignore[assignment]  # it is not known
        assert told(ruleset, approve, employees, country) == expected, (employees, country)


MEETING = "deal.employees,deal.country,gives\n< 50,-,1\n[40..90],DE,{}\nelse,else,0\n"


@pytest.mark.parametrize(
    ("hit", "value", "clash"), [("unique", 2, True), ("unique", 1, True), ("any", 2, True),
                                ("any", 1, False), ("first", 2, False)],
)  # fmt: skip
def test_it_is_proved_that_rows_do_not_tell_two_facts(
    load: Load, approve: AnyKind, hit: str, value: int, *, clash: bool
) -> None:
    """Of `unique` no two hold, of `any` none that tell different things; facts are shown."""
    ruleset = worth(load, hit, MEETING.format(value))
    found = [each for each in analysed(ruleset, approve).findings if "overlap" in each.code.value]
    assert [each.severity.value for each in found if each.subject == "table worth"] == (
        ["fault"] if clash else []
    )
    if clash:
        (shown,) = [each for each in found if each.subject == "table worth"]
        assert "worth/1 and worth/2 hold at once" in shown.message
        assert 'country: "DE"' in str(shown)
        assert str(shown.location).startswith("rules/approve/v1.worth.csv:3:")
    sound = worth(load, hit, MEETING.format(value).replace("[40..90]", "[50..90]"))
    assert not [each for each in analysed(sound, approve).findings if each.subject == "table worth"]


def test_rows_that_tell_several_facts_meet_once(load: Load, approve: AnyKind) -> None:
    """And `any` looks at each of them."""
    yaml = SEVERAL_YAML.replace("{id: fee, hit: first", "{id: fee, hit: HIT")
    sheet = "deal.employees,gives.base,gives.rate\n>= 50,10,1\n>= 90,10,2\nelse,5,3\n"
    for hit in ("unique", "any"):
        found = analysed(load(yaml.replace("HIT", hit), fee=sheet), approve).findings
        assert len([each for each in found if each.subject == "table fee"]) == 1
