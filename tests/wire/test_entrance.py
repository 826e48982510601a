"""Principal by tenant by method by kind: who is let in, over every RPC."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc import code_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from dealgate.model.access import Asked, Opening, Permission, Shown
from dealgate.model.audit import Audited
from dealgate.model.changes import Agreed
from dealgate.model.errors import Unauthenticated, Unavailable
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.v1 import result_pb2, rule_service_pb2
from dealgate.wire.auditing import Auditor
from dealgate.wire.demands import MIN_EDITION
from dealgate.wire.entrance import Reach, name_of, takes
from dealgate.wire.services import services
from dealgate_client import AsyncClient, Denied, Lead, ScoreFacts, question
from tests.wire.conftest import House, opened, refusal
from tests.wire.samples import KINDS, NOON, qualify, score

DENIED = {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED}
WATCH = "WatchDecisions"
METHODS = [method for service in services() for method in service.methods]


@dataclass(frozen=True)
class OneGrant:
    """A caller who has one permission, for one tenant and one kind."""

    permission: Permission
    tenant: str = "acme"
    kind: str = "score"
    name: str = "ann"

    def may(self, asked: Asked, *, of_some_kind: bool = False) -> bool:
        """Tell whether it is just this."""
        kind_fits = asked.kind == self.kind or (of_some_kind and not asked.kind)
        return (
            asked.permission == self.permission and asked.tenant in {self.tenant, ""} and kind_fits
        )


@dataclass(frozen=True)
class Everything:
    """A caller who may everything."""

    name: str = "root"

    def may(self, asked: Asked, *, of_some_kind: bool = False) -> bool:
        """Say yes."""
        return bool(asked.method) or of_some_kind


class NamedGuard:
    """Knows callers by the text of their token."""

    opened: frozenset[Opening] = frozenset()
    callers: Mapping[str, Any] = {
        "root": Everything(),
        **{permission.value: OneGrant(permission) for permission in Permission},
    }

    def is_open(self, opening: Opening) -> bool:
        """Tell whether it was opened."""
        return opening in self.opened

    async def caller(self, shown: Shown) -> Any:
        """Return the caller of that name."""
        if shown.token is None or shown.token not in self.callers:
            raise Unauthenticated("who is that?")
        return self.callers[shown.token]


@asynccontextmanager
async def guarded(guard: NamedGuard) -> AsyncIterator[House]:
    """Open a server that this guards."""
    async with opened(guarding=lambda: guard) as house:
        yield house


def told(token: str | None, tenant: str | None) -> list[tuple[str, str]]:
    """Return the metadata of a call."""
    metadata = [] if token is None else [("authorization", f"Bearer {token}")]
    return metadata if tenant is None else [*metadata, ("dealgate-tenant", tenant)]


def request(
    method: MethodDescriptor, kind: str, ids: Mapping[tuple[str, str], str], tenant: str
) -> bytes:
    """Return a request that is about decisions of this kind."""
    message: Any = GetMessageClass(method.input_type)()
    fields = message.DESCRIPTOR.fields_by_name
    if "kind" in fields:
        message.kind = kind
    if "decision_id" in fields:
        message.decision_id = ids[tenant, kind]
    if "questions" in fields:
        getattr(message.questions.add(), kind).SetInParent()
    if method.name == WATCH:
        message.kinds.append(kind)
    if "files" in fields:
        message.files[f"{kind}/v1.yaml"] = "a"
    if "happened_at" in fields:
        message.type = result_pb2.ResultType.RESULT_TYPE_WON
        message.happened_at.CopyFrom(Timestamp(seconds=NOON // 10**9))
    return bytes(message.SerializeToString())


async def outcome(house: House, method: MethodDescriptor, data: bytes, metadata: Any) -> Any:
    """Return the status that a call ends with, whatever its form."""
    path = f"/{method.containing_service.full_name}/{method.name}"
    channel: Any = house.channel
    if method.server_streaming and method.client_streaming:
        call = channel.stream_stream(path)(metadata=metadata)
        if await _settled(call):
            await call.write(data)
            await call.done_writing()
            return grpc.StatusCode.OK, [reply async for reply in call]
        return await call.code(), []
    if method.server_streaming:
        stream = channel.unary_stream(path)(data, metadata=metadata)
        if method.name == WATCH and await _settled(stream):
            replies = [await anext(aiter(stream))]  # it has no end of its own
            stream.cancel()
            return grpc.StatusCode.OK, replies
        replies = [reply async for reply in stream] if await _settled(stream) else []
        return await stream.code(), replies
    unary = channel.unary_unary(path)(data, metadata=metadata)
    code = await unary.code()
    return code, [await unary] if code is grpc.StatusCode.OK else []


async def _settled(call: Any) -> bool:
    """Tell whether a stream was taken up; its own code says why not."""
    await call.initial_metadata()
    return not (call.done() and await call.code() is not grpc.StatusCode.OK)


def in_batch(method: MethodDescriptor, replies: list[bytes]) -> set[int]:
    """Return the statuses of the questions in a batch."""
    kind: Any = GetMessageClass(method.output_type)
    answers = [answer for reply in replies for answer in kind.FromString(reply).answers]
    return {answer.error.code for answer in answers}


def _is_served(method: MethodDescriptor) -> bool:
    """Leave out decisions of kinds that these servers do not have."""
    requests = {kind.request.DESCRIPTOR.full_name for kind in KINDS.values()}
    decides = {"facts", "options"} <= set(method.input_type.fields_by_name)
    return not decides or method.input_type.full_name in requests


def _kind_of(method: MethodDescriptor) -> str | None:
    return next(
        (
            name
            for name, kind in KINDS.items()
            if kind.request.DESCRIPTOR.full_name == method.input_type.full_name
        ),
        "attribute" if method.name == "FitAttributionModel" else None,
    )


def test_every_rpc_takes_a_permission() -> None:
    """No RPC of the contracts was forgotten: what has no permission would be refused to all."""
    assert not [method.full_name for method in METHODS if takes(method) is None]


async def test_the_matrix() -> None:
    """Every permission by tenant by kind over every RPC: in with the right three, else refused."""
    wrong = []
    async with guarded(NamedGuard()) as house:
        ids = {}
        for tenant, (kind, call, ask) in itertools.product(
            ["acme", "beta"],
            [
                ("score", house.leads.ScoreLead, score),
                ("qualify", house.leads.QualifyLead, qualify),
            ],
        ):
            reply = await call(ask("L1"), metadata=told("root", tenant))
            ids[tenant, kind] = reply.header.decision_id
        for method, token, tenant, kind in itertools.product(
            filter(_is_served, METHODS),
            [None, "stranger", "root", *Permission],
            ["acme", "beta"],
            ["score", "qualify"],
        ):
            data = request(method, kind, ids, tenant)
            code, replies = await outcome(house, method, data, told(token, tenant))
            refused = code in DENIED
            if "questions" in method.input_type.fields_by_name and not refused:
                refused = in_batch(method, replies) == {code_pb2.PERMISSION_DENIED}
            if "decision_id" in method.input_type.fields_by_name:
                refused |= code is grpc.StatusCode.NOT_FOUND
            if method.name == "ListRuleSets" and code is grpc.StatusCode.OK:
                continue  # it lists what the caller may see
            if refused is not (not _expected(method, token, tenant, kind)):
                wrong.append((name_of(method), token, tenant, kind, code))
    assert not wrong


def _expected(method: MethodDescriptor, token: str | None, tenant: str, kind: str) -> bool:
    taken = takes(method)
    assert taken is not None
    if token == "root":
        return True
    if token != taken.permission:
        return False
    if taken.reach is Reach.EVERY_KIND:
        return False  # its one kind is not all of them
    return tenant == "acme" and (_kind_of(method) or kind) == "score"


async def test_a_client_hears_why_its_stream_was_refused() -> None:
    """However much it has to send: gRPC's own client would report INTERNAL now and then."""
    batch = [question(ScoreFacts(lead=Lead(id="L1")))]
    async with (
        guarded(NamedGuard()) as house,
        AsyncClient(f"127.0.0.1:{house.port}", timeout=60) as client,
    ):
        for _ in range(20):
            with pytest.raises(Denied):
                await anext(client.stream_decide([batch] * 9, metadata=told("read", "acme")))


async def test_rules_of_a_tenant_are_for_who_may_name_it() -> None:
    """Whoever names no tenant sees rules that are nobody's; another's cannot be named."""
    async with guarded(NamedGuard()) as house:
        for tenant in (None, "acme"):
            await house.rules.ListRuleSets(
                rule_service_pb2.ListRuleSetsRequest(), metadata=told("rules", tenant)
            )
        told_no = await refusal(
            house.rules.ListRuleSets(
                rule_service_pb2.ListRuleSetsRequest(), metadata=told("rules", "beta")
            )
        )
        assert told_no.code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_tenant_is_required() -> None:
    """With access rules a call must say whose decisions it is about: nobody is in "default"."""
    async with guarded(NamedGuard()) as house:
        refused = await refusal(house.leads.ScoreLead(score("L1"), metadata=told("root", None)))
    assert refused.fields == ["metadata.dealgate-tenant"]


async def test_who_may_not_call_learns_nothing_of_the_rules() -> None:
    """A caller is let in before what it says it has seen of the rules is looked up."""
    async with guarded(NamedGuard()) as house:
        metadata = [("dealgate-tenant", "acme"), (MIN_EDITION, "f" * 64)]
        refused = await refusal(house.leads.ScoreLead(score("L1"), metadata=metadata))
    assert refused.code is grpc.StatusCode.UNAUTHENTICATED


@pytest.mark.parametrize("value", ["root", "Basic root", "Bearer", "Bearerroot"])
async def test_what_is_no_bearer(value: str) -> None:
    """An authorization that is not a bearer's is refused, not passed over."""
    metadata = [("authorization", value), ("dealgate-tenant", "acme")]
    async with guarded(NamedGuard()) as house:
        refused = await refusal(house.leads.ScoreLead(score("L1"), metadata=metadata))
    assert refused.code is grpc.StatusCode.UNAUTHENTICATED


async def test_two_tokens_are_none() -> None:
    """Of two tokens none is taken: proxies and servers could mean different ones."""
    metadata = [*told("root", "acme"), ("authorization", "Bearer decide")]
    async with guarded(NamedGuard()) as house:
        refused = await refusal(house.leads.ScoreLead(score("L1"), metadata=metadata))
    assert refused.code is grpc.StatusCode.UNAUTHENTICATED


async def test_results_are_signed_by_who_records_them() -> None:
    """`recorded_by` is the principal; another name is refused."""
    async with guarded(NamedGuard()) as house:
        metadata = told("root", "acme")
        reply = await house.leads.ScoreLead(score("L1"), metadata=metadata)
        result = result_pb2.RecordResultRequest(
            decision_id=reply.header.decision_id,
            type=result_pb2.ResultType.RESULT_TYPE_WON,
            happened_at=Timestamp(seconds=NOON // 10**9),
        )
        kept = await house.decisions.RecordResult(result, metadata=metadata)
        assert kept.result.recorded_by == "root"
        result.recorded_by = "cfo@example.com"
        refused = await refusal(house.decisions.RecordResult(result, metadata=metadata))
    assert refused.fields == ["recorded_by"]


async def test_releases_are_signed_by_who_makes_them() -> None:
    """`released_by` is the principal; another name is refused."""
    wanted = rule_service_pb2.ReleaseRuleSetRequest(kind="score", version=1, because="b")
    async with guarded(NamedGuard()) as house:
        await house.rules.ReleaseRuleSet(wanted, metadata=told("root", None))
        assert house.changes.asked[-1][0].by == "root"
        wanted.released_by = "cfo@example.com"
        refused = await refusal(house.rules.ReleaseRuleSet(wanted, metadata=told("root", None)))
    assert refused.fields == ["released_by"]


async def test_approvals_are_signed_by_who_gives_them() -> None:
    """An approval is the principal's; without access rules nobody is known, and none is taken."""
    approval = rule_service_pb2.ApproveReleaseRequest(kind="score", version=3, digest="ab" * 32)
    async with guarded(NamedGuard()) as house:
        reply = await house.rules.ApproveRelease(approval, metadata=told("root", None))
        assert reply.release.released_by
        assert house.changes.asked == [Agreed("score", 3, "ab" * 32, "root", vouched=True)]
        bad = rule_service_pb2.ApproveReleaseRequest()
        refused = await refusal(house.rules.ApproveRelease(bad, metadata=told("root", None)))
        assert refused.fields == ["kind", "version", "digest"]
    async with opened() as house:
        refused = await refusal(house.rules.ApproveRelease(approval))
        assert refused.code is grpc.StatusCode.PERMISSION_DENIED
        assert house.changes.asked == []


async def test_health_and_reflection_are_opened() -> None:
    """GRPC's own services answer everybody if access.yaml opens them, and nobody otherwise."""
    guard = NamedGuard()
    async with guarded(guard) as house:
        health = health_pb2_grpc.HealthStub(house.channel)
        reflection = reflection_pb2_grpc.ServerReflectionStub(house.channel)
        listing = reflection_pb2.ServerReflectionRequest(list_services="")
        for open_ in (False, True):
            guard.opened = frozenset(Opening) if open_ else frozenset()
            calls = [
                health.Check(health_pb2.HealthCheckRequest()),
                reflection.ServerReflectionInfo(),
            ]
            wanted = grpc.StatusCode.OK if open_ else grpc.StatusCode.PERMISSION_DENIED
            for call in calls:
                if open_ and hasattr(call, "read"):
                    await call.write(listing)
                    await call.read()
                    call.cancel()
                else:
                    assert await call.code() is wanted


async def test_a_list_shows_no_hidden_kind() -> None:
    """Who may read scores must ask for scores: a list of all kinds would show the others."""
    async with guarded(NamedGuard()) as house:
        every = pb.ListDecisionsRequest()
        refused = await refusal(house.decisions.ListDecisions(every, metadata=told("read", "acme")))
        assert refused.code is grpc.StatusCode.PERMISSION_DENIED
        assert "score" in refused.message
        scores = pb.ListDecisionsRequest(kind="score")
        await house.decisions.ListDecisions(scores, metadata=told("read", "acme"))


async def test_answers_and_refusals_are_noted() -> None:
    """Who reads a decision is noted with its id, as is whoever is refused; deciding is not."""
    async with guarded(NamedGuard()) as house:
        reply = await house.leads.ScoreLead(score("L1"), metadata=told("root", "acme"))
        wanted = pb.GetDecisionRequest(decision_id=reply.header.decision_id)
        assert house.audited == []
        await house.decisions.GetDecision(wanted, metadata=told("read", "acme"))
        await refusal(house.decisions.GetDecision(wanted, metadata=told("decide", "acme")))
        await refusal(house.decisions.GetDecision(wanted, metadata=told(None, "acme")))
        hidden = pb.ListDecisionsRequest(kind="qualify")
        await refusal(house.decisions.ListDecisions(hidden, metadata=told("read", "acme")))
        entries = [
            (entry.principal, entry.method, entry.outcome, entry.decision_id, entry.detail)
            for entry in house.audited
        ]
    get = "DecisionService.GetDecision"
    assert entries == [
        ("ann", get, "allowed", reply.header.decision_id, ""),
        ("ann", get, "refused", "", "FORBIDDEN"),
        ("-", get, "refused", "", "UNAUTHENTICATED"),
        ("ann", "DecisionService.ListDecisions", "refused", "", "FORBIDDEN"),
    ]


async def test_a_decision_of_a_hidden_kind_is_noted() -> None:
    """A read that was answered NOT_FOUND, because the kind is hidden, leaves its entry."""
    async with guarded(NamedGuard()) as house:
        reply = await house.leads.QualifyLead(qualify("L1"), metadata=told("root", "acme"))
        wanted = pb.GetDecisionRequest(decision_id=reply.header.decision_id)
        refused = await refusal(house.decisions.GetDecision(wanted, metadata=told("read", "acme")))
        assert refused.code is grpc.StatusCode.NOT_FOUND
        assert "x-decision-id" not in refused.trailers
        assert [entry.detail for entry in house.audited] == ["UNKNOWN_DECISION"]


class Clock:
    """Seconds that are set by hand."""

    now = 0.0

    def __call__(self) -> float:
        """Return them."""
        return self.now


async def test_a_flood_of_refusals_is_counted() -> None:
    """Of a flood some refusals are noted, and the next one later says how many were not."""
    noted: list[Audited] = []

    async def note(entry: Audited) -> None:
        noted.append(entry)

    clock = Clock()
    auditor = Auditor(note, lambda: 0, clock)
    for _ in range(1000):
        auditor.refused("-", "acme", "M", Unauthenticated("who?"))
    clock.now = 10.0
    auditor.refused("-", "acme", "M", Unauthenticated("who?"))
    await asyncio.sleep(0)
    assert len(noted) + noted[-1].unnoted == 1001
    assert len(noted) < 50


async def test_no_answer_without_its_entry() -> None:
    """If the journal cannot note that somebody reads, nobody reads."""

    async def fail(_: Audited) -> None:
        raise Unavailable("the journal cannot be written", 1.0)

    with pytest.raises(Unavailable):
        await Auditor(fail).allowed("ann", "acme", "DecisionService.GetDecision", "")
