"""Changes of rules over the wire: judged, and released if the operator lets it."""

from dataclasses import replace

import grpc
import pytest
from google.rpc.error_details_pb2 import PreconditionFailure

from dealgate.model.changes import Diagnostic, Judged, TriedCase, Wanted
from dealgate.model.codes import Code, Severity
from dealgate.model.errors import Forbidden, NotSound, ReleaseRefused, SwitchedOff, UnknownRuleSet
from dealgate.model.instants import timestamp
from dealgate.model.rules import Location
from dealgate.v1 import rule_service_pb2 as pb
from dealgate.wire.calls import Call
from dealgate.wire.changes import Changes, Writing
from tests.wire.conftest import House, refusal
from tests.wire.samples import NOON
from tests.wire.test_flowing import Only

PLACE = Location("rules/score/v3.yaml", 7, 4)
TOLD = pb.RuleFault(
    file=PLACE.file,
    line=7,
    column=4,
    message="is wrong",
    hint="mend it",
    code="rule-never-fires",
)
WRONG = Diagnostic(PLACE, "is wrong", Code.RULE_NEVER_FIRES, "mend it")


def wanted(**changes: object) -> pb.ReleaseRuleSetRequest:
    """Return a request for a release."""
    fields = {"kind": "score", "version": 3, "because": "Agreed.", "released_by": "ann", **changes}
    return pb.ReleaseRuleSetRequest(**{k: v for k, v in fields.items() if v is not None})  # type: ignore[arg-type]


async def test_a_sound_change(house: House) -> None:
    """The files are judged as they were sent, and what was found comes back with its place."""
    note = Diagnostic(PLACE, "could be simpler", Code.ROW_REDUNDANT, severity=Severity.NOTE)
    house.changes.judged = Judged(findings=[note], cases=[TriedCase("score@3", "a case", ())])
    asked = pb.CheckRuleSetRequest(files={"score/v3.yaml": "…"}, deleted=["score/v9.yaml"])
    reply = await house.rules.CheckRuleSet(asked)
    assert house.changes.asked == [({"score/v3.yaml": "…"}, ["score/v9.yaml"])]
    assert reply.sound
    (finding,) = reply.findings
    assert finding.severity == pb.FINDING_SEVERITY_NOTE
    assert finding.finding.code == "row-redundant"
    assert (finding.finding.file, finding.finding.line) == (PLACE.file, 7)
    assert [(case.rule_set, case.passed) for case in reply.cases] == [("score@3", True)]


@pytest.mark.parametrize(
    "judged",
    [
        Judged(faults=[WRONG] * 120),
        Judged(findings=[WRONG]),
        Judged(cases=[TriedCase("score@3", "a case", [WRONG])]),
    ],
)
async def test_a_change_that_is_not_sound(house: House, judged: Judged) -> None:
    """A fault, a proof or a case that fails: each stands in the way, and is told whole."""
    house.changes.judged = judged
    reply = await house.rules.CheckRuleSet(pb.CheckRuleSetRequest(files={"score/v3.yaml": "…"}))
    assert not reply.sound
    told = [*reply.faults, *(one.finding for one in reply.findings)]
    told += [failure for case in reply.cases for failure in case.failures]
    assert told[0] == TOLD
    assert (len(reply.faults), reply.fault_count) == ((100, 120) if judged.faults else (0, 0))


@pytest.mark.parametrize(
    ("files", "deleted", "fields"),
    [
        ({}, [], ["files"]),
        ({"../etc/passwd": ""}, [], ["files"]),
        ({"/etc/passwd": ""}, [], ["files"]),
        ({"score/deep/v1.yaml": ""}, [], ["files"]),
        ({"score/.v1.yaml": ""}, [], ["files"]),
        ({"score/..": ""}, ["score/../v1.yaml"], ["files", "deleted"]),
        ({f"score/v{n}.yaml": "" for n in range(1, 102)}, [], ["files"]),
    ],
)
async def test_paths_stay_in_the_rules_folder(
    house: House, files: dict[str, str], deleted: list[str], fields: list[str]
) -> None:
    """No path leads out of the folder, and a change has a bound."""
    asked = pb.CheckRuleSetRequest(files=files, deleted=deleted)
    assert (await refusal(house.rules.CheckRuleSet(asked))).fields == fields
    assert house.changes.asked == []


async def test_a_release(house: House) -> None:
    """What was asked for is released, and the answer says what the line says."""
    start = timestamp(NOON + 5)
    reply = await house.rules.ReleaseRuleSet(wanted(effective_from=start))
    assert house.changes.asked == [(Wanted("score", "Agreed.", "ann", 3, NOON + 5), False)]
    assert (reply.kind, reply.version, reply.in_use) == ("score", 3, True)
    assert reply.release.effective_from.ToNanoseconds() == NOON
    assert reply.release.released_by == "ann@example.com"
    assert not (await house.rules.ReleaseRuleSet(wanted(version=None, dry_run=True))).in_use
    assert house.changes.asked[1] == (Wanted("score", "Agreed.", "ann"), True)


async def test_a_release_that_is_not_sound(house: House) -> None:
    """Each fault is named with its place, as far as a status can hold them."""
    house.changes.released = NotSound([WRONG] * 200)
    refused = await refusal(house.rules.ReleaseRuleSet(wanted()))
    assert refused.code is grpc.StatusCode.FAILED_PRECONDITION
    told = refused.detail(PreconditionFailure).violations
    assert (told[0].type, told[0].subject) == ("RULE_FILE", "rules/score/v3.yaml:7:4")
    assert told[0].description == "is wrong; mend it"
    assert told[-1].description.endswith("more are not shown")


async def test_a_release_that_may_not_be(house: House) -> None:
    """Too early, already released, another one under way: the reason is told."""
    house.changes.released = ReleaseRefused("score@3", "it decides already")
    refused = await refusal(house.rules.ReleaseRuleSet(wanted()))
    assert (refused.code, refused.message) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "score@3: it decides already",
    )


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"kind": " ", "because": "", "released_by": None}, ["kind", "because", "released_by"]),
        ({"released_by": "\u202egro.elpmaxe@ofc", "because": "a\0b"}, ["because", "released_by"]),
        ({"version": 0}, ["version"]),
        ({"because": "x" * 1001}, ["because"]),
    ],
)
async def test_bad_requests(house: House, changes: dict[str, object], fields: list[str]) -> None:
    """Everything wrong with a request is named at once, before anything is read."""
    assert (await refusal(house.rules.ReleaseRuleSet(wanted(**changes)))).fields == fields
    assert house.changes.asked == []


async def test_releasing_is_off_unless_switched_on(house: House) -> None:
    """Callers are not authenticated, so an operator must have said that they may."""
    closed = Changes(house.changes.judge, None)
    with pytest.raises(SwitchedOff, match="DEALGATE_RELEASE_RPC=true"):
        await closed.release(wanted(), Call())


def held_by(tenant: str) -> Call:
    """Return a call of somebody who may see this tenant's scopes."""
    return Call(held=Only("score", tenant=tenant))


def of_acme(house: House) -> Changes:
    """Return changes of rules that have a scope for acme."""
    scripted = house.changes
    writing = Writing(scripted.release, scripted.approve)
    return Changes(scripted.judge, writing, lambda who: () if who == "acme" else ("score/acme",))


@pytest.mark.parametrize("tenant", ["beta", "", "Acme"])
async def test_another_tenants_scope_is_not_there(house: House, tenant: str) -> None:
    """To release or to approve it is to name what does not exist; its own tenant may."""
    changes, asked = of_acme(house), wanted(kind="score/acme", released_by="")
    agreed = pb.ApproveReleaseRequest(kind="score/acme", version=3, digest="0" * 64)
    for refused in (
        changes.release(asked, held_by(tenant)),
        changes.approve(agreed, held_by(tenant)),
    ):
        with pytest.raises(UnknownRuleSet, match="score has no scope 'acme'"):
            await refused
    assert house.changes.asked == []
    assert (await changes.release(asked, held_by("acme"))).in_use
    assert (await changes.approve(agreed, held_by("acme"))).version == 3
    with pytest.raises(Forbidden):
        await changes.release(wanted(kind="route/acme", released_by=""), held_by("acme"))


async def test_a_change_tells_nothing_of_another_tenants_scope(house: House) -> None:
    """A change of what it narrows may break it: that is told, and not what is wrong with it."""
    theirs = replace(WRONG, location=Location("rules/score/acme/v1.yaml", 1, 1))
    cases = [TriedCase("score@3", "ours", ()), TriedCase("score/acme@1", "theirs", [theirs])]
    house.changes.judged = Judged([WRONG, theirs], [theirs], cases)
    asked = pb.CheckRuleSetRequest(files={"score/v3.yaml": "…"})
    hidden = await of_acme(house).check(asked, held_by("beta"))
    assert ([fault.file for fault in hidden.faults], hidden.fault_count) == ([PLACE.file], 2)
    assert ([case.case for case in hidden.cases], hidden.findings[:]) == (["ours"], [])
    assert not hidden.sound
    shown = await of_acme(house).check(asked, held_by("acme"))
    assert (len(shown.faults), len(shown.findings), len(shown.cases)) == (2, 1, 2)
