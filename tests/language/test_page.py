"""docs/language.md: all of the language is on it, and every example is true."""

import re
from pathlib import Path

import pytest
from google.protobuf.message import Message

from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.language.exact import compile_exact
from dealgate.language.frame import named_frame
from dealgate.language.reference import functions
from dealgate.language.syntax import Tree
from dealgate.language.text import OPERATORS
from dealgate.rulebook.cell_columns import Column
from dealgate.rulebook.cells import condition
from dealgate.rulebook.instants import nanoseconds
from dealgate.v1 import qualify_pb2

PAGE = (Path(__file__).parents[2] / "docs" / "language.md").read_text()
EXAMPLE = re.compile(r"^\| `(?P<source>[^`]+)` \| `(?P<result>[^`]+)` \|$", re.MULTILINE)
LITERAL = re.compile(r"^\| `(?P<type>[\w.(), ]+)` \| `(?P<literal>.+?)` \| [^|]*\|$", re.MULTILINE)
CELL = re.compile(
    r"^\| `(?P<cell>.+?)` \| `(?P<operand>[\w.]+)`, (?P<type>\w+) \| (?:`(?P<says>.+?)` )?\|$",
    re.MULTILINE,
)
AS_OF = nanoseconds("2026-03-01T10:00:00Z") or 0
QUALIFY = KINDS["qualify"].facts.DESCRIPTOR
CHECKER = CelChecker()
TYPES = {
    "text": "string",
    "numbers": "int",
    "bool": "bool",
    "money": "google.type.Money",
    "dates": "google.type.Date",
}
CONSTANTS = {"eu": "list(string)", "small": "int"}
EXAMPLES = [(match["source"], match["result"]) for match in EXAMPLE.finditer(PAGE)]


@pytest.mark.parametrize(("source", "result"), EXAMPLES, ids=[source for source, _ in EXAMPLES])
def test_an_example_comes_to_what_the_page_says(source: str, result: str) -> None:
    """By the exact evaluator, on the facts that the page names."""
    written = f"({source}) == ({result})".replace("\\|", "|")
    checked = CHECKER.check(written, facts=QUALIFY, variables={}, expected="bool")

    assert compile_exact(Tree(checked.ast))(named_frame(_facts(), {}, AS_OF, {})) is True


def _facts() -> Message:
    facts = qualify_pb2.QualifyFacts()
    facts.lead.email = "ada@example.com"
    facts.lead.company.employees = 120
    facts.lead.company.technologies.extend(["SAP", "Slack"])
    return facts


def test_literals_have_the_types_that_the_page_says() -> None:
    """All that a value can be."""
    literals = {match["type"]: match["literal"] for match in LITERAL.finditer(PAGE)}

    assert len(literals) == 13
    for type_, literal in literals.items():
        assert CHECKER.check(literal, facts=None, variables={}, expected=None).type == type_


def test_every_function_and_operator_is_on_the_page() -> None:
    """In an example, which runs."""
    shown = " ".join(source for source, _ in EXAMPLES)
    missing = [name for name in functions() if not re.search(rf"{re.escape(name)}\(", PAGE)]
    signs = [sign for sign, _ in OPERATORS.values() if f" {sign} " not in shown.replace("\\|", "|")]

    assert missing == []
    assert signs == []


@pytest.mark.parametrize("match", [*CELL.finditer(PAGE)], ids=lambda match: match["cell"])
def test_a_cell_says_what_the_page_says(match: re.Match[str]) -> None:
    """As a condition on its column's expression."""
    column = Column(match["operand"], TYPES[match["type"]], {}, CONSTANTS)

    assert condition(match["cell"], column) == (match["says"] or "")
