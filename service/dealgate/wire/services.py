"""Every RPC of the contracts, and what answers it."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor

from dealgate import v1
from dealgate.model.editions import Editions
from dealgate.model.feed import Feed
from dealgate.model.kind import AnyKind
from dealgate.v1 import (
    decision_service_pb2,
    explanation_pb2,
    replay_pb2,
    result_pb2,
    rule_service_pb2,
)
from dealgate.v1.deal_flow_pb2 import ProcessDealRequest, ProcessDealResponse
from dealgate.v1.lead_flow_pb2 import ProcessLeadRequest, ProcessLeadResponse
from dealgate.wire.arrival import Arrive
from dealgate.wire.asking import Current, decision_call, declared_call
from dealgate.wire.bulk import Bulk
from dealgate.wire.calls import Entry, Handler, Serve, stream, typed, unary
from dealgate.wire.changes import Changes
from dealgate.wire.entrance import decides
from dealgate.wire.explaining import Explain, Explanations
from dealgate.wire.facts import FactCalls, Keeping
from dealgate.wire.fitting import Fit, Fitting
from dealgate.wire.flowing import CurrentProcess, flow_call
from dealgate.wire.impacts import Assess, Impacts
from dealgate.wire.insights import Insights, insight_handlers
from dealgate.wire.known_kinds import KnownKinds
from dealgate.wire.reception import Reception
from dealgate.wire.records import History, Records
from dealgate.wire.replaying import Replay, Replays
from dealgate.wire.results import Results
from dealgate.wire.rulesets import Catalog, RuleSets
from dealgate.wire.subjects import SubjectPorts, Subjects
from dealgate.wire.watching import Watches

EntryOf: TypeAlias = Callable[[MethodDescriptor], Entry | None]


@dataclass(frozen=True, slots=True)
class Ports:
    """What the RPCs are answered with."""

    kinds: Mapping[str, AnyKind]
    current: Current
    records: Records
    live: Editions[Catalog]
    explain: Explain
    replay: Replay
    changes: Changes
    insights: Insights
    fit: Fit
    assess: Assess
    process: CurrentProcess
    feed: Feed
    subjects: SubjectPorts
    max_watches: int = 256
    facts: Keeping | None = None


def services() -> list[ServiceDescriptor]:
    """Return every service of dealgate.v1: the contracts say which, no list of ours does."""
    modules = (module.name for module in pkgutil.iter_modules(v1.__path__, "dealgate.v1."))
    return [
        service
        for name in sorted(modules)
        if name.endswith("_service_pb2")
        for service in importlib.import_module(name).DESCRIPTOR.services_by_name.values()
    ]


def decision_handlers(
    kinds: Mapping[str, AnyKind], current: Current, arrive: Arrive
) -> dict[str, Serve]:
    """Return what answers each decision RPC, by the RPC's full name.

    An RPC belongs to the kind whose request it takes; one without a kind stays UNIMPLEMENTED.
    """
    fields = decision_service_pb2.Question.DESCRIPTOR.fields
    # By the contracts: to ask the kinds would import them all, and most servers have few.
    by_request = {
        field.message_type.full_name: field.name
        for field in fields
        if field.message_type is not None and field.name in kinds
    }
    return {
        method.full_name: unary(decision_call(kinds, name, current, arrive))
        for service in services()
        for method in service.methods
        if decides(method)
        if (name := by_request.get(method.input_type.full_name)) is not None
    }


def shared_handlers(ports: Ports, arrive: Arrive) -> dict[str, Serve]:
    """Return what answers the RPCs that belong to no one kind, by the RPC's full name."""
    return {
        **insight_handlers(ports.insights, arrive),
        **FactCalls(ports.facts, arrive).handlers(),
        **_flow_handlers(ports, arrive),
        **_record_handlers(ports, arrive),
        **_rule_handlers(ports, arrive),
        "dealgate.v1.RevenueService.FitAttributionModel": unary(Fitting(ports.fit).fit),
    }


def _flow_handlers(ports: Ports, arrive: Arrive) -> dict[str, Serve]:
    """Return what decides several kinds in one call."""
    lead = flow_call("process_lead", ProcessLeadRequest, ProcessLeadResponse, ports.process, arrive)
    deal = flow_call("process_deal", ProcessDealRequest, ProcessDealResponse, ports.process, arrive)
    return {
        "dealgate.v1.LeadService.ProcessLead": unary(lead),
        "dealgate.v1.RevenueService.ProcessDeal": unary(deal),
    }


def _record_handlers(ports: Ports, arrive: Arrive) -> dict[str, Serve]:
    """Return what answers DecisionService: it decides any kind, and knows what was decided."""
    bulk = Bulk(ports.kinds, ports.current, arrive)
    known = KnownKinds(ports.kinds, ports.live)
    history = History(known, ports.records)
    results = Results(ports.records.attach, ports.records.get, arrive)
    explain = Explanations(ports.records, ports.explain).explain
    replay = Replays(ports.records, ports.replay).replay
    watches = Watches(known, ports.feed, ports.max_watches)
    subjects = Subjects(ports.subjects, arrive)
    pb, name = decision_service_pb2, "dealgate.v1.DecisionService."
    return {
        name + "Decide": unary(declared_call(ports.kinds, ports.current, arrive)),
        name + "BatchDecide": unary(bulk.batch),
        name + "StreamDecide": stream(bulk.stream, duplex=True),
        name + "GetDecision": unary(typed(pb.GetDecisionRequest, history.get)),
        name + "ExplainDecision": unary(typed(explanation_pb2.ExplainDecisionRequest, explain)),
        name + "ReplayDecision": unary(typed(replay_pb2.ReplayDecisionRequest, replay)),
        name + "ListDecisions": unary(typed(pb.ListDecisionsRequest, history.find)),
        name + "RecordResult": unary(typed(result_pb2.RecordResultRequest, results.record)),
        name + "WatchDecisions": stream(watches.watch, endless=True),
        name + "ExportSubject": unary(typed(pb.ExportSubjectRequest, subjects.export)),
        name + "EraseSubject": unary(typed(pb.EraseSubjectRequest, subjects.erase)),
    }


def _rule_handlers(ports: Ports, arrive: Arrive) -> dict[str, Serve]:
    """Return what answers RuleService."""
    rulesets, changes = RuleSets(ports.live, arrive), ports.changes
    pb, name = rule_service_pb2, "dealgate.v1.RuleService."
    return {
        name + "ListRuleSets": unary(typed(pb.ListRuleSetsRequest, rulesets.outline)),
        name + "GetRuleSet": unary(typed(pb.GetRuleSetRequest, rulesets.get)),
        name + "CheckRuleSet": unary(typed(pb.CheckRuleSetRequest, changes.check)),
        name + "AssessImpact": stream(Impacts(ports.kinds, ports.assess).assess),
        name + "ReleaseRuleSet": unary(typed(pb.ReleaseRuleSetRequest, changes.release)),
        name + "ApproveRelease": unary(typed(pb.ApproveReleaseRequest, changes.approve)),
    }


def by_service(
    served: Mapping[str, Serve], reception: Reception, entry: EntryOf
) -> Sequence[tuple[str, dict[str, Handler]]]:
    """Return each service's full name with its handlers by the RPC's own name.

    `entry` returns who is let in to an RPC; None: everybody.
    """
    return [
        (
            service.full_name,
            {
                m.name: served[m.full_name](reception, entry(m))
                for m in service.methods
                if m.full_name in served
            },
        )
        for service in services()
    ]
