"""Rules that a caller has seen, it gets again from every server, or a clear refusal."""

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo

from dealgate.model.errors import Forbidden
from dealgate.model.rules import Release
from dealgate.v1 import rule_service_pb2
from dealgate.wire.demands import MIN_EDITION, token_of
from dealgate.wire.entrance import kind_of
from tests.wire.conftest import House, refusal
from tests.wire.samples import KINDS, score
from tests.wire.test_entrance import METHODS, outcome

CODE = grpc.StatusCode


class Lines(dict[str, list[Release]]):
    """Releases by kind."""

    def all_releases(self) -> dict[str, list[Release]]:
        """Return them."""
        return self


def line(number: int) -> Release:
    """Return a kind's release."""
    return Release(number, number * 10, f"{number:064x}", "ann", "b")


async def token(house: House, kind: str = "") -> str:
    """Return what the server says stands for its releases."""
    reply = await house.rules.ListRuleSets(rule_service_pb2.ListRuleSetsRequest(kind=kind))
    return reply.catalog.edition_token


async def test_what_was_seen_here_is_had_here(house: House) -> None:
    """A token and the digest of a released rule set pass, together and alone."""
    digest = house.live.edition.catalog.releases("score")[0].sha256
    whole = await token(house)
    assert whole.count(":") == 2 * len(whole.split(","))
    for seen in (whole, await token(house, "score"), digest, f"{whole},{digest}"):
        await house.leads.ScoreLead(score("L1"), metadata=[(MIN_EDITION, seen)])


async def test_newer_rules_are_asked_of_another_server(house: House) -> None:
    """Rules that this server lacks are UNAVAILABLE with a delay, before anything is decided."""
    house.decider.errors["L9"] = Forbidden("was asked to decide")
    newer = Lines(score=[line(1), line(2), line(3)])
    for seen in (token_of(newer, {"score"}), "route:1:0123456789ab", "f" * 64):
        refused = await refusal(house.leads.ScoreLead(score("L9"), metadata=[(MIN_EDITION, seen)]))
        assert refused.code is CODE.UNAVAILABLE
        assert refused.detail(ErrorInfo).reason == "RULES_BEHIND"


@pytest.mark.parametrize("seen", ["", "score", "score:1", "score:1:xyz", "f" * 63])
async def test_what_is_no_token_is_refused(house: House, seen: str) -> None:
    """A value that stands for nothing names the metadata and the cure; so do two of them."""
    for metadata in ([(MIN_EDITION, seen)], [(MIN_EDITION, "f" * 64)] * 2):
        refused = await refusal(house.leads.ScoreLead(score("L1"), metadata=metadata))
        assert refused.fields == [f"metadata.{MIN_EDITION}"]


def test_more_lines_are_newer() -> None:
    """Whoever has a line more has what was seen before; a scope that is not seen is not told."""
    fewer, more = Lines(score=[line(1)]), Lines(score=[line(1), line(2)], route=[])
    assert token_of(fewer, {"score"}) != token_of(more, {"score"})
    assert token_of(Lines({"score/acme": [line(1)], "score": [line(1)]}), {"score"}).count(",") == 0
    assert token_of(more, {"route"}) == ""


async def test_every_rpc_is_held_to_it(house: House) -> None:
    """Batches, streams, flows, watches and rules, too: whatever is asked, it is not begun."""
    behind = [(MIN_EDITION, "f" * 64)]
    codes = {
        method.name: (await outcome(house, method, b"", behind))[0]
        for method in METHODS
        if kind_of(method) in {"", *KINDS}
    }
    assert {name for name, code in codes.items() if code is not CODE.UNAVAILABLE} == set()
    assert {"BatchDecide", "StreamDecide", "ProcessLead", "WatchDecisions"} <= set(codes)


async def test_a_token_of_hundreds_of_lines_is_looked_up(house: House) -> None:
    """What a call may name is bounded by its metadata; each line is looked up once."""
    whole = await token(house)
    seen = ",".join([whole] * 100)
    await house.leads.ScoreLead(score("L1"), metadata=[(MIN_EDITION, seen)])
