"""The catalog as callers see it."""

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.model.editions import Outcome, Reload
from dealgate.model.faults import Fault
from dealgate.model.instants import timestamp
from dealgate.model.rules import Location
from dealgate.v1 import rule_service_pb2 as pb
from tests.wire.conftest import House, refusal
from tests.wire.samples import NOON


async def test_every_version_is_outlined(house: House) -> None:
    """Versions come by kind and number; one of them decides now, drafts have no release."""
    reply = await house.rules.ListRuleSets(pb.ListRuleSetsRequest())
    outlined = [(one.kind, one.version, one.active, len(one.releases)) for one in reply.rule_sets]
    assert outlined == [
        ("qualify", 1, False, 1),
        ("score", 1, False, 1),
        ("score", 2, True, 1),
        ("score", 3, False, 0),
    ]


async def test_the_catalog_is_told_of(house: House) -> None:
    """Its digest, its edition, since when it decides, and that nothing is wrong."""
    catalog = (await house.rules.ListRuleSets(pb.ListRuleSetsRequest(kind="nope"))).catalog
    assert (catalog.digest, catalog.edition) == (f"{7:064x}", 1)
    assert catalog.taken_at.ToNanoseconds() == NOON
    assert catalog.last_reload.outcome == pb.RELOAD_OUTCOME_TAKEN
    assert not catalog.last_reload.faults


async def test_a_refused_change_is_told_of(house: House) -> None:
    """Callers read what is wrong in the rules folder: the first hundred faults, and how many."""
    faults = [
        Fault(Location("rules/score/v3.yaml", n, 4), "is wrong", "mend it") for n in range(120)
    ]
    house.live.last = Reload(NOON + 1, Outcome.REFUSED, faults)
    told = (await house.rules.ListRuleSets(pb.ListRuleSetsRequest())).catalog.last_reload
    assert told.outcome == pb.RELOAD_OUTCOME_REFUSED
    assert (len(told.faults), told.fault_count) == (100, 120)
    assert told.faults[7] == pb.RuleFault(
        file="rules/score/v3.yaml",
        line=7,
        column=4,
        message="is wrong",
        hint="mend it",
        code="rules-invalid",
    )


async def test_one_kind_is_outlined(house: House) -> None:
    """A kind's versions can be asked for alone."""
    reply = await house.rules.ListRuleSets(pb.ListRuleSetsRequest(kind="qualify"))
    (summary,) = reply.rule_sets
    assert (summary.owner, summary.rule_count) == ("revenue-operations", 2)
    assert summary.because == "qualify as it was in version 1"
    assert summary.digest == f"{1:064x}"
    assert not (await house.rules.ListRuleSets(pb.ListRuleSetsRequest(kind="nope"))).rule_sets


async def test_version_by_number(house: House) -> None:
    """A version is returned with its rules as their author wrote them, and its releases."""
    reply = await house.rules.GetRuleSet(pb.GetRuleSetRequest(kind="score", version=2))
    assert (reply.summary.version, reply.summary.active) == (2, True)
    (release,) = reply.summary.releases
    assert release.effective_from.ToNanoseconds() == NOON - 10
    assert (release.released_by, release.because) == ("ann@example.com", "It is time.")
    warm, touched = reply.rules
    assert (warm.rule_id, warm.condition, warm.each) == ("warm", "lead.id != ''", "")
    assert (warm.effect, warm.because) == ('{"points":5}', "A lead is a lead.")
    assert warm.place == "rules/score/v1.yaml:7"
    assert (touched.condition, touched.each) == ("", "a in activities")


@pytest.mark.parametrize(
    ("as_of", "version"),
    [(None, 2), (timestamp(NOON - 10), 2), (timestamp(NOON - 11), 1), (timestamp(NOON - 20), 1)],
)
async def test_version_by_instant(house: House, as_of: Timestamp | None, version: int) -> None:
    """Without a number, the version that decides at the instant is returned; unset is now."""
    reply = await house.rules.GetRuleSet(pb.GetRuleSetRequest(kind="score", as_of=as_of))
    assert reply.summary.version == version


@pytest.mark.parametrize(
    "wanted",
    [
        pb.GetRuleSetRequest(kind="score", version=9),
        pb.GetRuleSetRequest(kind="nope"),
        pb.GetRuleSetRequest(kind="qualify"),
        pb.GetRuleSetRequest(kind="score", as_of=timestamp(NOON - 21)),
    ],
)
async def test_no_such_version(house: House, wanted: pb.GetRuleSetRequest) -> None:
    """A version that does not exist, or not yet, is NOT_FOUND."""
    assert (await refusal(house.rules.GetRuleSet(wanted))).code is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (["kind"], pb.GetRuleSetRequest()),
        (["as_of"], pb.GetRuleSetRequest(kind="score", as_of=Timestamp(nanos=-1))),
        (["as_of"], pb.GetRuleSetRequest(kind="score", version=1, as_of=Timestamp())),
        (["as_of", "kind"], pb.GetRuleSetRequest(as_of=Timestamp(nanos=-1))),
    ],
)
async def test_bad_request(house: House, fields: list[str], wanted: pb.GetRuleSetRequest) -> None:
    """Everything wrong with a request is named at once."""
    assert (await refusal(house.rules.GetRuleSet(wanted))).fields == fields
