"""A fact that is missing is named by a path that its caller can send."""

from collections.abc import Mapping
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor

from dealgate.engine.native import compile_ruleset
from dealgate.judge import judged
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.fields import along
from tests.engine.building import rule_set
from tests.engine.specimen import FACTS, Facts
from tests.shipped import ENGINE, catalog

AS_OF = 1_772_445_600_000_000_000
COUNTED = "items.filter(y, y.count > 0)"
EXPRESSIONS = {
    "of what was filtered": f"{COUNTED}.exists(b, b.price > thing.price)",
    "filtered twice": f"{COUNTED}.filter(z, z.count < 9).all(b, b.price > thing.price)",
    "of a list with a name": f"cel.bind(f, {COUNTED}, f.exists(b, b.price > thing.price))",
    "of two lists": f"({COUNTED} + items).exists(b, b.price > thing.price)",
    "of one of two": f"(thing.count > 0 ? items : {COUNTED}).exists(b, b.price > thing.price)",
    "of what was made of it": "items.map(y, y).exists(b, b.price > thing.price)",
    "sorted": "items.sortBy(y, y.count).exists(b, b.price > thing.price)",
    "inside another": "items.exists(a, [a].exists(b, b.price > thing.price))",
    "by index": f"{COUNTED}.exists(i, b, i >= 0 && b.price > thing.price)",
    "looked up": f"{COUNTED}.exists(b, b.name == 'x')",
    "written": "[thing].exists(b, b.flag)",
}


def missing(when: str, each: Mapping[str, tuple[str, str]] | None = None) -> set[str]:
    """Return what a rule misses of two items that have nothing but a count."""
    facts = Facts(thing={"count": 1}, items=[{"count": 1}, {"count": 2}])
    program = compile_ruleset(rule_set(CelChecker(), {"asked": when}, each=each))
    evidence = program.fire(facts, AS_OF, explain=False)
    return {path for one in evidence.undecided for path in one.missing}


def is_path(path: str, facts: Descriptor = FACTS) -> bool:
    """Tell whether a path leads to a field of the facts."""
    steps = [step.partition("[")[0] for step in path.split(".")]
    return len(along(facts, steps)) == len(steps)


@pytest.mark.parametrize("when", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_a_missing_fact_has_a_path_in_the_facts(when: str) -> None:
    """Whatever was done to the list before a macro goes through it, or is bound to a variable."""
    paths = missing(when)
    assert paths
    assert all(map(is_path, paths)), paths


def test_an_element_of_what_was_filtered_is_any_of_the_list() -> None:
    """Its place there says nothing of its place in the facts."""
    each = {"asked": ("x", COUNTED)}
    assert missing("x.price > thing.price", each=each) == {"items[].price", "thing.price"}
    assert missing("x.flag", each={"asked": ("x", "items")}) == {"items[0].flag", "items[1].flag"}


@pytest.mark.parametrize(("kind", "version"), [("qualify", 3), ("score", 4)])
def test_a_named_list_is_not_a_path(kind: str, version: int) -> None:
    """`asked_again` is what the rule set calls some of the activities; nobody can send it."""
    known: Any = KINDS[kind].facts(lead={"id": "L1"})
    for number, type_ in enumerate(("SUBSCRIBE", "UNSUBSCRIBE")):
        known.activities.add(id=f"a{number}", type=f"ACTIVITY_TYPE_{type_}")
    rules = catalog().version(kind, version)
    evidence = judged(KINDS[kind], ENGINE.prepare(rules), known, AS_OF).evidence
    paths = {path for one in evidence.undecided for path in one.missing} | {*evidence.missing}
    assert "activities[].at" in paths
    assert [path for path in paths if not is_path(path, known.DESCRIPTOR)] == []
