"""`dealgate fmt`: one layout, and not a letter of meaning or comment lost."""

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.desk.layout.comments import comments
from dealgate.desk.layout.folder import sort_of
from dealgate.desk.layout.formatting import CHANGED, formatted
from dealgate.model.faults import Fault
from dealgate.rulebook.digest import digest
from dealgate.rulebook.document import plain
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

RULES = Path(__file__).parents[2] / "rules"
FILES = sorted(path for path in RULES.glob("*/*.yaml"))


def laid_out(text: str, sort: str) -> str:
    """Return the text laid out; it has no faults."""
    faults: list[Fault] = []
    found = formatted(Source("v1.yaml", text), sort, faults)
    assert found is not None, [str(fault) for fault in faults]
    return found


WORD = "rule-with-a-name"
PAIRS = {
    "keys in their order, and their comments with them": (
        "rules",
        "rules:\n- because: Why.\n  # on when\n  when: a   # beside\n  id: x\n",
        "rules:\n  - id: x\n    # on when\n    when: a  # beside\n    because: Why.\n",
    ),
    "two spaces a level": (
        "cases",
        "cases:\n- case: x\n  facts:\n      lead:\n          id:   L1\n",
        "cases:\n  - case: x\n    facts:\n      lead:\n        id: L1\n",
    ),
    "braces and brackets": (
        "cases",
        "cases:\n  - {case: x,fired: [ a,b ],facts: {lead: { id: L1 }}}\n",
        "cases:\n  - {case: x, fired: [a, b], facts: {lead: {id: L1}}}\n",
    ),
    "blank lines": (
        "rules",
        "\n\n# top\n\nruleset: x\n\n\n\nrules:\n\n  - id: a\n\n\n  - id: b\n  - id: c\n\n\n",
        "# top\n\nruleset: x\n\nrules:\n  - id: a\n\n  - id: b\n  - id: c\n",
    ),
    "a condition without needless quotes": (
        "rules",
        'facts:\n  a: "b == c"\n  d: "has(x) ? x : 0"\n',
        'facts:\n  a: b == c\n  d: "has(x) ? x : 0"\n',
    ),
    "quoted constants are texts": ("rules", 'constants: {a: "5"}\n', 'constants: {a: "5"}\n'),
    "a comment after the last key of a rule stays in it": (
        "rules",
        "rules:\n  - id: a\n    when: b\n    # when: c\n  # next\n  - id: d\n# end\n",
        "rules:\n  - id: a\n    when: b\n    # when: c\n  # next\n  - id: d\n# end\n",
    ),
    "a comment behind text over several lines": (
        "rules",
        "facts:\n  a: b\n       && c # why\n  d: # what\n    e\n",
        "facts:\n  a: b\n    && c  # why\n  # what\n  d: e\n",
    ),
    "blocks of text keep their lines": (
        "rules",
        "rules:\n  - id: a\n    when: |  # why\n          b\n            && c\n",
        "rules:\n  - id: a\n    when: |  # why\n      b\n        && c\n",
    ),
    "a list of words too long for a line": (
        "cases",
        f"cases:\n  - case: x\n    fired: [{WORD}, {WORD}, {WORD}, {WORD}, {WORD}, {WORD}]\n",
        f"cases:\n  - case: x\n    fired: [{', '.join([WORD] * 4)},\n      {WORD}, {WORD}]\n",
    ),
    "Windows's line ends and trailing blanks": (
        "releases",
        "- version: 1  \r\n  from: 2026-01-01\r\n",
        "- version: 1\n  from: 2026-01-01\n",
    ),
    "a table": (
        "table",
        'id, "deal.x" ,then.points\r\na,"1, 2",3\r\n\r\nb, "say ""x""",\r\n',
        'id,deal.x,then.points\na,"1, 2",3\nb,"say ""x""",\n',
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_layout(name: str) -> None:
    """What authors write, and what becomes of it."""
    sort, before, after = PAIRS[name]
    assert laid_out(before, sort) == after
    assert laid_out(after, sort) == after


def test_a_long_condition_breaks_before_its_outermost_connectives() -> None:
    """It folds to the same text; what stands in quotes and brackets stays on one line if it can."""
    half = "(lead.company.employees > 50 || lead.city == 'x && y')"
    text = f"facts:\n  a: {half} && {half}\n"
    assert laid_out(text, "rules") == f"facts:\n  a: >-\n    {half}\n    && {half}\n"


def test_a_long_condition_in_needless_quotes_is_folded_at_once() -> None:
    """It loses its quotes and breaks in one run: a second one has nothing left to do."""
    half = "success_criteria.all(c, has(c.target) && has(c.due_on))"
    text = f'facts:\n  a: "{half} && {half}"\n'
    assert laid_out(text, "rules") == f"facts:\n  a: >-\n    {half}\n    && {half}\n"


def test_long_prose_is_folded() -> None:
    """`because` is a sentence: it may break anywhere."""
    text = f"- version: 1\n  because: {'word ' * 30}end\n"
    lines = laid_out(text, "releases").splitlines()
    assert lines[1] == "  because: >-"
    assert max(len(line) for line in lines) <= 100


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FILES), st.integers(0, 2**32))
def test_edited_files_keep_their_meaning(path: Path, seed: int) -> None:
    """Comments, blanks and line ends come and go at random places of a shipped file.

    That the files as they are shipped are laid out already is for `dealgate fmt --check` to say.
    """
    text = _edited(path.read_text(), random.Random(seed))
    faults: list[Fault] = []
    if read_yaml(Source("x", text), faults) is not None and not faults:
        _holds(text, sort_of(path))


def test_what_cannot_be_read_is_refused() -> None:
    """The fault of the file is told, and nothing comes back to be written."""
    faults: list[Fault] = []
    assert formatted(Source("v1.yaml", "rules: [\n"), "rules", faults) is None
    assert faults
    assert CHANGED not in faults[0].message


def _edited(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    start = chance.randrange(len(lines))
    lines = lines[max(start - 60, 0) : start + 60] if chance.random() < 0.9 else lines
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(lines))
        column = chance.choice([0, 2, 4, 6, 8, len(lines[at]) - len(lines[at].lstrip())])
        edit = chance.choice(
            ["blank", "comment", "beside", "deeper", "cut", "spaces", "quote", "unfold"]
        )
        if edit == "blank":
            lines.insert(at, "")
        elif edit == "comment":
            lines.insert(at, " " * column + f"# {chance.random()}")
        elif edit == "beside":
            lines[at] += f"  # {chance.random()}"
        elif edit == "deeper":
            lines = [" " + line for line in lines] if chance.random() < 0.2 else lines
        elif edit == "cut" and len(lines) > 1:
            del lines[at]
        elif edit == "quote":
            lines[at] = _quoted(lines[at], chance.choice("\"'"))
        elif edit == "unfold" and at + 1 < len(lines):
            lines[at : at + 2] = [f"{lines[at]} {lines[at + 1].strip()}"]
        else:
            lines[at] += "   "
    return "\n".join(lines) + "\n"


def _quoted(line: str, quote: str) -> str:
    """Return a line whose plain value stands in quotes, as authors write it who fear YAML."""
    key, colon, value = line.partition(": ")
    wanted = colon and value and value[0].isalnum() and quote not in value and "\\" not in value
    return f"{key}: {quote}{value}{quote}" if wanted else line


def _holds(text: str, sort: str) -> None:
    once = laid_out(text, sort)
    assert laid_out(once, sort) == once
    before, after = read_yaml(Source("x", text), []), read_yaml(Source("x", once), [])
    assert before is not None
    assert after is not None
    if sort == "rules":
        assert digest(after) == digest(before)
    else:
        assert plain(after) == plain(before)
    found = [Counter(each.text for each in comments(node)) for node in (before, after)]
    assert found[0] == found[1]
