"""Hit policies: the results of a decision table's rows become what the table claims.

Everything is three-valued. A row that cannot be judged never lets another one claim what it might
have claimed instead: that one becomes undecided with it, or fails with it.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any, NamedTuple, cast

from dealgate.engine.collecting import Collector
from dealgate.engine.evidence import Gatherer, Judgement
from dealgate.language.evaluators import both, either
from dealgate.language.values import Failure, NoValue, Ternary, Unknown, Value, first_without_value
from dealgate.model.decision import AnyEvidence, AnyFired, Explanation, Fired
from dealgate.model.quick import quick
from dealgate.model.rules import SEPARATE, AnyRule, AnyRuleSet, AnyTable, HitPolicy

MOST_KEPT = 4096
Truths = list[Ternary]
ALONE_STANDS = {HitPolicy.FIRST, HitPolicy.PRIORITY, HitPolicy.UNIQUE}


class Claim(NamedTuple):
    """A rule that fires on behalf of `rows`."""

    rule: AnyRule
    rows: tuple[AnyRule, ...]


Elements = list[tuple[int, Ternary]]
Settled = tuple[Truths, Claim | None]


@quick
@dataclass(frozen=True, slots=True)
class _Placed:
    """A table, where its rows stand among the rules, and what settles them.

    `kept` is what rows came to before: the same facts are missing again and again.
    """

    table: AnyTable
    start: int
    stop: int
    settle: Callable[[Truths], Settled]
    kept: dict[tuple[int, ...], tuple[Truths, Settled]] = field(default_factory=dict)

    @property
    def alone_stands(self) -> bool:
        """Whether a row that matches alone claims what it says, in its own name."""
        return self.table.hit in ALONE_STANDS

    def settled(self, truths: Truths) -> Settled:
        """Settle rows that are judged once; what they came to is known by identity."""
        key = tuple(map(id, truths))
        kept = self.kept.get(key)
        if kept is None:
            kept = truths, self.settle(truths)
            # A failure is another one each time.
            if len(self.kept) < MOST_KEPT and not any(isinstance(one, Failure) for one in truths):
                self.kept[key] = kept
        return kept[1]


class Hits:
    """The hit policies of one rule set."""

    def __init__(self, ruleset: AnyRuleSet) -> None:
        """`ruleset.rules` has the rows of each table side by side: what stands there counts."""
        self._rules = ruleset.rules
        self._order = ruleset.order
        self._gatherer = Gatherer(ruleset.rules)
        single = [table for table in ruleset.tables if table.hit not in SEPARATE]
        self._tables = [self._placed(table) for table in single]

    def _placed(self, table: AnyTable) -> _Placed:
        start = self._order[table.rows[0].id]
        stop = start + len(table.rows)
        table = replace(table, rows=self._rules[start:stop])
        return _Placed(table, start, stop, settler(table))

    def evidence(
        self,
        judgements: Sequence[Judgement],
        values: Sequence[Value],
        explained: Sequence[Explanation],
    ) -> AnyEvidence:
        """Return the evidence, as `gather` does, after the policies."""
        settled, claims = self.settle(judgements)
        found = self._gatherer.gather(settled, values, explained)
        if not claims:
            return found
        fired = sorted([*found.fired, *claims], key=lambda hit: self._order[hit.rule.id])
        return replace(found, fired=fired)

    def settle(self, judgements: Sequence[Judgement]) -> tuple[list[Judgement], list[AnyFired]]:
        """Return the judgements as the policies leave them, and what fires besides."""
        settled, claims = list(judgements), list[AnyFired]()
        for each in self._tables:
            rows = settled[each.start : each.stop]
            if each.table.rows[0].each is not None:
                rows, found = _per_element(rows, each.settle, alone_stands=each.alone_stands)
            else:
                truths, claim = each.settled(cast("Truths", rows))
                rows = [*truths]
                found = [Fired(claim.rule, (), claim.rows)] if claim else []
            settled[each.start : each.stop] = rows
            claims += found
        return settled, claims


def _per_element(
    rows: Sequence[Judgement], settle: Callable[[Truths], Settled], *, alone_stands: bool
) -> tuple[list[Judgement], list[AnyFired]]:
    if isinstance(rows[0], NoValue):
        return list(rows), []  # the list itself is not there, for all rows alike
    if alone_stands and _apart(cast("Sequence[Elements]", rows)):
        return list(rows), []
    by_element: dict[int, Truths] = {}
    for number, row in enumerate(cast("Sequence[Elements]", rows)):
        for element, truth in row:
            by_element.setdefault(element, [False] * len(rows))[number] = truth
    settled: list[Elements] = [[] for _ in rows]
    found: dict[Hashable, tuple[Claim, list[int]]] = {}
    for element, truths in sorted(by_element.items()):
        after, claim = settle(truths)
        for number, truth in enumerate(after):
            if truth is not False:
                settled[number].append((element, truth))
        if claim:
            key = id(claim.rule), tuple(row.id for row in claim.rows)
            found.setdefault(key, (claim, []))[1].append(element)
    return [*settled], [Fired(c.rule, tuple(elements), c.rows) for c, elements in found.values()]


def _apart(rows: Sequence[Elements]) -> bool:
    """Tell whether no two rows have anything to say of the same element."""
    said = [element for row in rows if row for element, _ in row]
    return len(said) == len(set(said))


def settler(table: AnyTable) -> Callable[[Truths], Settled]:
    """Return the function that applies a table's policy to what its rows came to."""
    if table.collects:
        return Collected(table)
    if table.hit is HitPolicy.FIRST:
        return Ranked(table.rows, range(len(table.rows)))
    if table.hit is HitPolicy.PRIORITY:
        order = sorted(range(len(table.rows)), key=lambda number: _rank(table, number))
        return Ranked(table.rows, order)
    if table.hit is HitPolicy.UNIQUE:
        return Agreed(table, [[number] for number in range(len(table.rows))])
    groups: dict[Hashable, list[int]] = {}
    for number, row in enumerate(table.rows):
        groups.setdefault(_frozen(row.then.model_dump()), []).append(number)
    return Agreed(table, list(groups.values()))


def _rank(table: AnyTable, number: int) -> int:
    return list(table.priority).index(table.value(table.rows[number]))


def _frozen(value: Any) -> Hashable:
    if isinstance(value, Mapping):
        return tuple((key, _frozen(inner)) for key, inner in value.items())
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple | set) else value


class Ranked:
    """The best row that holds claims: each also needs that none better holds, as `&&` has it."""

    def __init__(self, rows: Sequence[AnyRule], order: Sequence[int]) -> None:
        """`order` has the positions of the rows, best first."""
        self._rows = rows
        self._order = order

    def __call__(self, truths: Truths) -> Settled:
        """Return what each row claims."""
        none_better: Ternary = True
        settled = list(truths)
        for number in self._order:
            truth = truths[number]
            if truth is False:
                continue  # it claims nothing, and keeps nobody from claiming
            settled[number] = both(none_better, truth)
            none_better = both(none_better, self._denied(number, truth))
        return settled, None

    def _denied(self, number: int, truth: Ternary) -> Ternary:
        if isinstance(truth, Failure):
            return Failure(f"{self._rows[number].id} comes first and failed: {truth.reason}")
        return truth if isinstance(truth, Unknown) else not truth


class Agreed:
    """All rows that hold must be of one group: rows with equal claims; if unique, one row each."""

    def __init__(self, table: AnyTable, groups: Sequence[Sequence[int]]) -> None:
        """`groups` has the positions of rows."""
        self._table = table
        self._groups = groups
        self._group_of = {number: index for index, group in enumerate(groups) for number in group}
        self._single = table.hit is HitPolicy.UNIQUE

    def __call__(self, truths: Truths) -> Settled:
        """Return what each row claims; of a group, its first row speaks for all."""
        live = [number for number, truth in enumerate(truths) if truth is not False]
        if not live or (self._single and len(live) == 1):
            return truths, None
        groups = list(dict.fromkeys(self._group_of[number] for number in live))
        return self._agreed(truths, [self._groups[group] for group in groups])

    def _agreed(self, truths: Truths, groups: Sequence[Sequence[int]]) -> Settled:
        """Settle the groups of which something is not false."""
        found = [reduce(either, (truths[number] for number in group)) for group in groups]
        holding = [group for group, truth in zip(groups, found, strict=True) if truth is True]
        open_ = [truth for truth in found if isinstance(truth, NoValue)]
        settled: Truths = [False] * len(truths)
        for group, truth in zip(groups, found, strict=True):
            if isinstance(truth, NoValue):
                first = next(number for number in group if truths[number] is not False)
                settled[first] = truth
        rows = [number for group in holding for number in group if truths[number] is True]
        obstacle = self._conflict(rows) if len(holding) > 1 else _obstacle(open_)
        if obstacle is not None:
            for number in rows:
                settled[number] = obstacle
        elif rows and self._table.hit is HitPolicy.ANY:
            chosen = tuple(self._table.rows[number] for number in rows)
            return settled, Claim(chosen[0], chosen)
        elif rows:
            settled[rows[0]] = True
        return settled, None

    def _conflict(self, rows: Sequence[int]) -> Failure:
        names = ", ".join(self._table.rows[number].id for number in rows)
        how = "but must agree" if self._table.hit is HitPolicy.ANY else "but only one may"
        return Failure(f"{names} hold at once, {how}")


class Collected:
    """What the rows that hold say is folded into one claim; all of them must be known."""

    def __init__(self, table: AnyTable) -> None:
        """`table` collects."""
        self._rows = table.rows
        self._values = [table.value(row) for row in table.rows]
        self._collector = Collector(table)

    def __call__(self, truths: Truths) -> Settled:
        """Return no row as true: the claim stands for those that hold."""
        holding = [number for number, truth in enumerate(truths) if truth is True]
        if not holding:
            return truths, None
        relevant = self._collector.relevant([self._values[number] for number in holding])
        settled: Truths = [
            truth if isinstance(truth, Failure) or relevant(value) else False
            for truth, value in zip(truths, self._values, strict=True)
        ]
        obstacle = _obstacle([truth for truth in settled if isinstance(truth, NoValue)])
        rule = None
        if obstacle is None:
            rule = self._collector.collected([self._values[number] for number in holding])
        if isinstance(rule, Failure):
            obstacle = rule
        for number in holding:
            settled[number] = False if obstacle is None else obstacle
        if obstacle is not None or rule is None or isinstance(rule, Failure):
            return settled, None
        return settled, Claim(rule, tuple(self._rows[number] for number in holding))


def _obstacle(open_: Sequence[NoValue]) -> NoValue | None:
    """Return what keeps a row that holds from claiming; a failure outweighs an unknown."""
    failures = [each for each in open_ if isinstance(each, Failure)]
    if failures:
        return Failure(f"another row of the table failed: {failures[0].reason}")
    return first_without_value(open_)
