"""Decision tables are read: cells become conditions, columns effects, and rows rules."""

from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import pytest
from pydantic import BaseModel

from dealgate.engine.native import NativeEngine
from dealgate.language.cel import CelChecker
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, AnyTable, HitPolicy
from dealgate.proof.checking import analysed
from dealgate.rulebook.allowed import AllowedValues
from dealgate.rulebook.document import Fields
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.loading import load_catalog
from dealgate.rulebook.outputs import Outputs
from dealgate.rulebook.sheet import read_sheet
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

HEAD = """\
ruleset: approve
version: 1
owner: sales
because: First floor.
constants:
  floor: 50
  near: ["DE", "AT"]
  used: near.size() + floor
"""
YAML = """\
ruleset: approve
version: 1
owner: sales
because: First floor.
tables:
  - id: size
    hit: unique
    because: Sizes differ.
"""
CSV = """\
id,deal.employees,deal.country,then.points,because
small,< 50,-,1,Small deals need no look.
large,>= 50,,2,
"""

Load = Callable[..., AnyRuleSet]


@pytest.fixture
def load(tmp_path: Path, approve: AnyKind, checker: CelChecker) -> Load:
    """Return the rule set of a YAML text and the text of its one table."""
    home = tmp_path / "rules" / "approve"
    home.mkdir(parents=True)

    def loading(csv: str = CSV, yaml: str = YAML) -> AnyRuleSet:
        (home / "v1.yaml").write_text(yaml)
        (home / "v1.size.csv").write_bytes(csv.encode())
        return load_catalog(home.parent, {"approve": approve}, checker).version("approve", 1)

    return loading


def when(table: AnyTable, row: int = 0) -> str:
    """Return the condition of a row."""
    found = table.rows[row].when
    return found.source if found else ""


def test_a_row_is_a_rule(load: Load) -> None:
    """It has an id, a condition, an effect, a reason and a place like any other."""
    ruleset = load()
    (table,) = ruleset.tables
    small, large = ruleset.rules
    assert (table.id, table.hit) == ("size", HitPolicy.UNIQUE)
    assert [column.source for column in table.columns] == ["deal.employees", "deal.country"]
    assert tuple(table.rows) == (small, large)
    assert (small.id, small.then.points, small.because) == (
        "size/small",
        1,
        "Small deals need no look.",
    )
    assert small.when is not None
    assert small.when.source == "deal.employees < 50"
    assert str(small.location) == "rules/approve/v1.size.csv:2:1"
    assert large.because == "Sizes differ."


@pytest.mark.parametrize(
    ("column", "cell", "condition"),
    [
        ("deal.employees", "250", "{} == 250"),
        ("deal.employees", "-5", "{} == -5"),
        ("deal.employees", "!= 5", "{} != 5"),
        ("deal.employees", "[50..250)", "{} >= 50 && {} < 250"),
        ("deal.employees", "(1..5]", "{} > 1 && {} <= 5"),
        ("deal.employees", "]1..5[", "{} > 1 && {} < 5"),
        ("deal.employees", "1, 2, 3", "{} in [1, 2, 3]"),
        ("deal.employees", "1, > 5", "({} == 1 || {} > 5)"),
        ("deal.employees", "[1..2], [5..6]", "(({} >= 1 && {} <= 2) || ({} >= 5 && {} <= 6))"),
        ("deal.employees", "not(1, 2)", "!({} in [1, 2])"),
        ("deal.employees", "not(5)", "{} != 5"),
        ("deal.employees", "not([1..5])", "!({} >= 1 && {} <= 5)"),
        ("deal.employees", "known", "has({})"),
        ("deal.employees", "unknown", "!has({})"),
        ("deal.employees", ">= floor", "{} >= floor"),
        ("deal.seats", "> 5", "{} > 5u"),
        ("deal.probability", "0.5", "{} == 0.5"),
        ("deal.probability", "< 1", "{} < 1.0"),
        ("deal.country", "DE", '{} == "DE"'),
        ("deal.country", "DE, FR", '{} in ["DE", "FR"]'),
        ("deal.country", "'01067'", '{} == "01067"'),
        ("deal.country", 'not("DE, FR")', '{} != "DE, FR"'),
        ("deal.country", "New York", '{} == "New York"'),
        ("deal.country", "in near", "{} in near"),
        ("deal.country", "not(in near)", "!({} in near)"),
        ("deal.stage", "PROPOSAL", "{} == STAGE_PROPOSAL"),
        ("deal.stage", "STAGE_PROPOSAL", "{} == STAGE_PROPOSAL"),
        ("deal.stage", "PROPOSAL, PROSPECTING", "{} in [STAGE_PROPOSAL, STAGE_PROSPECTING]"),
        ("deal.strategic", "true", "{}"),
        ("deal.strategic", "FALSE", "!{}"),
        ("deal.strategic", "not(true)", "!{}"),
        ("deal.amount", ">= EUR 1000.50", '{} >= money("EUR", "1000.50")'),
        ("deal.amount", "EUR 1, EUR 2", '({} == money("EUR", "1") || {} == money("EUR", "2"))'),
        ("deal.close_date", "< 2026-01-31", '{} < date("2026-01-31")'),
        ("deal.created_at", "< 2026-01-31T00:00:00Z", '{} < timestamp("2026-01-31T00:00:00Z")'),
        ("as_of - deal.created_at", "> 30d12h", '({}) > duration("2635200s")'),
        ("deal.discount", "0.2", '{} >= decimal("0.2") && {} <= decimal("0.2")'),
        ("deal.discount", "!= 0.2", '!({} >= decimal("0.2") && {} <= decimal("0.2"))'),
        ("deal.tags.size()", ">= 2", "{} >= 2"),
        ("'vip' in deal.tags", "true", "({})"),
    ],
)
def test_cells_are_unary_tests(load: Load, column: str, cell: str, condition: str) -> None:
    """Each says about its column what DMN has it say, typed by what the column is."""
    head = HEAD.replace("  used: near.size() + floor\n", "")
    head += "facts:\n  mentions: near.size() + floor > 0\n"
    yaml = head + YAML.split("because: First floor.\n")[1]
    quoted = '"' + cell.replace('"', '""') + '"'
    (table,) = load(f"{column},mentions,then.points\n{quoted},-,1\n", yaml).tables
    assert when(table) == condition.replace("{}", column)


def test_rows_are_numbered_without_ids(load: Load) -> None:
    """A row that nobody named is called by its number among the rows."""
    ruleset = load("deal.employees,then.points\n< 50,1\n\n>= 50,2\n")
    assert [rule.id for rule in ruleset.rules] == ["size/1", "size/2"]


def test_a_row_of_dashes_always_holds(load: Load) -> None:
    """Such as the last row of a table that takes the first."""
    ruleset = load("deal.employees,then.points\n< 50,1\n-,2\n")
    assert ruleset.rules[1].when is None


def test_what_excel_adds_means_nothing(load: Load) -> None:
    """A byte order mark, CRLF, quotes, and empty rows and columns at the end."""
    rows = [line.split(",") for line in CSV.splitlines()]
    excel = "\ufeff" + "".join(
        ",".join([f'"{c}"' for c in row] + ["", ""]) + "\r\n" for row in rows
    )
    assert load(excel + ",,,,,,\r\n,,,,,,\r\n").digest == load().digest


def test_effects_are_put_together(load: Load) -> None:
    """`then:` has what all rows claim, and the cells add to it."""
    yaml = YAML + "    then: {verdict: approve}\n"
    ruleset = load("deal.employees,then.points,then.share\n< 50,1,0.5\n-,2,-\n", yaml)
    assert [rule.then.verdict for rule in ruleset.rules] == ["approve", "approve"]
    assert [str(rule.then.share) for rule in ruleset.rules] == ["0.5", "None"]


def test_a_table_may_be_judged_over_a_list(load: Load) -> None:
    """Its columns read the element, by the name `each` gives it."""
    yaml = YAML + "    each: {c: contacts}\n"
    ruleset = load("c.name,c.signs,then.points\nAnn,true,1\n", yaml)
    assert when(ruleset.tables[0]) == 'c.name == "Ann" && c.signs'
    assert ruleset.rules[0].each is not None


def test_rows_come_after_rules(load: Load) -> None:
    """Wherever `tables:` stands in the file."""
    rules = "rules:\n  - {id: first, when: deal.strategic, then: {points: 1}, because: It is.}\n"
    assert [rule.id for rule in load(CSV, YAML + rules).rules] == [
        "first",
        "size/small",
        "size/large",
    ]


def test_priority_ranks_by_the_first_output(load: Load) -> None:
    """`priority:` has the values of the first output column, highest first."""
    yaml = YAML.replace("unique", "priority") + "    priority: [refuse, approve]\n"
    (table,) = load("deal.employees,then.verdict\n< 50,approve\n-,refuse\n", yaml).tables
    assert (table.output, tuple(table.priority)) == (("verdict",), ("refuse", "approve"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("< 50", "< 51"),
        (",1,Small", ",3,Small"),
        ("Small deals", "Tiny deals"),
        ("small,", "tiny,"),
        ("deal.country", "deal.partner"),
        ("large,>= 50,,2,\n", ""),
    ],
)
def test_the_digest_holds_what_rows_say(load: Load, old: str, new: str) -> None:
    """A change in any cell is another rule set."""
    assert load(CSV.replace(old, new)).digest != load().digest


@pytest.mark.parametrize(("old", "new"), [("< 50", "  <50 "), (",,2", ",-,2"), ("\n", "\n\n")])
def test_the_digest_leaves_out_layout(load: Load, old: str, new: str) -> None:
    """Blanks, blank lines, and an empty cell for a dash change nothing."""
    assert load(CSV.replace(old, new)).digest == load().digest


def test_a_table_is_in_the_digest_of_its_release(
    load: Load, tmp_path: Path, approve: AnyKind, checker: CelChecker
) -> None:
    """A released table that changed is refused by name."""
    digest = load().digest
    home = tmp_path / "rules" / "approve"
    line = f"- {{version: 1, from: 2026-01-01, sha256: {digest}, by: ann, because: Agreed.}}\n"
    (home / "releases.yaml").write_text(line)
    load_catalog(home.parent, {"approve": approve}, checker)
    (home / "v1.size.csv").write_text(CSV.replace("< 50", "< 51"))
    with pytest.raises(RulebookFaults, match="approve@1 was released and has changed since"):
        load_catalog(home.parent, {"approve": approve}, checker)


class Claim(BaseModel):
    """A rule must say something."""

    say: str


def test_a_column_that_is_gone_is_one_fault() -> None:
    """What all rows lack is told once, at the header; what one row lacks, in that row."""

    def told(csv: str) -> Sequence[str]:
        faults: list[Fault] = []
        sheet = read_sheet(Source("t.csv", csv), faults)
        entry = read_yaml(Source("v1.yaml", "id: t\nhit: unique\n"), faults)
        assert sheet is not None
        assert isinstance(entry, Fields)
        outputs = Outputs(entry, sheet, Claim, AllowedValues(entry, sheet.header, faults), faults)
        outputs.effects([(f"row {row[0].value}", row) for row in sheet.rows])
        return [f"{fault.location.line}: {fault.message}" for fault in faults]

    assert told("id\na\nb\n") == ["1: no column gives 'then.say', and every row must claim it"]
    assert told("id,then.say\na,-\nb,yes\n") == ["2: row a: the key 'say' is missing"]


DEFAULT = """\
id,deal.employees,deal.country,then.points
large,>= 50,-,1
near,-,"DE, AT",2
other,ELSE,-,3
"""
FIRST = YAML.replace("hit: unique", "hit: first")


def truth(employees: int | None, country: str | None, row: int) -> bool | None:
    """Return what one of the first two rows of DEFAULT comes to; None: its fact is not known."""
    if row == 0:
        return None if employees is None else employees >= 50
    return None if country is None else country in {"DE", "AT"}


@pytest.mark.parametrize("cell", ["else", '"else, also if unknown"'])
@pytest.mark.parametrize("employees", [None, 9, 60])
@pytest.mark.parametrize("country", [None, "FR", "DE"])
def test_a_default_row_claims_if_no_other_does(
    load: Load, approve: AnyKind, cell: str, employees: int | None, country: str | None
) -> None:
    """`else`: if all others are false; also if unknown: unless one is known to hold."""
    ruleset = load(DEFAULT.replace("ELSE", cell), FIRST)
    facts = approve.facts()
    facts.deal.id = "1"
    if employees is not None:
        facts.deal.employees = employees
    if country is not None:
        facts.deal.country = country
    rows = [truth(employees, country, row) for row in range(2)]
    evidence = NativeEngine().prepare(ruleset).fire(facts, 0, explain=False)
    fired = [hit.rule.id for hit in evidence.fired]
    names = ["size/large", "size/near"]
    if cell == "else":
        open_ = None in rows[: rows.index(True) if True in rows else 2]
        expected = [] if open_ else [names[rows.index(True)] if True in rows else "size/other"]
        assert bool(evidence.undecided) is open_
    else:
        expected = [names[rows.index(True)] if True in rows else "size/other"]
        assert not evidence.undecided
    assert fired == expected


@pytest.mark.parametrize("cell", ["else", '"else, also if unknown"'])
@pytest.mark.parametrize(
    ("hit", "more"),
    [
        ("unique", ""),
        ("any", ""),
        ("priority", "\n    priority: ['3', '1', '2']"),
        ("output order", "\n    priority: ['3', '1', '2']"),
        ("rule order", ""),
        ("collect sum", ""),
        ("collect max", ""),
    ],
)
def test_a_default_row_claims_by_every_policy(
    load: Load, approve: AnyKind, cell: str, hit: str, more: str
) -> None:
    """Never beside another row, however it ranks; over every truth of two rows."""
    yaml = YAML.replace("hit: unique", f"hit: {hit}{more}")
    ruleset = load(DEFAULT.replace("ELSE", cell), yaml)
    program = NativeEngine().prepare(ruleset)
    for employees, country in product((None, 9, 60), (None, "FR", "DE")):
        facts = approve.facts()
        facts.deal.id = "1"
        if employees is not None:
            facts.deal.employees = employees
        if country is not None:
            facts.deal.country = country
        rows = [truth(employees, country, row) for row in range(2)]
        if cell != "else":
            rows = [row is True for row in rows]
        evidence = program.fire(facts, 0, explain=False)
        fired = {row.id for hit in evidence.fired for row in (hit.rows or (hit.rule,))}
        undecided = {each.rule.id for each in evidence.undecided}
        assert ("size/other" in fired) is (rows == [False, False]), (employees, country)
        assert ("size/other" in undecided) is (None in rows and True not in rows), rows
        if cell != "else":
            assert not undecided


def test_a_default_row_is_proved(load: Load, approve: AnyKind) -> None:
    """Unlike `-`, one that also counts if facts are unknown is reached where no row is false."""
    csv = "deal.strategic,then.points\ntrue,1\nfalse,2\nELSE,3\n"

    def found(cell: str) -> set[str]:
        ruleset = load(csv.replace("ELSE", cell), FIRST)
        return {each.code.value for each in analysed(ruleset, approve).findings}

    assert "row-masked" in found("-") & found("else")
    assert "row-masked" not in found('"else, also if unknown"')


@pytest.mark.parametrize(
    ("csv", "yaml", "said"),
    [
        (
            DEFAULT.replace("ELSE", "else"),
            YAML.replace("unique", "collect count").replace("1\n", "\n"),
            "a count of rows has no `else`",
        ),
        (
            DEFAULT.replace("ELSE", "else").replace(">= 50,-", "-,-"),
            YAML,
            "another row always holds, so this one never does",
        ),
        (
            "deal.employees,then.points\n" + "".join(f"{n},1\n" for n in range(51)) + "else,2\n",
            YAML,
            "with hit: unique, `else` denies every other row",
        ),
        (DEFAULT.replace("ELSE,-", "else,DE"), FIRST, "a row that says `else` asks nothing else"),
        (DEFAULT.replace("ELSE", "> 1").replace("-,1", "else,1"), FIRST, "in the last row alone"),
        (
            DEFAULT.replace("deal.employees", "deal.employees + 1").replace(
                "ELSE", '"else, also if unknown"'
            ),
            FIRST,
            "whether (deal.employees + 1) is known cannot be asked",
        ),
    ],
)
def test_a_default_row_is_the_last_and_asks_nothing(
    load: Load, csv: str, yaml: str, said: str
) -> None:
    """And denies other rows; of its facts can be asked whether they are known."""
    with pytest.raises(RulebookFaults) as told:
        load(csv, yaml)
    (fault,) = [each for each in told.value.faults if said in each.message]
    assert fault.hint


def test_a_text_may_be_called_else(load: Load) -> None:
    """In quotes it is a text like any other."""
    csv = DEFAULT.replace("ELSE,-", '-,"""else"""')
    assert when(load(csv, FIRST).tables[0], 2) == 'deal.country == "else"'


STATED = """\
id,deal.employees,when,then.points
named,-,deal.strategic || deal.country == "DE",1
large,>= 50,deal.probability >= 0.5,2
other,else,else,3
"""


def test_cells_below_when_are_conditions(load: Load) -> None:
    """Each with facts of its own, beside the tests of other columns; others are as ever."""
    (table,) = load(STATED, FIRST).tables
    assert when(table) == '(deal.strategic || deal.country == "DE")'
    assert when(table, 1) == "deal.employees >= 50 && (deal.probability >= 0.5)"
    assert table.rows[2].when is None
    assert [column.source for column in table.columns] == ["deal.employees"]


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("deal.strategic ||", "deal.strategi ||", ":2:14", "no field 'strategi'"),
        ("deal.probability >= 0.5", "deal.probability", ":3:13", "this is a double, not a bool"),
        ("other,else,else", '"other","else, also if unknown",else', ":2:9", "its facts are known"),
    ],
)
def test_what_is_wrong_below_when_is_told_at_its_cell(
    load: Load, old: str, new: str, place: str, said: str
) -> None:
    """Where it stands within the cell, and how it is mended."""
    with pytest.raises(RulebookFaults) as told:
        load(STATED.replace(old, new), FIRST)
    fault = told.value.faults[0]
    assert said in fault.message
    assert str(fault.location).endswith(place)


def test_conditions_in_cells_are_proved(load: Load, approve: AnyKind) -> None:
    """A row that another one covers is told, and what no row covers."""
    csv = "when,then.points\ndeal.employees > 5,1\ndeal.employees > 9,2\n"
    codes = {each.code.value for each in analysed(load(csv, FIRST), approve).findings}
    assert {"row-masked", "table-gap"} <= codes
