"""YAML is read without its surprises."""

from collections.abc import Callable

import pytest

from dealgate.model.faults import Fault
from dealgate.rulebook.document import Node, plain
from dealgate.rulebook.source import MAX_BYTES, Source, source_of
from dealgate.rulebook.strict_yaml import read_yaml


@pytest.mark.parametrize(
    "text", ["NO", "yes", "on", "012", "1e3", "0x1F", "12:30:45", "2026-01-31", "1_000", ".5", "~"]
)
def test_text_stays_text(text: str, read: Callable[[str], Node]) -> None:
    """Norway is no truth, a postcode no number, and a time no count of seconds."""
    assert plain(read(f"value: {text}\nlist: [{text}]\n")) == {"value": text, "list": [text]}


def test_key_that_stands_twice_keeps_its_first_value() -> None:
    """A second value of a key is a fault, and never wins silently."""
    faults: list[Fault] = []
    node = read_yaml(Source("rules.yaml", "a: 1\nb: 2\na: 3\n"), faults)
    assert node is not None
    assert plain(node) == {"a": "1", "b": "2"}
    assert [str(fault.location) for fault in faults] == ["rules.yaml:3:1"]


def test_alias_bomb_is_refused_at_once() -> None:
    """Nine levels of nine aliases are refused where they stand, and nothing is expanded."""
    lines = ["a: &a [x, x]"]
    lines += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    faults: list[Fault] = []
    read_yaml(Source("rules.yaml", "\n".join(lines)), faults)
    assert len(faults) == 9 + 8 * 9


def test_deep_nesting_is_refused_at_once() -> None:
    """Half a million open brackets cost neither the stack nor the afternoon."""
    faults: list[Fault] = []
    assert read_yaml(Source("rules.yaml", "[" * 500_000), faults) is None
    assert [fault.message for fault in faults] == ["this is nested deeper than 24 levels"]


def test_file_that_is_too_large_is_not_parsed() -> None:
    """A file beyond a megabyte is not a rule file."""
    faults: list[Fault] = []
    assert source_of(b"#" * (MAX_BYTES + 1), "rules.yaml", faults) is None
    assert [fault.message for fault in faults] == ["this file is larger than 1,000,000 bytes"]


@pytest.mark.parametrize("letter", ["\0", "\x0b", "\x7f", "\x85", "\u2028", "\ufeff", "\r"])
def test_invisible_characters_are_named(letter: str) -> None:
    """A character nobody can see is refused by its number, so that nobody has to guess."""
    faults: list[Fault] = []
    assert source_of(f"why: a{letter}b\n".encode(), "rules.yaml", faults) is None
    assert str(faults[0].location) == "rules.yaml:1:7"
    assert f"U+{ord(letter):04X}" in faults[0].message


@pytest.mark.parametrize("odd", ["\0", "\ud800", "\x85", "\ufeff"])
def test_what_no_file_may_have_is_a_fault_of_an_open_text_too(odd: str) -> None:
    """An editor sends what it has: no character of it ends a request with an error."""
    faults: list[Fault] = []

    assert read_yaml(Source("v1.yaml", f"a: 1\nb: x{odd}"), faults) is None
    assert [(fault.location.line, fault.location.column) for fault in faults] == [(2, 5)]
