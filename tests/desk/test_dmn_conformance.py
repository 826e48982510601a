"""The script that runs the DMN TCK imports its tables, and says what each test comes to."""

from pathlib import Path

import pytest

from docs import conformance
from docs.conformance_dmn import main

MODEL = """\
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/">
<decision name="Grade it"><decisionTable hitPolicy="FIRST">
  <input>
    <inputExpression typeRef="number"><text>Years of Service</text></inputExpression>
  </input>
  <input>
    <inputExpression typeRef="string"><text>Region</text></inputExpression>
  </input>
  <output name="Grade"/><output name="Days"/>
  <rule>
    <inputEntry><text>&gt;= 10</text></inputEntry><inputEntry><text>"DE","AT"</text></inputEntry>
    <outputEntry><text>"A"</text></outputEntry><outputEntry><text>30</text></outputEntry></rule>
  <rule><inputEntry><text>CELL</text></inputEntry><inputEntry><text>-</text></inputEntry>
    <outputEntry><text>"B"</text></outputEntry><outputEntry><text>25</text></outputEntry></rule>
</decisionTable></decision>
<decision name="Say it"><literalExpression><text>1 + 1</text></literalExpression></decision>
</definitions>
"""
TESTS = """\
<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase">
<modelName>grades.dmn</modelName>
<testCase><inputNode name="Years of Service"><value>12</value></inputNode>
  <inputNode name="Region"><value>AT</value></inputNode>
  <resultNode name="Grade it"><expected>
    <component name="Grade"><value>A</value></component>
    <component name="Days"><value>30.0</value></component>
  </expected></resultNode>
  <resultNode name="Say it"><expected><value>2</value></expected></resultNode>
</testCase>
<testCase><inputNode name="Years of Service"><value>3</value></inputNode>
  <inputNode name="Region"><value>AT</value></inputNode>
  <resultNode name="Grade it"><expected>
    <component name="Grade"><value>B</value></component>
    <component name="Days"><value>25</value></component>
  </expected></resultNode>
</testCase>
</testCases>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model whose second row takes up to ten years, and its tests."""
    (tmp_path / "grades.dmn").write_text(MODEL.replace("CELL", "[0..10)"))
    (tmp_path / "grades-test-01.xml").write_text(TESTS)
    return tmp_path


def test_each_result_is_counted_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Tables are asked, other decisions are not; a wrong answer fails the run."""
    assert main(folder, write=False) == 0
    assert "| grades | 2 | 0 | 0 | 1 |" in capsys.readouterr().out

    tests = folder / "grades-test-01.xml"
    tests.write_text(TESTS.replace("<value>25</value>", "<value>26</value>"))
    assert main(folder, write=False) == 1
    assert "| grades | 1 | 1 | 0 | 1 |" in capsys.readouterr().out


def test_what_cannot_be_taken_over_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cell that computes has no counterpart, and no answer."""
    (folder / "grades.dmn").write_text(MODEL.replace("CELL", "&lt; sum(limit)"))
    assert main(folder, write=False) == 0
    said = capsys.readouterr().out
    assert "| grades | 0 | 0 | 2 | 1 |" in said
    assert "* a cell that reads other facts: 2" in said


def _table(name: str, reads: str, test: str, claim: str) -> str:
    return (
        f'<decision name="{name}"><variable name="{name}" typeRef="string"/><decisionTable><input>'
        f"<inputExpression><text>{reads}</text></inputExpression></input><output/><rule>"
        f"<inputEntry><text>{test}</text></inputEntry><outputEntry><text>{claim}</text>"
        "</outputEntry></rule></decisionTable></decision>"
    )


CHAIN = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/">'
    '<inputData name="Age"><variable name="Age" typeRef="number"/></inputData>'
    + _table("Age band", "Age", "&gt;= 18", '"adult"')
    + _table("Fee", "Age band", '"adult"', "10")
    + _table("Post-check", "Checked", '"ok"', '"pass"')
    + _table("Late", "Unsaid", '"ok"', '"never"')
    + '<decision name="Checked"><variable name="Checked" typeRef="string"/></decision>'
    '<decision name="Unsaid"><variable name="Unsaid" typeRef="string"/></decision></definitions>'
)


def _asked(**results: str) -> str:
    told = "".join(
        f'<resultNode name="{name.replace("_", " ")}"><expected><value>{value}</value></expected>'
        "</resultNode>"
        for name, value in results.items()
    )
    return f'<testCase><inputNode name="Age"><value>20</value></inputNode>{told}</testCase>'


def test_a_chain_of_tables_is_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not a table comes from a test of the same inputs; without one nothing is asked."""
    (tmp_path / "chain.dmn").write_text(CHAIN)
    tests = _asked(Fee="10") + _asked(**{"Post-check": "pass"}) + _asked(Checked="ok")
    (tmp_path / "chain.xml").write_text(
        f"<testCases><modelName>chain.dmn</modelName>{tests}{_asked(Late='never')}</testCases>"
    )
    assert main(tmp_path, write=False) == 0
    told = capsys.readouterr().out
    assert "| chain | 2 | 0 | 1 | 1 |" in told
    assert "* it reads Unsaid, which is not a table and which no test expects: 1" in told


def test_only_its_own_section_of_the_page_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What other suites came to stays; without a folder nothing is written."""
    page = folder / "conformance.md"
    page.write_text("# Conformance\n\n## The expression language\n\nAll right.\n")
    monkeypatch.setattr("docs.conformance_dmn.PAGE", page)
    assert main(None, write=True) == 0
    assert "DMN" not in page.read_text()
    for _ in range(2):
        main(folder, write=True)
    text = page.read_text()
    assert text.startswith(
        "# Conformance\n\n## The expression language\n\nAll right.\n\n## Decision"
    )
    assert text.count(conformance.TITLE) == text.count("## Decision tables of DMN") == 1
