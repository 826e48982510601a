"""What cannot be seen is written out before it reaches a terminal, a log, XML, HTML or a plot."""

import io
import json
import logging
import unicodedata
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from rich.tree import Tree

from dealgate.cases.results import Result
from dealgate.cases.results.junit import junit
from dealgate.cli.echo import echo, echo_json
from dealgate.cli.explained import seen
from dealgate.desk.trials import CaseReport
from dealgate.model.faults import Fault
from dealgate.model.rules import Location
from dealgate.model.shown import shown_in_html, visible, visible_json
from dealgate.telemetry.logs import Form, begin
from dealgate.telemetry.pipeline import Losses

HOSTILE = "a\x1b]0;owned\x07\x1b[2J\x9b31m\u202egro\u200b\U000e0041\x00z"
UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Cs"}
# Format characters that have ink: Arabic number signs, hieroglyph joiners, shorthand.
INKED = [range(0x600, 0x606), range(0x6DD, 0x6DE), range(0x70F, 0x710), range(0x890, 0x892)]
INKED += [range(0x8E2, 0x8E3), range(0x110BD, 0x110CE), range(0x13430, 0x13460)]
INKED += [range(0x1BCA0, 0x1BCA4)]


def is_harmless(text: str) -> bool:
    """Tell whether nothing in it is obeyed or unseen; line breaks are ours."""
    return not any(unicodedata.category(letter) in UNSEEN for letter in text if letter != "\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;owned\x07\x1b[2J", r"\x1b]0;owned\x07\x1b[2J"),
        ("a\nforged line", r"a\x0aforged line"),
        ("\u202egro.elpmaxe", r"\u202egro.elpmaxe"),
        ("\x9b31m", r"\x9b31m"),
        ("\U000e0041", r"\U000e0041"),
        ("Müller & Söhne <b>", "Müller & Söhne <b>"),
    ],
)
def test_the_unseen_is_written_out(text: str, shown: str) -> None:
    """Escapes, line breaks and marks of direction; everything else stays as it is."""
    assert visible(text) == shown


def test_layout_of_ours_is_kept() -> None:
    """A line break that we wrote is one."""
    assert visible("a\nb\x1b", keep="\n") == "a\nb\\x1b"


@given(st.text(st.characters(codec=None)))
def test_whatever_is_visible_is_well_formed_xml(text: str) -> None:
    """XML takes it, and gives it back."""
    element = ET.Element("case", name=visible(text))
    assert ET.fromstring(ET.tostring(element)).get("name") == visible(text)


def test_trees_and_reports_show_no_escapes() -> None:
    """What `dealgate explain` and `dealgate test --format junit` write obeys nobody."""
    tree = Tree(Text("id \x1b[2J"))
    tree.add("a\nforged \x1b]0;owned")
    seen(tree)
    assert str(tree.label) == "id \\x1b[2J"
    assert tree.children[0].label == "a\\x0aforged \\x1b]0;owned"
    result = Result(
        "q@1", "v1.cases.yaml", [CaseReport("q@1", "a\x01", Location("f", 1, 1), 0.0, [])]
    )
    assert ET.fromstring(junit([result]).encode()).find(".//testcase") is not None


def test_nothing_unseen_is_left() -> None:
    """No character of Unicode that has no ink, or that turns the direction, stays as it is."""
    inked = {number for numbers in INKED for number in numbers}
    left = [
        hex(number)
        for number in range(0x110000)
        if number not in inked
        and unicodedata.category(chr(number)) in UNSEEN
        and visible(chr(number)) == chr(number)
    ]
    assert left == []


def test_commands_print_nothing_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    """Plain lines, errors and JSON; JSON still says the same."""
    echo(f"{HOSTILE}\n\tours")
    echo(HOSTILE, err=True)
    printed = capsys.readouterr()
    assert printed.out == f"{visible(HOSTILE)}\n\tours\n"
    assert is_harmless(printed.err)
    echo_json({"id": HOSTILE})
    document = capsys.readouterr().out
    assert is_harmless(document)
    assert json.loads(document) == {"id": HOSTILE}


@given(st.text(st.characters(codec=None)))
def test_json_says_the_same(text: str) -> None:
    """Whatever a text holds, it comes back, and nothing of it is unseen."""
    shown = visible_json(json.dumps(text, ensure_ascii=False))
    assert json.loads(shown) == text
    assert visible(shown) == shown


def test_a_fault_stays_on_its_lines() -> None:
    """File, message, line and hint forge no line, and the caret stands below its character."""
    line = "because: \u202e\x1b[31m here"
    fault = Fault(
        Location("a\nb.yaml", 1, line.index("here") + 1), f"no\n{HOSTILE}", f"x{HOSTILE}", line
    )
    told = str(fault).split("\n")
    assert len(told) == 4
    assert is_harmless(str(fault))
    assert told[1].index("here") == told[2].index("^")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_log_line_is_one(form: Form) -> None:
    """Escapes are shown, and a line break begins no record."""
    stream, log = io.StringIO(), logging.getLogger("dealgate.test")
    logs = begin("info", form, Losses(), stream)
    try:
        log.warning("%s", f"{HOSTILE}\n2026-01-01 00:00:00,000 INFO forged")
    finally:
        logs.close()
    lines = stream.getvalue().splitlines()
    assert is_harmless(stream.getvalue())
    assert [line for line in lines[1:] if not line.startswith("  ")] == []
    assert form == "text" or HOSTILE in json.loads(lines[0])["message"]


def test_pages_and_plots_show_it() -> None:
    """What a template shows is visible and escaped; a label of a plot is drawn."""
    jinja2 = pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    from dealgate.foresight.page import drawing  # noqa: PLC0415  # an extra
    from dealgate.insight.report import plots  # noqa: PLC0415
    from dealgate.v1 import insight_pb2  # noqa: PLC0415

    environment = jinja2.Environment(autoescape=True, finalize=shown_in_html)
    page = environment.from_string("<p title='{{ id }}'>{{ id }}</p>").render(id=f"<b>{HOSTILE}")
    assert is_harmless(page)
    assert "<b>" not in page
    id_ = rf"$\frac{{x$ {HOSTILE}"
    rows = [{"fact": id_, "value": id_, "flips": 1, "decisions": 2}]
    assert is_harmless(drawing.segments(rows, {"share": 0.5}))
    assert is_harmless(drawing.causes([{"cause": id_, "decisions": 1}]))
    matrix = [{"old": id_, "new": HOSTILE, "decisions": 1}]
    assert is_harmless(drawing.matrix(matrix))
    stage = insight_pb2.StageConversion(stage=id_, entered=2, passed=1, open=1)
    assert is_harmless(plots.passing([stage]))
