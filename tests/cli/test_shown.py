"""What cannot be seen is written out before it reaches a terminal, a log, XML or a plot."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text
from rich.tree import Tree

from dealgate.cases.results import Result
from dealgate.cases.results.junit import junit
from dealgate.cli.explained import seen
from dealgate.desk.trials import CaseReport
from dealgate.model.rules import Location
from dealgate.model.shown import visible


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
