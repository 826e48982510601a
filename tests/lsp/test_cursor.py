"""Where the cursor is, in YAML that is not finished."""

import pytest

from dealgate.lsp.cursor import spot
from dealgate.lsp.outline import outline

# ‸ is the cursor.
PLACES = [
    ("ru‸", (), "key"),
    ("rules:\n  - id: a\n    wh‸", ("rules", 0), "key"),
    ("rules:\n  - id: a\n    when: lead.‸", ("rules", 0, "when"), "value"),
    ("rules:\n- id: a\n  when: lead.‸", ("rules", 0, "when"), "value"),
    ("rules:\n  - id: a\n    when: lead.x &&\n      lead.‸", ("rules", 0, "when"), "value"),
    ("rules:\n  - id: a\n    when: |\n      lead.x\n      && le‸", ("rules", 0, "when"), "value"),
    ("rules:\n  - id: a\n    when: >-\n      ‸\n    then: {}", ("rules", 0, "when"), "value"),
    ("rules:\n  - id: a\n    when: |\n      lead.x\n    ‸", ("rules", 0), "key"),
    ("rules:\n  - id: a\n  - id: b\n    each: {x: act‸", ("rules", 1, "each", "x"), "value"),
    ("rules:\n  - id: a\n    then: {code: FI‸}", ("rules", 0, "then", "code"), "value"),
    ("rules:\n  - id: a\n    then: {disposition: nurture, co‸}", ("rules", 0, "then"), "key"),
    ("rules:\n  - id: a\n    then:\n      dis‸", ("rules", 0, "then"), "key"),
    ("rules:\n  - ‸", ("rules", 0), "item"),
    ("facts:\n  a: has(le‸", ("facts", "a"), "value"),
    ('facts:\n  a: "has(x) ? le‸"', ("facts", "a"), "value"),
    ("constants:\n  a: [1, da‸", ("constants", "a", 1), "item"),
    ("cases:\n  - case: x\n    fired: [too-‸", ("cases", 0, "fired", 0), "item"),
    ("cases:\n  - case: x\n    fired:\n      - a\n      - too-‸", ("cases", 0, "fired", 1), "item"),
    ("cases:\n  - facts: {lead: {company: {emp‸", ("cases", 0, "facts", "lead", "company"), "key"),
    ("cases:\n  - facts: {lead: {company: {a: 1}, sen‸", ("cases", 0, "facts", "lead"), "key"),
    ("cases:\n  - facts:\n      lead: {a: 1,\n        b‸", ("cases", 0, "facts", "lead"), "key"),
    # An open brace does not swallow the rules below it.
    ("rules:\n  - id: a\n    then: {x: 1\n  - id: b\n    when: le‸", ("rules", 1, "when"), "value"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "path", "role"), PLACES, ids=lambda part: str(part)[-30:])
def test_the_cursor_knows_the_keys_above_it(marked: str, path: tuple[str], role: str) -> None:
    """Whatever is unfinished: the keys above, and whether a key or a value is being written."""
    where = spot(marked.replace("‸", ""), marked.index("‸"))
    assert where is not None
    assert (where.path, where.role) == (path, role)


@pytest.mark.parametrize("marked", ["# le‸", "a: 1 # le‸", 'a: "#" # le‸'])
def test_in_a_comment_nothing_is_written(marked: str) -> None:
    """A comment is nobody's key."""
    assert spot(marked.replace("‸", ""), marked.index("‸")) is None


def test_an_outline_has_every_key_with_its_path() -> None:
    """Blocks of text hold no keys, whatever they look like."""
    text = (
        "facts:\n  a: 1\nrules:\n  - id: x\n    because: |\n      no: key\n    when: a\n  - id: y\n"
    )
    assert [entry.path for entry in outline(text)] == [
        ("facts",),
        ("facts", "a"),
        ("rules",),
        ("rules", 0),
        ("rules", 0, "id"),
        ("rules", 0, "because"),
        ("rules", 0, "when"),
        ("rules", 1),
        ("rules", 1, "id"),
    ]
