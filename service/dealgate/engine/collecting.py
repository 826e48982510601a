"""Collecting tables: the numbers of all rows that hold become one number, in one claim."""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from dealgate.language.values import Failure
from dealgate.model.rules import AnyRule, AnyTable, HitPolicy, Rule

FOLDS: dict[HitPolicy, Callable[[Sequence[Any]], Any]] = {
    HitPolicy.SUM: sum,
    HitPolicy.COUNT: sum,  # a row that counts says 1
    HitPolicy.MIN: min,
    HitPolicy.MAX: max,
}


class Collector:
    """Folds the numbers of one table, and makes a rule of each result once."""

    def __init__(self, table: AnyTable) -> None:
        """`table` collects."""
        self._table = table
        self._fold = FOLDS[table.hit]
        self._made: dict[Any, AnyRule | Failure | None] = {}

    def relevant(self, holding: Sequence[Any]) -> Callable[[Any], bool]:
        """Return a test: could a row with this number change the result of `holding`?"""
        if self._table.hit is HitPolicy.MAX:
            most = max(holding)
            return lambda value: value > most
        if self._table.hit is HitPolicy.MIN:
            least = min(holding)
            return lambda value: value < least
        return lambda _: True

    def collected(self, values: Sequence[Any]) -> AnyRule | Failure | None:
        """Return the rule that claims the result of `values`; None if there is no result.

        Its effect was never seen by its kind, which may refuse it: then the table fails. Zero
        is no failure, though: kinds refuse it because it says nothing.
        """
        total = self._fold(values)
        if total not in self._made:
            self._made[total] = self._rule(total)
        return self._made[total]

    def _rule(self, total: Any) -> AnyRule | Failure | None:
        table = self._table
        first = table.rows[0]
        try:
            then = _with(first.then, table.output, total)
        except ValidationError:
            outcome = "the result of its rows is not a value that a rule may claim"
            return None if total == 0 else Failure(outcome)
        return Rule(table.id, None, then, table.because, table.location, first.each)


def _with(effect: BaseModel, path: Sequence[str], value: Any) -> BaseModel:
    said = effect.model_dump(exclude_unset=True)
    inner = said
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return type(effect).model_validate(said)
