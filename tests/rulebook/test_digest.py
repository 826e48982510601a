"""A digest changes with the meaning of a rule file, and with nothing else."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.model.faults import Fault
from dealgate.rulebook.digest import digest
from dealgate.rulebook.document import Node
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

RULES = """\
ruleset: approve
version: 1
constants:
  floor: 50
  home: "DE"
  near: ["DE", "AT"]
facts:
  big: deal.employees > floor && deal.country == "a  b"
rules:
  - id: first
    each: {c: contacts}
    when: c.signs && big
    then: {points: 10, verdict: approve}
    because: We like it.
  - id: second
    then: {points: 1}
    because: Always.
"""
LAYOUTS = [
    ("version: 1\n", "version: 1    # the first\n\n"),
    ("ruleset: approve\nversion: 1\n", "version: 1\nruleset: approve\n"),
    ('"DE"\n', "'DE'\n"),
    ("{points: 10, verdict: approve}", "\n      verdict: approve\n      points: 10"),
    ("c.signs && big", "|\n      c.signs   // who signs\n        &&big"),
    ("c.signs && big", "'c.signs&&   big'"),
    ("deal.employees > floor", "deal.employees>floor"),
    ("We like it.", ">-\n      We like\n      it."),
    ('["DE", "AT"]', "\n    - \"DE\"\n    - 'AT'"),
    ("{c: contacts}", "\n      c: contacts"),
]
MEANINGS = [
    ("approve", "appr"),
    ("version: 1", "version: 2"),
    ("floor: 50", "floor: 51"),
    ("floor: 50", 'floor: "50"'),
    ('["DE", "AT"]', '["AT", "DE"]'),
    ('"a  b"', '"a b"'),
    ("c.signs && big", "c.signs || big"),
    ("c.signs && big", "big && c.signs"),
    ("{c: contacts}", "{c: others}"),
    ("points: 10", "points: 11"),
    ("We like it.", "We love it."),
    ("id: second", "id: third"),
    ("  - id: second\n    then: {points: 1}\n    because: Always.\n", ""),
]


def digest_of(text: str) -> str:
    """Return the digest of a document without faults."""
    faults: list[Fault] = []
    node = read_yaml(Source("rules.yaml", text), faults)
    assert node is not None
    assert faults == []
    return digest(node)


@settings(deadline=None)
@given(changes=st.sets(st.sampled_from(LAYOUTS)))
def test_comments_and_layout_do_not_count(changes: set[tuple[str, str]]) -> None:
    """However a file is laid out, its digest stays."""
    text = RULES
    for before, after in sorted(changes):
        text = text.replace(before, after, 1)
    assert digest_of(text) == digest_of(RULES)


@pytest.mark.parametrize(("before", "after"), MEANINGS)
def test_every_change_of_meaning_counts(before: str, after: str) -> None:
    """Whatever else is changed changes the digest."""
    assert before in RULES
    assert digest_of(RULES.replace(before, after, 1)) != digest_of(RULES)


@given(st.permutations(["a: 1", "b: 2", "c: 3"]))
def test_order_of_keys_does_not_count(lines: list[str]) -> None:
    """Keys may stand in any order; only the order of a list means something."""
    assert digest_of("\n".join(lines)) == digest_of("a: 1\nb: 2\nc: 3")


def test_digest_is_stable(read: Callable[[str], Node]) -> None:
    """The digest is what it was: releases of years ago are sealed with it."""
    assert digest(read(RULES)) == "89a37df189910f8ae4fa4dec0cea29b02c8ae046bab06ccf3edc3c5e5d393b21"
