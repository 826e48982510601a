"""What a caller of WatchDecisions wants to get, and what is wrong with that."""

from collections.abc import Collection, Iterator

from dealgate.model.errors import Violation
from dealgate.model.feed import FeedFilter
from dealgate.v1.decision_service_pb2 import WatchDecisionsRequest
from dealgate.wire.records import ENTITY

VALUES_LIMIT = 100  # of one condition
LISTS = ("kinds", "outcomes", "entities", "rule_ids")


def wanted(request: WatchDecisionsRequest, tenant: str) -> FeedFilter:
    """Return the filter that the request asks for."""
    return FeedFilter(
        tenant=tenant,
        kinds=frozenset(request.kinds),
        outcomes=frozenset(request.outcomes),
        entities=frozenset(request.entities),
        rules=frozenset(request.rule_ids),
    )


def watch_violations(request: WatchDecisionsRequest, kinds: Collection[str]) -> Iterator[Violation]:
    """Yield what is wrong with a request."""
    known = ", ".join(sorted(kinds))
    for name in LISTS:
        values = getattr(request, name)
        if len(values) > VALUES_LIMIT:
            yield Violation(name, f"at most {VALUES_LIMIT}")
        for number, value in enumerate(values):
            path = f"{name}[{number}]"
            if not value:
                yield Violation(path, "is empty")
            elif name == "kinds" and value not in kinds:
                yield Violation(path, f"is not a kind of decision; the kinds are: {known}")
            elif name == "entities" and not ENTITY.fullmatch(value):
                yield Violation(path, "must be a type, a slash and an id: lead/00Q5e")
    if request.from_beginning and request.resume_token:
        yield Violation("from_beginning", "excludes resume_token; send one of them")
