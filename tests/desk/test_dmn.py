"""Decision tables of a DMN file become tables of ours."""

from pathlib import Path

import pytest

from dealgate.desk.dmn import DmnTable, read_dmn
from dealgate.desk.dmn_cells import cell_of
from dealgate.desk.dmn_comparisons import comparison
from dealgate.desk.exchange import NotExported
from dealgate.model.rules import HitPolicy

HEAD = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision name="Route it">'
)
TABLE = """
<decisionTable hitPolicy="FIRST">
  <input><inputExpression typeRef="string"><text>lead.country</text></inputExpression>
    <inputValues><text>"DE","AT","CH"</text></inputValues></input>
  <input><inputExpression><text>lead.company.employees</text></inputExpression></input>
  <output name="team"><defaultOutputEntry><text>"rest"</text></defaultOutputEntry></output>
  <rule>
    <description>Near home.</description>
    <inputEntry><text>"DE","AT"</text></inputEntry><inputEntry><text>]50..200[</text></inputEntry>
    <outputEntry><text>"dach"</text></outputEntry>
  </rule>
  <rule>
    <inputEntry><text>-</text></inputEntry><inputEntry><text>&gt; limit</text></inputEntry>
    <outputEntry><text>upper case(team)</text></outputEntry>
  </rule>
</decisionTable>
"""
COLUMNS = ("lead.country", "lead.company.employees")
TAIL = "</decision></definitions>"


def _read(tmp_path: Path, text: str) -> list[DmnTable]:
    path = tmp_path / "x.dmn"
    path.write_text(text)
    return read_dmn(path)


def test_a_table_is_taken_over(tmp_path: Path) -> None:
    """Its policy, its rows with their reasons, and by name what could not be."""
    (table,) = _read(tmp_path, HEAD + TABLE + TAIL)

    assert table.declaration == (
        "- {id: route-it, hit: first, allowed: {lead.country: [DE, AT, CH]}}"
    )
    assert table.rows == [
        ["id", *COLUMNS, "lead.company.employees > limit", "then.team", "because"],
        ["r1", '"DE","AT"', "(50..200)", "-", "dach", "Near home."],
        ["r2", "-", "-", "true", "upper case(team)", ""],
        ["default", "else", "-", "-", "rest", ""],
    ]
    assert table.left_out == ["row 2: the output upper case(team)"]


FUNCTION = """
<businessKnowledgeModel name="Band"><encapsulatedLogic><formalParameter name="Age"/>
<decisionTable><input><inputExpression><text>Age</text></inputExpression></input><output/>
<rule><inputEntry><text>&gt;= 18</text></inputEntry>
<outputEntry><text>"adult"</text></outputEntry></rule></decisionTable>
</encapsulatedLogic></businessKnowledgeModel>"""


def _invoking(value: str) -> str:
    return (
        f"{HEAD}<invocation><literalExpression><text>Band</text></literalExpression><binding>"
        f'<parameter name="Age"/><literalExpression><text>{value}</text></literalExpression>'
        f"</binding></invocation></decision>{FUNCTION}</definitions>"
    )


def test_a_table_in_a_function_is_that_of_the_decision_that_invokes_it(tmp_path: Path) -> None:
    """It reads what the parameters are bound to, which may be what another decision says."""
    (table,) = _read(tmp_path, _invoking("lead.age"))
    assert table.id == "route-it"
    assert table.rows == [["id", "lead.age", "then.route_it"], ["r1", ">= 18", "adult"]]
    assert table.left_out == []


def test_a_parameter_that_is_computed_is_named(tmp_path: Path) -> None:
    """The table is taken over with the parameter's own name, for the author to replace."""
    (table,) = _read(tmp_path, _invoking("2026 - lead.born"))
    assert table.rows[0] == ["id", "Age", "then.route_it"]
    assert table.left_out == ["input Age: is 2026 - lead.born; write its header"]


def test_a_function_that_no_decision_invokes(tmp_path: Path) -> None:
    """Its table keeps the function's name."""
    decision = f"{HEAD}</decision>{FUNCTION}</definitions>"
    (table,) = _read(tmp_path, decision)
    assert (table.id, table.rows[0]) == ("band", ["id", "Age", "then.band"])


@pytest.mark.parametrize(
    ("values", "allowed"),
    [
        ('"H", "L"', "[H, L]"),
        ('"two words","a, b","1st","true"', '[two words, "\\"a, b\\"", "\\"1st\\"", "\\"true\\""]'),
        ("[0..100]", '["[0..100]"]'),
        ("]0..100[, 200", '["(0..100)", 200]'),
        (">= 0", '[">= 0"]'),
        ('[date("2026-01-01")..date("2026-12-31")]', '["[2026-01-01..2026-12-31]"]'),
        ("true, false", "[true, false]"),
        ('not("H")', None),
        ("count(x)", None),
        ("> limit", None),
        ('"H", "H"', None),
    ],
)
def test_allowed_values_are_taken_over(tmp_path: Path, values: str, allowed: str | None) -> None:
    """Values and ranges; what is an expression is left out by name."""
    text = TABLE.replace('<text>"DE","AT"</text>', "<text>-</text>")
    text = text.replace('"DE","AT","CH"', values.replace(">", "&gt;"))
    (table,) = _read(tmp_path, HEAD + text + TAIL)
    told = f"allowed: {{lead.country: {allowed}}}" if allowed else "hit: first}"
    assert told in table.declaration
    assert any("its values" in each for each in table.left_out) is (allowed is None)


def test_the_order_of_output_values_ranks(tmp_path: Path) -> None:
    """Texts as claims have them; without the list the author has to say the order."""
    text = TABLE.replace("FIRST", "PRIORITY")
    listed = text.replace(
        'name="team">', 'name="team"><outputValues><text>"a b","c"</text></outputValues>'
    )
    (table,) = _read(tmp_path, HEAD + listed + TAIL)
    assert table.allowed["then.team"] == ["a b", "c"]
    assert not any("order" in each for each in table.left_out)
    (table,) = _read(tmp_path, HEAD + text + TAIL)
    assert "the order of the outputs: write `priority:`" in table.left_out


@pytest.mark.parametrize(
    ("test", "cell"),
    [
        ("< 5", "< 5"),
        ("[1..5]", "[1..5]"),
        ('not("DE")', 'not("DE")'),
        ("null", "unknown"),
        ("not(null)", "known"),
        ('>= date("2026-01-31")', ">= 2026-01-31"),
        ('date and time("2026-01-31T12:00:00")', "2026-01-31T12:00:00Z"),
        ('duration("P2DT3H")', "2d3h"),
    ],
)
def test_a_unary_test_becomes_a_cell(test: str, cell: str) -> None:
    """What S-FEEL says otherwise is said in our way."""
    assert cell_of(test) == cell


@pytest.mark.parametrize(
    ("type_", "test", "header"),
    [
        ("date", "> deal.due", "deal.x > deal.due"),
        ("date", "deal.due", "deal.x == deal.due"),
        ("number", "=limit", "deal.x >= limit && deal.x <= limit"),
        ("boolean", "not(deal.ok)", "deal.x != deal.ok"),
        ("number", "not(limit)", "!(deal.x >= limit && deal.x <= limit)"),
        ("number", "[low..deal.high)", "deal.x >= low && deal.x < deal.high"),
        ("number", "]0..high[", "deal.x > 0 && deal.x < high"),
        ("date", '[date("2026-01-31")..due]', 'deal.x >= date("2026-01-31") && deal.x <= due'),
        ("number", "< Another number", "deal.x < Another number"),
        ("number", "[1..5]", ""),
        ("boolean", "true", ""),
        ("boolean", "not(true)", ""),
        ("string", '"DE"', ""),
        ("number", "null", ""),
        ("number", "sum(x)", ""),
        ("number", "< x, > y", ""),
        ("number", "-", ""),
    ],
)
def test_a_cell_that_names_a_fact_is_a_comparison(type_: str, test: str, header: str) -> None:
    """It gets a column of its own; other tests, and those of several facts, stay as they are."""
    assert comparison("deal.x", type_, test) == header


def test_a_count_counts_rows(tmp_path: Path) -> None:
    """Whatever they say: ours say nothing in that column."""
    text = TABLE.replace('"FIRST"', '"COLLECT" aggregation="COUNT"')
    (table,) = _read(tmp_path, HEAD + text + TAIL)

    assert [row[-2] for row in table.rows[1:]] == ["", ""]
    assert not any("the output upper" in each for each in table.left_out)
    assert "the default of its outputs: a table that counts has none" in table.left_out


@pytest.mark.parametrize(("written", "hit"), [("C", "rule order"), ("UNIQUE", "unique")])
def test_hit_policies_are_ours(tmp_path: Path, written: str, hit: str) -> None:
    """By name or by letter."""
    (table,) = _read(tmp_path, HEAD + TABLE.replace("FIRST", written) + TAIL)

    assert table.hit is HitPolicy(hit)


def test_a_name_of_several_words_is_left_to_the_author(tmp_path: Path) -> None:
    """DMN's names may hold blanks; which fact is meant only its author knows."""
    text = TABLE.replace("lead.company.employees", "Years of Service")
    (table,) = _read(tmp_path, HEAD + text + TAIL)
    assert "input Years of Service: is not a path of facts; write its header" in table.left_out


BOMB = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + HEAD + "&b;" + TAIL


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB, "declares a document type"),
        (HEAD, "not XML"),
        ("<a/>", "not DMN"),
        (HEAD + TAIL, "no decision table"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """Entities are never expanded."""
    with pytest.raises(NotExported, match=reason):
        _read(tmp_path, text)
