"""What an editor can cure by itself."""

import pytest
from lsprotocol.types import Position

from dealgate.lsp.diagnostics import cure, diagnostic
from dealgate.lsp.positions import Positions
from dealgate.model.faults import Fault
from dealgate.model.rules import Location


def _cured(text: str, fault: Fault) -> str | None:
    edit = cure(fault, Positions(text))
    return text[: edit.start] + edit.text + text[edit.end :] if edit else None


@pytest.mark.parametrize(
    ("text", "column", "message", "hint", "cured"),
    [
        (
            "when: lead.employes < 5\n",
            12,
            "rule a: Lead has no field 'employes'",
            "did you mean 'employees'?",
            "when: lead.employees < 5\n",
        ),
        (
            'fired: ["to-small"]\n',
            9,
            "case x: fired: unknown rule 'to-small'",
            "did you mean 'too-small'?",
            'fired: ["too-small"]\n',
        ),
        (
            "home: DE\n",
            7,
            "constant home: 'DE' is not a constant",
            'if it is text, put it in quotes: "DE"',
            'home: "DE"\n',
        ),
        (
            "from: 2026-01-31\n",
            7,
            "constant from: 2026-01-31 would be a subtraction",
            'write date("2026-01-31")',
            'from: date("2026-01-31")\n',
        ),
        (
            "  - when: !a\n    x: 1\n",
            11,
            "YAML takes a value that starts with `!` for a tag",
            "write it as a block:\n  when: |\n    !a",
            "  - when: |\n      !a\n    x: 1\n",
        ),
        (
            'n: "5"\n',
            4,
            "case x: 'n' takes a whole number",
            "delete the quotes: a value in quotes is text",
            "n: 5\n",
        ),
        ("a: b\n", 4, "rule x: is wrong", "write something else", None),
        ("a: 5\n", 4, "case x: 'n' is not one of a, b", "did you mean 'b'?", None),
    ],
)
def test_a_hint_with_a_replacement_is_an_edit(
    text: str, column: int, message: str, hint: str, cured: str | None
) -> None:
    """The edit makes what the hint says; a hint that leaves a choice is left to the author."""
    assert _cured(text, Fault(Location("a.yaml", 1, column), message, hint)) == cured


def test_a_value_over_several_lines_is_left_to_its_author() -> None:
    """The hint shows one line of it, so the edit would lose the rest."""
    hint = "write it as a block:\n  when: |\n    !a"
    assert _cured("when: !a\n  && b\n", Fault(Location("a.yaml", 1, 7), "no", hint)) is None


def test_a_fault_is_shown_at_its_word() -> None:
    """From its first letter to its last, in units of UTF-16; the cure is part of the message."""
    text = "a: 😀 employes\n"
    shown = diagnostic(Fault(Location("a.yaml", 1, 6), "no such field", "cure"), Positions(text))
    assert (shown.range.start, shown.range.end) == (Position(0, 6), Position(0, 14))
    assert shown.message == "no such field\ncure"
