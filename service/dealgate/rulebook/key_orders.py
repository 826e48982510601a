"""The order in which the keys of a file are written."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from dealgate.rulebook.case_shapes import AcceptedShape, CaseFileShape, CaseShape
from dealgate.rulebook.shapes import ChallengerShape, ReleaseShape, RuleFileShape, RuleShape

ORDERS: Mapping[tuple[str, tuple[str, ...]], type[BaseModel]] = {
    ("rules", ()): RuleFileShape,
    ("rules", ("rules", "*")): RuleShape,
    ("cases", ()): CaseFileShape,
    ("cases", ("cases", "*")): CaseShape,
    ("cases", ("accepted", "*")): AcceptedShape,
    ("releases", ("*",)): ReleaseShape,
    ("releases", ("*", "challenger")): ChallengerShape,
}
# Those of a scope's file, too (`narrowing.py`).
RULE_FILE = (
    *("ruleset", "scope", "version", "narrows", "tenant", "applies", "unknown", "owner", "because"),
    *("remove", "parameters", "constants", "facts", "fixed", "changeable"),
    *("rules", "tables"),
)


def key_order(sort: str, path: Sequence[str | int]) -> tuple[str, ...]:
    """Return the keys at `path` in the order they are written; empty where that is free.

    `sort` is "rules", "cases" or "releases".
    """
    steps = tuple("*" if isinstance(step, int) else step for step in path)
    if (sort, steps) == ("rules", ()):
        return RULE_FILE
    shape = ORDERS.get((sort, steps))
    if shape is None:
        return ()
    return tuple(field.alias or name for name, field in shape.model_fields.items())
