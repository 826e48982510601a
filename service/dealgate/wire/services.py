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
    bulk = Bulk(ports.kinds, ports.current, arrive)
    known = KnownKinds(ports.kinds, ports.live)
    history = History(known, ports.records)
    results = Results(ports.records.attach, ports.records.get, arrive)
    explanations = Explanations(ports.records, ports.explain)
    watches = Watches(known, ports.feed, ports.max_watches)
    subjects = Subjects(ports.subjects, arrive)
    rulesets, changes = RuleSets(ports.live, arrive), ports.changes
    decisions, rules = decision_service_pb2, rule_service_pb2
    return {
        **insight_handlers(ports.insights, arrive),
        **FactCalls(ports.facts, arrive).handlers(),
        "dealgate.v1.LeadService.ProcessLead": unary(
            flow_call(
                "process_lead",
                ProcessLeadRequest,
                ProcessLeadResponse,
                ports.process,
                arrive,
            )
        ),
        "dealgate.v1.RevenueService.ProcessDeal": unary(
            flow_call(
                "process_deal",
                ProcessDealRequest,
                ProcessDealResponse,
                ports.process,
                arrive,
            )
        ),
        "dealgate.v1.DecisionService.Decide": unary(
            declared_call(ports.kinds, ports.current, arrive)
        ),
        "dealgate.v1.DecisionService.BatchDecide": unary(bulk.batch),
        "dealgate.v1.DecisionService.StreamDecide": stream(bulk.stream, duplex=True),
        "dealgate.v1.DecisionService.GetDecision": unary(
            typed(decisions.GetDecisionRequest, history.get)
        ),
        "dealgate.v1.DecisionService.ExplainDecision": unary(
            typed(explanation_pb2.ExplainDecisionRequest, explanations.explain)
        ),
        "dealgate.v1.DecisionService.ReplayDecision": unary(
            typed(replay_pb2.ReplayDecisionRequest, Replays(ports.records, ports.replay).replay)
        ),
        "dealgate.v1.DecisionService.ListDecisions": unary(
            typed(decisions.ListDecisionsRequest, history.find)
        ),
        "dealgate.v1.DecisionService.RecordResult": unary(
            typed(result_pb2.RecordResultRequest, results.record)
        ),
        "dealgate.v1.DecisionService.WatchDecisions": stream(watches.watch, endless=True),
        "dealgate.v1.DecisionService.ExportSubject": unary(
            typed(decisions.ExportSubjectRequest, subjects.export)
        ),
        "dealgate.v1.DecisionService.EraseSubject": unary(
            typed(decisions.EraseSubjectRequest, subjects.erase)
        ),
        "dealgate.v1.RevenueService.FitAttributionModel": unary(Fitting(ports.fit).fit),
        "dealgate.v1.RuleService.ListRuleSets": unary(
            typed(rules.ListRuleSetsRequest, rulesets.outline)
        ),
        "dealgate.v1.RuleService.CheckRuleSet": unary(
            typed(rules.CheckRuleSetRequest, changes.check)
        ),
        "dealgate.v1.RuleService.AssessImpact": stream(Impacts(ports.kinds, ports.assess).assess),
        "dealgate.v1.RuleService.ReleaseRuleSet": unary(
            typed(rules.ReleaseRuleSetRequest, changes.release)
        ),
        "dealgate.v1.RuleService.ApproveRelease": unary(
            typed(rules.ApproveReleaseRequest, changes.approve)
        ),
        "dealgate.v1.RuleService.GetRuleSet": unary(typed(rules.GetRuleSetRequest, rulesets.get)),
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
