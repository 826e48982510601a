"""Smooth weighted round robin: whose turn it is, and what everybody is owed afterwards.

Before each lead everybody who can take it is credited their weight; the one with the most credit
gets it and pays for all. Over time each gets leads in proportion to weight, spread as evenly as can
be. Equal claims go to the smaller id. Source: nginx, `ngx_http_upstream_round_robin.c` (2012).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dealgate.kinds.route import answers
from dealgate.kinds.route.terms import RouteParameters
from dealgate.model.folds import DIGITS
from dealgate.model.malformed import plain_decimal
from dealgate.model.quick import quick
from dealgate.v1 import route_pb2 as pb

ONE = Decimal(1)
MILLION = Decimal(1_000_000)
DEFAULT = "default"


@quick
@dataclass(frozen=True, slots=True)
class Round:
    """One turn: who got it, what each weighed, and all balances after and before paying."""

    chosen: str
    weights: Mapping[str, Decimal]
    owed: Mapping[str, int]
    balances: Mapping[str, int]


def weight(rep: pb.Rep, parameters: RouteParameters, most_room: int) -> Decimal:
    """Return the rep's share, times the boost if below quota; > 0.

    It is their weight, and if the rule set says so, times the room that is left. A rep without a
    limit counts as having as much room as the rep with the most.
    """
    share = plain_decimal(rep.weight) if rep.HasField("weight") else None
    attainment = plain_decimal(rep.quota_attainment) if rep.HasField("quota_attainment") else None
    below = attainment is not None and attainment < 1
    boost = parameters.below_quota_boost if below else ONE
    room = most_room if rep.has_no_limit else rep.capacity - rep.open_leads
    part = Decimal(room) if parameters.share == "room" else ONE
    if share is None and not below:
        return part
    return DIGITS.multiply(DIGITS.multiply(part, ONE if share is None else share), boost)


def weights(reps: Sequence[pb.Rep], parameters: RouteParameters) -> dict[str, Decimal]:
    """Return what each of these reps weighs, by id."""
    limited = [rep.capacity - rep.open_leads for rep in reps if not rep.has_no_limit]
    most_room = max(limited, default=1)
    return {rep.id: weight(rep, parameters, most_room) for rep in reps}


def turn(weights: Mapping[str, Decimal], before: Mapping[str, int]) -> Round:
    """Return whose turn it is among `weights` (rep id → weight, at least one).

    `before` are all balances of the team, in millionths; those of others stay as they are.
    """
    units = {rep: max(int(number * MILLION), 1) for rep, number in weights.items()}
    owed = {rep: before.get(rep, 0) + unit for rep, unit in units.items()}
    chosen = min(owed, key=lambda rep: (-owed[rep], rep))
    after = {**before, **owed}
    after[chosen] -= sum(units.values())
    return Round(chosen, weights, owed, after)


def balances_of(cursor: pb.RoundRobinCursor, team: str) -> dict[str, int]:
    """Return what each rep of the team is owed."""
    return {one.rep_id: one.balance for one in cursor.balances if one.team == team}


def moved(
    cursor: pb.RoundRobinCursor, team: str, balances: Mapping[str, int], members: Collection[str]
) -> list[bytes]:
    """Write what everybody is owed one step on; who left the team is owed nothing any more."""
    owed = [
        (team, rep, answers.owed(team, rep, balances[rep])) for rep in balances if rep in members
    ]
    owed += [
        (one.team, one.rep_id, answers.kept(one)) for one in cursor.balances if one.team != team
    ]
    return [written for _, _, written in sorted(owed)]


def series(name: str) -> str:
    """Return the name of the series whose turns a cursor of that name counts; "": the default."""
    return f"round-robin/{name or DEFAULT}"
