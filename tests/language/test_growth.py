"""What functions make of texts and lists stays within bounds, whatever callers send."""

from typing import Any

import pytest

from dealgate.language.cel import CelChecker
from dealgate.language.exact import compile_exact
from dealgate.language.frame import named_frame
from dealgate.language.syntax import Tree
from dealgate.language.values import Failure, Value
from tests.engine.specimen import FACTS, Facts

LONG = 30_000
GROUPS = r"\\1" * 40


def result(checker: CelChecker, source: str) -> Value:
    """Evaluate on a long name, many tags and many numbers."""
    facts: Any = Facts()
    facts.thing.name = "x" * LONG
    facts.thing.tags.extend(["tag"] * 3000)
    facts.thing.sizes.extend(range(3000))
    tree = Tree(checker.check(source, facts=FACTS, variables={}, expected="bool").ast)
    return compile_exact(tree)(named_frame(facts, {}, 0, {}))


@pytest.mark.parametrize(
    "source",
    [
        'size(thing.name.replace("", thing.name)) > 5',
        'size(thing.name.replace("x", thing.name)) > 5',
        'size(thing.name.replace("x", thing.name, 100)) > 5',
        "size(thing.tags.join(thing.name)) > 5",
        'size(regex.replace(thing.name, "x", thing.name)) > 5',
        f'size(regex.replace(thing.name, "(x{{1000}})", "{GROUPS}")) > 5',
    ],
)
def test_a_text_that_grows_too_long_fails(checker: CelChecker, source: str) -> None:
    """Before it is written: a thousand million characters take a server's memory."""
    assert result(checker, source) == Failure("the text would be too long")


@pytest.mark.parametrize(
    "source",
    [
        "thing.sizes.map(n, [n, n]).distinct().size() == 3000",
        "thing.sizes.map(n, {n: n}).distinct().size() == 3000",
        "sets.equivalent(thing.sizes.map(n, [n]), thing.sizes.map(n, [n]))",
        "sets.contains(thing.sizes.map(n, double(n)), thing.sizes.map(n, double(n)))",
        "!sets.intersects(thing.sizes.map(n, [n]), thing.sizes.map(n, [n, n]))",
        "[0.0 / 0.0, 0.0 / 0.0].distinct().size() == 2",
        "[[3], [1], [3], [2]].distinct() == [[3], [1], [2]]",
    ],
)
def test_sets_look_each_element_up(checker: CelChecker, source: str) -> None:
    """Lists, maps and doubles too: to compare each with each takes minutes."""
    assert result(checker, source) is True


def test_a_replacement_may_name_groups(checker: CelChecker) -> None:
    """Whether it has such a group is the pattern's to say, which is written beside it."""
    assert result(checker, r'regex.replace("A-1", "([A-Z])-", "\\1") == "A1"') is True
