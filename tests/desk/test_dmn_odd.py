"""DMN files that are odd: what can be read is taken over, the rest is named, and nothing fails."""

from pathlib import Path

import pytest

from dealgate.desk.dmn import DmnTable, read_dmn
from dealgate.desk.dmn_cells import claim_of
from dealgate.desk.exchange import NotExported
from tests.cli.saying import said

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
INPUT = "<input><inputExpression><text>lead.age</text></inputExpression></input>"
RULE = (
    "<rule><inputEntry><text>&gt;= 18</text></inputEntry>"
    '<outputEntry><text>"adult"</text></outputEntry></rule>'
)
TABLE = f'<decisionTable>{INPUT}<output name="band"/>{RULE}</decisionTable>'
BAND = [["id", "lead.age", "then.band"], ["r1", ">= 18", "adult"]]


def _decision(content: str, name: str = "Band") -> str:
    return f'<decision name="{name}">{content}</decision>'


def _read(tmp_path: Path, content: str, namespace: str = DMN) -> list[DmnTable]:
    path = tmp_path / "x.dmn"
    path.write_text(f'<definitions xmlns="{namespace}">{content}</definitions>')
    return read_dmn(path)


def _one(tmp_path: Path, content: str) -> DmnTable:
    (table,) = _read(tmp_path, content)
    return table


@pytest.mark.parametrize(
    "namespace",
    [
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        DMN,
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
    ],
)
def test_every_edition_of_dmn_is_read(tmp_path: Path, namespace: str) -> None:
    """1.1 to 1.5 differ in their namespace."""
    assert _read(tmp_path, _decision(TABLE), namespace)[0].rows == BAND


@pytest.mark.parametrize(
    ("policy", "hit", "told"),
    [
        ('hitPolicy="C+"', "collect sum", []),
        ('hitPolicy="C#"', "collect count", []),
        ('hitPolicy="RULE_ORDER"', "rule order", []),
        ('hitPolicy="collect" aggregation="max"', "collect max", []),
        ('hitPolicy="X"', "unique", ["hit policy X: read as UNIQUE"]),
        (
            'hitPolicy="COLLECT" aggregation="AVG"',
            "rule order",
            ["aggregation AVG: each row that matches claims"],
        ),
        (
            'hitPolicy="FIRST" aggregation="SUM"',
            "first",
            ["aggregation SUM: only COLLECT aggregates"],
        ),
    ],
)
def test_a_policy_is_read_or_named_once(
    tmp_path: Path, policy: str, hit: str, told: list[str]
) -> None:
    """However many rows there are."""
    table = TABLE.replace("<decisionTable>", f"<decisionTable {policy}>").replace(RULE, 3 * RULE)
    read = _one(tmp_path, _decision(table))
    assert (read.hit.value, read.left_out) == (hit, told)


def test_tables_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """So are names that differ in what an id does not hold; a long name is cut."""
    tables = _read(
        tmp_path, _decision(TABLE) + _decision(TABLE, "band!") + _decision(TABLE, "審批")
    )
    assert [table.id for table in tables] == ["band", "band-2", "table"]
    assert tables[1].left_out == ["the name band, which another table has: this one is band-2"]
    assert len(_one(tmp_path, _decision(TABLE, "x" * 500)).id) == 60


def test_rows_with_other_cells_than_columns_are_named(tmp_path: Path) -> None:
    """An empty row asks nothing and claims nothing; entries too many are left out."""
    many = RULE.replace("<rule>", "<rule><inputEntry><text>1</text></inputEntry>")
    read = _one(tmp_path, _decision(TABLE.replace(RULE, "<rule/>" + many)))
    assert read.rows[1:] == [["r1", "-", ""], ["r2", "1", "adult"]]
    assert read.left_out == [
        "row 1: input entries: 0, inputs of the table: 1",
        "row 1: output entries: 0, outputs of the table: 1",
        "row 1: it claims nothing; write a claim, or delete it",
        "row 2: input entries: 2, inputs of the table: 1",
    ]


def test_a_table_without_outputs_or_rules_is_named(tmp_path: Path) -> None:
    """Whatever its policy wants of them."""
    read = _one(tmp_path, _decision('<decisionTable hitPolicy="PRIORITY"/>'))
    assert read.rows == [["id"]]
    assert [each.partition(",")[0] for each in read.left_out] == ["its outputs", "its rules"]


def test_columns_of_one_name_are_named(tmp_path: Path) -> None:
    """With how many there are; what is said of a long text is cut."""
    twice = TABLE.replace(INPUT, 2 * INPUT).replace("</inputEntry>", "</inputEntry><inputEntry/>")
    told = "column lead.age: the table has 2 of it; keep one, or rename them"
    assert _one(tmp_path, _decision(twice)).left_out == [told]
    (told,) = _one(tmp_path, _decision(TABLE.replace('"adult"', "f(" + "x" * 500))).left_out
    assert told.endswith("x…")


def test_text_is_read_however_xml_writes_it(tmp_path: Path) -> None:
    """CDATA, comments and entities of characters; not what a tool keeps beside it."""
    odd = RULE.replace(
        '<text>"adult"</text>',
        "<extensionElements><text>no</text></extensionElements>"
        '<text><!-- yes --><![CDATA["a < \\"b\\""]]></text>',
    ).replace("</rule>", "<annotationEntry><text>&#65;&amp;B</text></annotationEntry></rule>")
    assert _one(tmp_path, _decision(TABLE.replace(RULE, odd))).rows[1] == [
        "r1", ">= 18", 'a < "b"', "A&B",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "claim"),
    [('"a"', "a"), ("null", ""), ("", ""), ("1.50", "1.50"), ('"a" + "b"', None), ("f(x)", None)],
)
def test_what_an_output_claims(written: str, claim: str | None) -> None:
    """An expression is none of it."""
    assert claim_of(written) == claim


def test_one_default_of_two(tmp_path: Path) -> None:
    """The other output is not claimed by default."""
    table = TABLE.replace(
        '<output name="band"/>',
        '<output name="band"><defaultOutputEntry><text>"child"</text></defaultOutputEntry></output>'
        '<output name="fee"/>',
    ).replace("</rule>", "<outputEntry><text>5</text></outputEntry></rule>")
    assert _one(tmp_path, _decision(table)).rows[2] == ["default", "else", "child", ""]


def test_a_list_that_its_own_rows_contradict_is_left_out(tmp_path: Path) -> None:
    """As engines of DMN do; the author is told which value is missing."""
    table = TABLE.replace("&gt;= 18", 'not("M", "L")').replace(
        "</input>", '<inputValues><text>"S"," M","L"</text></inputValues></input>'
    )
    read = _one(tmp_path, _decision(table))
    assert read.allowed == {}
    assert read.left_out == [
        'input lead.age: its values, S, " M", L: a row names "M"',
    ]
    read = _one(tmp_path, _decision(table.replace('" M"', '"M"')))
    assert (read.allowed, read.left_out) == ({"lead.age": ["S", "M", "L"]}, [])


@pytest.mark.parametrize(
    ("values", "allowed"), [("-", None), ("", None), ("null, [0..9]", "[0..9]")]
)
def test_values_that_restrict_nothing(tmp_path: Path, values: str, allowed: str | None) -> None:
    """Any value; a fact that is missing may be asked for without leave."""
    table = TABLE.replace("</input>", f"<inputValues><text>{values}</text></inputValues></input>")
    read = _one(tmp_path, _decision(table))
    assert read.left_out == []
    assert read.allowed == ({"lead.age": [allowed]} if allowed else {})


TYPES = """
<itemDefinition name="tScore"><typeRef>feel:number</typeRef></itemDefinition>
<itemDefinition name="tCodes" isCollection="true"><typeRef>string</typeRef></itemDefinition>
<itemDefinition name="tLoop"><typeRef>tLoop</typeRef></itemDefinition>
<itemDefinition name="tLead"><itemComponent name="age"><typeRef>tScore</typeRef></itemComponent>
<itemComponent name="codes"><typeRef>tCodes</typeRef></itemComponent></itemDefinition>
<inputData name="lead"><variable name="lead" typeRef="x:tLead"/></inputData>
<inputData name="loop"><variable name="loop" typeRef="tLoop"/></inputData>
<inputData name="Home - code"><variable typeRef="string"/></inputData>
"""


@pytest.mark.parametrize(
    ("test", "header"),
    [
        ("lead.limit", "lead.age >= lead.limit && lead.age <= lead.limit"),
        ("lead.codes", "lead.age in lead.codes"),
        ("not(lead.codes)", "!(lead.age in lead.codes)"),
        ("&lt; loop", "lead.age < loop"),
    ],
)
def test_types_are_those_of_the_data(tmp_path: Path, test: str, header: str) -> None:
    """An input without a type has that of its path; a list holds the values that match."""
    table = TABLE.replace("&gt;= 18", test)
    assert _one(tmp_path, TYPES + _decision(table)).rows[0][2] == header


def _function(table: str) -> str:
    return (
        '<businessKnowledgeModel name="F"><encapsulatedLogic><formalParameter name="P"/>'
        f"{table}</encapsulatedLogic></businessKnowledgeModel>"
    )


INVOKED = (
    "<invocation><literalExpression><text>F</text></literalExpression><binding>"
    '<parameter name="P"/><literalExpression><text>Pre-paid lead</text></literalExpression>'
    "</binding></invocation>"
)


def test_parameters_are_read_wherever_they_stand(tmp_path: Path) -> None:
    """In the path of an input and in a cell; a declared name may hold blanks and hyphens."""
    data = '<inputData name="Pre-paid lead"><variable typeRef="tLead"/></inputData>'
    table = TABLE.replace("lead.age", "P.age").replace("&gt;= 18", '"P", "Q"')
    read = _one(tmp_path, TYPES + data + _decision(INVOKED) + _function(table))
    assert read.rows == [["id", "Pre-paid lead.age", "then.band"], ["r1", '"P", "Q"', "adult"]]
    assert read.left_out == ["input Pre-paid lead.age: is not a path of facts; write its header"]


def _context(result: str, table: str = TABLE) -> str:
    return (
        f'<context><contextEntry><variable name="own"/>{table}</contextEntry><contextEntry>'
        '<variable name="other"/><literalExpression><text>1</text></literalExpression>'
        f"</contextEntry><contextEntry><literalExpression><text>{result}</text>"
        "</literalExpression></contextEntry></context>"
    )


def test_a_table_that_a_context_comes_to_is_the_decisions(tmp_path: Path) -> None:
    """Of one that it computes with, the rest is lost; so is what the context computes for it."""
    read = _one(tmp_path, _decision(_context("own")))
    assert (read.id, read.rows, read.left_out) == ("band", BAND, [])
    read = _one(tmp_path, _decision(_context("own + other")))
    assert read.id == "band-own"
    assert read.left_out == ["the rest of Band: this table is a part of an expression"]
    read = _one(tmp_path, _decision(_context("own", TABLE.replace("lead.age", "other"))))
    assert read.left_out == ["input other: is computed in the same expression; write its header"]
    assert _one(tmp_path, _function(_context("own"))).id == "f"


def test_a_table_within_any_other_expression_is_named(tmp_path: Path) -> None:
    """It is no longer lost."""
    read = _one(tmp_path, _decision(f"<list>{TABLE}</list>"))
    assert read.left_out == ["the rest of Band: this table is a part of an expression"]


FACTS = "".join(
    f"<rule><inputEntry><text>&gt; f{n}</text></inputEntry>"
    "<outputEntry><text>1</text></outputEntry></rule>"
    for n in range(51)
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (_decision(TABLE.replace("18", "&nbsp;")), "not XML: undefined entity"),
        (_decision(TABLE.replace("18", "1" * 20_001)), "a text of more than 20,000 characters"),
        (_decision(TABLE.replace(RULE, FACTS)), "compares with other facts in 51 ways"),
        (f"<!-- {'x' * 5_000_000} -->", "larger than 5,000,000 characters"),
        (f"<!-- {'x' * 20_000_000} -->", "larger than 5,000,000 characters"),
        ("<a>" * 200_000 + "</a>" * 200_000, "holds no decision table"),
        ("\x00", "not XML"),
    ],
)
def test_what_is_too_much_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    """With what is wrong, in one line."""
    with pytest.raises(NotExported, match=reason):
        _read(tmp_path, content)


def test_what_is_not_a_dmn_file_is_refused(tmp_path: Path) -> None:
    """A folder, another encoding, a part of a file."""
    with pytest.raises(NotExported, match="not a file"):
        read_dmn(tmp_path)
    for written, reason in [
        (f'<a xmlns="{DMN}"/>'.encode(), "not DMN"),
        ("<a>ä</a>".encode("latin-1"), "not text in UTF-8"),
        (b"", "not XML"),
    ]:
        (tmp_path / "x.dmn").write_bytes(written)
        with pytest.raises(NotExported, match=reason):
            read_dmn(tmp_path / "x.dmn")


def test_nothing_is_written_if_any_file_exists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second table's file is in the way: the first is not written; nor is any to nowhere."""
    monkeypatch.chdir(tmp_path)
    content = _decision(TABLE) + _decision(TABLE, "Other")
    Path("x.XML").write_text(f'<definitions xmlns="{DMN}">{content}</definitions>')
    Path("other.csv").touch()
    assert "other.csv exists already" in said("table import x.XML")
    assert not Path("band.csv").exists()
    assert "cannot be written: No such file or directory" in said("table import x.XML -o none")


@pytest.mark.parametrize(
    ("test", "cell"),
    [
        ("= 5", "5"),
        ("1,2,3", "1, 2, 3"),
        ("> .5", "> 0.5"),
        ('@"2026-01-31"', "2026-01-31"),
        ('< @"2026-01-31T10:00:00Z"', "< 2026-01-31T10:00:00Z"),
        ('@"P1D"', "1d"),
        (r'"a\nb"', '"a\nb"'),
        (r'"\u0041 \"x\""', r'"A \"x\""'),
        (r'"C:\\new"', r'"C:\\new"'),
        ('"a,b", "1,2"', '"a,b", "1,2"'),
    ],
)
def test_what_is_spelt_otherwise_is_taken_over(tmp_path: Path, test: str, cell: str) -> None:
    """Signs of DMN's own, and the escapes of its texts, of which a new line became an n."""
    table = _one(tmp_path, _decision(TABLE.replace("&gt;= 18", test.replace("<", "&lt;"))))

    assert table.rows[1][1] == cell
    assert table.left_out == []


@pytest.mark.parametrize(
    "test", ["[1, 2]", "(5)", "+5", "[5..1]", "[..5]", "5..7", "not()", "not(not(5))", '5, "A"']
)
def test_what_no_cell_says_is_named(tmp_path: Path, test: str) -> None:
    """What would be refused below a fact of any type is told at once, and not by the check."""
    table = _one(tmp_path, _decision(TABLE.replace("&gt;= 18", test)))

    assert table.left_out == [f"row 1: {test}"]


def test_a_claim_has_the_signs_that_are_escaped() -> None:
    """As in DMN: a new line, and not the letter n."""
    assert claim_of(r'"a\nb \u0041"') == "a\nb A"
