"""The entrance: each RPC takes one permission, and a caller who lacks it is refused.

What an RPC takes is written here once. One that is missing here is refused to everybody as soon as
there are access rules; a test reads the contracts and names it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol, TypeAlias

from google.protobuf.descriptor import MethodDescriptor

from dealgate.model.access import Asked, Opening, Permission, Shown
from dealgate.model.errors import (
    BadQuestion,
    DealgateError,
    Forbidden,
    Unauthenticated,
    Violation,
)
from dealgate.model.messages import DECLARED
from dealgate.v1.decision_pb2 import DecisionOptions
from dealgate.v1.decision_service_pb2 import Question
from dealgate.wire.auditing import Auditor
from dealgate.wire.calls import TENANT, tenant_of

AUTHORIZATION, BEARER = "authorization", "bearer "
COMMON_NAME, ALTERNATIVE_NAMES = "x509_common_name", "x509_subject_alternative_name"
URIS = "peer_uri"
PACKAGE = "dealgate.v1."
MOST_NAMES = 100

Metadata: TypeAlias = Iterable[tuple[str, str | bytes]]
Names: TypeAlias = Mapping[str, Iterable[bytes]]


class Reach(Enum):
    """What of a tenant an RPC touches."""

    KIND = "decisions of kinds that its request or their records name"
    EVERY_KIND = "decisions of every kind at once"
    RULES = "rules of kinds that its request names, and of the tenant's scopes if it names one"


@dataclass(frozen=True, slots=True)
class Takes:
    """What an RPC takes."""

    permission: Permission
    reach: Reach = Reach.KIND


READS = Takes(Permission.READ)
RULES = Takes(Permission.RULES, Reach.RULES)
# What is known of an entity is read by decisions of every kind.
FACTS = Takes(Permission.FACTS, Reach.EVERY_KIND)
# Of the RPCs that are not decisions of one kind, by their full names below the package.
TAKES: Mapping[str, Takes] = {
    "DecisionService.BatchDecide": Takes(Permission.DECIDE),
    "DecisionService.StreamDecide": Takes(Permission.DECIDE),
    "DecisionService.GetDecision": READS,
    "DecisionService.ListDecisions": READS,
    "DecisionService.ExplainDecision": READS,
    "DecisionService.ReplayDecision": READS,
    "DecisionService.WatchDecisions": READS,
    "DecisionService.ExportSubject": Takes(Permission.READ, Reach.EVERY_KIND),
    "DecisionService.EraseSubject": Takes(Permission.ERASE, Reach.EVERY_KIND),
    "DecisionService.Decide": Takes(Permission.DECIDE),
    "DecisionService.RecordResult": Takes(Permission.RECORD),
    "FactService.PutFacts": FACTS,
    "FactService.AppendActivities": FACTS,
    "FactService.GetFacts": Takes(Permission.READ, Reach.EVERY_KIND),
    "FactService.ListEntities": Takes(Permission.READ, Reach.EVERY_KIND),
    "FactService.DeleteFacts": FACTS,
    "LeadService.ProcessLead": Takes(Permission.DECIDE),
    "RevenueService.ProcessDeal": Takes(Permission.DECIDE),
    "RevenueService.FitAttributionModel": Takes(Permission.DECIDE),
    "RuleService.ListRuleSets": RULES,
    "RuleService.GetRuleSet": RULES,
    "RuleService.CheckRuleSet": RULES,
    "RuleService.AssessImpact": Takes(Permission.READ),
    "RuleService.ReleaseRuleSet": Takes(Permission.RELEASE, Reach.RULES),
    "RuleService.ApproveRelease": Takes(Permission.RELEASE, Reach.RULES),
}
INSIGHTS = "InsightService."
# Answers that show what was decided, or change what decides: that they were given is noted.
NOTED = frozenset({Permission.READ, Permission.INSIGHT, Permission.RELEASE, Permission.FACTS})
NOBODY = "-"
DECISION = Takes(Permission.DECIDE)


class Caller(Protocol):
    """Who calls."""

    @property
    def name(self) -> str:
        """The principal."""

    def may(self, asked: Asked, *, of_some_kind: bool = False) -> bool:
        """Tell whether it may have this, or could have it of some kind."""


class Guard(Protocol):
    """Knows callers."""

    def is_open(self, opening: Opening) -> bool:
        """Tell whether everybody is answered."""

    async def caller(self, shown: Shown) -> Caller:
        """Return who calls; raises Unauthenticated, and Forbidden for one whom no rule names."""


# The guard of this moment: access rules may change while the server runs.
Guarding: TypeAlias = Callable[[], Guard]


def name_of(method: MethodDescriptor) -> str:
    """Return an RPC's name as access.yaml writes it: "LeadService.ScoreLead"."""
    return method.full_name.removeprefix(PACKAGE)


def takes(method: MethodDescriptor) -> Takes | None:
    """Return what an RPC takes; None if nobody has said."""
    name = name_of(method)
    if decides(method):
        return DECISION
    if name.startswith(INSIGHTS):
        names_kind = "kind" in method.input_type.fields_by_name
        return Takes(Permission.INSIGHT, Reach.KIND if names_kind else Reach.EVERY_KIND)
    return TAKES.get(name)


def kind_of(method: MethodDescriptor) -> str:
    """Return the kind that an RPC decides by; "": it is not about one kind alone."""
    for field in Question.DESCRIPTOR.fields:
        if field.name == DECLARED:
            continue
        if field.message_type is not None and field.message_type == method.input_type:
            name: str = field.name
            return name
    return ""


def decides(method: MethodDescriptor) -> bool:
    """Tell whether the RPC takes one decision of one kind: its request holds facts, and options."""
    types = {field.name: field.message_type for field in method.input_type.fields}
    is_one = types.get("options") is DecisionOptions.DESCRIPTOR
    return "facts" in types and "kind" not in types and is_one


@dataclass(frozen=True, slots=True)
class Admitted:
    """A caller who was let in to one RPC, for one tenant."""

    caller: Caller
    asked: Asked
    auditor: Auditor

    @property
    def name(self) -> str:
        """The principal."""
        return self.caller.name

    @property
    def tenant(self) -> str:
        """The tenant that the caller named, and may name; "": none."""
        return self.asked.tenant

    def allows(self, kind: str) -> bool:
        """Tell whether the call may be about decisions of this kind."""
        return self.caller.may(replace(self.asked, kind=kind))

    def refused(self, error: DealgateError) -> None:
        """Have it noted that the caller was refused something within the call."""
        asked = self.asked
        self.auditor.refused(self.name, asked.tenant, asked.method, error)

    async def note(self, decision_id: str) -> None:
        """Return once it is noted that the caller gets an answer, if such answers are noted."""
        if self.asked.permission in NOTED:
            asked = self.asked
            await self.auditor.allowed(self.name, asked.tenant, asked.method, decision_id)


class GuardedEntry:
    """Lets in to one RPC whom the guard of the moment does."""

    def __init__(
        self, name: str, takes: Takes | None, guarding: Guarding, auditor: Auditor
    ) -> None:
        """`name` is the RPC's: "LeadService.ScoreLead"."""
        self._name = name
        self._takes = takes
        self._guarding = guarding
        self._auditor = auditor

    async def admit(self, metadata: Metadata, names: Names) -> Admitted:
        """Return the caller's pass; raises Unauthenticated, Forbidden and BadQuestion."""
        principal = NOBODY
        try:
            caller = await self._guarding().caller(_shown(metadata, names))
            principal = caller.name
            return self._admitted(caller, metadata)
        except (Unauthenticated, Forbidden) as error:
            self._auditor.refused(principal, tenant_of(metadata), self._name, error)
            raise

    def _admitted(self, caller: Caller, metadata: Metadata) -> Admitted:
        if self._takes is None:
            raise Forbidden(f"no permission covers {self._name}")
        asked = Asked(self._name, self._takes.permission, self._tenant(metadata))
        if not caller.may(asked, of_some_kind=self._takes.reach is not Reach.EVERY_KIND):
            of = f" of the tenant {asked.tenant}" if asked.tenant else ""
            raise Forbidden(f"{caller.name} may not call {self._name}{of}")
        return Admitted(caller, asked, self._auditor)

    def _tenant(self, metadata: Metadata) -> str:
        """Return whose decisions the call is about: it must say so, once there are rules.

        A call about rules need not, and is then about none that are a tenant's.
        """
        if not any(key == TENANT for key, _ in metadata):
            if self._takes is not None and self._takes.reach is Reach.RULES:
                return ""
            raise BadQuestion([Violation(f"metadata.{TENANT}", "is required by this server")])
        return tenant_of(metadata)


def entries(
    guarding: Guarding | None, auditor: Auditor
) -> Callable[[MethodDescriptor], GuardedEntry | None]:
    """Return what makes the entry of an RPC; without a guard there is none."""

    def entry(method: MethodDescriptor) -> GuardedEntry | None:
        if guarding is None:
            return None
        return GuardedEntry(name_of(method), takes(method), guarding, auditor)

    return entry


def _shown(metadata: Metadata, names: Names) -> Shown:
    """Return what a call shows; raises Unauthenticated if that cannot be read."""
    tokens = [str(value) for key, value in metadata if key == AUTHORIZATION]
    if len(tokens) > 1 or not all(token[: len(BEARER)].lower() == BEARER for token in tokens):
        raise Unauthenticated("`authorization` must be given once, as `Bearer …`")
    common = [name.decode("utf-8", "replace") for name in names.get(COMMON_NAME, ())]
    return Shown(
        token=tokens[0][len(BEARER) :].strip() if tokens else None,
        common_name=common[0] if len(common) == 1 else "",
        alternative_names=_texts(names, ALTERNATIVE_NAMES),
        uris=_texts(names, URIS),
    )


def _texts(names: Names, which: str) -> tuple[str, ...]:
    return tuple(name.decode("utf-8", "replace") for name in names.get(which, ()))[:MOST_NAMES]
