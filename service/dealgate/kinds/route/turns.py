"""Whose turn it is, for callers who leave it to the server where the round robin stands."""

from dealgate.kinds.route.robin import series
from dealgate.model.decision import Decision
from dealgate.model.lookups import TurnLookup
from dealgate.v1 import route_pb2 as pb


def _series(facts: pb.RouteFacts) -> str | None:
    return None if facts.cursor.HasField("version") else series(facts.cursor.name)


def _with_last(facts: pb.RouteFacts, last: Decision | None) -> pb.RouteFacts:
    known = pb.RouteFacts()
    known.CopyFrom(facts)
    if last is None:
        known.cursor.version = 0
    else:
        known.cursor.CopyFrom(pb.RouteLeadResponse.FromString(last.answer).outcome.cursor)
    return known


TURN: TurnLookup[pb.RouteFacts] = TurnLookup(_series, _with_last)
