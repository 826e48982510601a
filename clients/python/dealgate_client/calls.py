"""What every call has besides its facts: options, deadline, metadata, and may it be repeated?"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias, TypedDict

from dealgate_client.keys import new_key
from dealgate_client.retry import NEVER, Retry, Tries
from dealgate_client.v1.decision_pb2 import DecisionOptions, ExplainLevel
from dealgate_client.v1.decision_service_pb2 import ListDecisionsRequest, WatchDecisionsRequest
from dealgate_client.v1.flow_pb2 import FlowOptions, FlowVersion
from dealgate_client.v1.insight_pb2 import InsightWindow
from dealgate_client.values import optional_timestamp

Metadata: TypeAlias = Iterable[tuple[str, str | bytes]]

# A JSON Web Token, or what returns the one of the moment: it is asked before each call.
Token: TypeAlias = str | Callable[[], str]

TENANT: Final = "dealgate-tenant"
AUTHORIZATION: Final = "authorization"
BRIEF: Final = ExplainLevel.EXPLAIN_LEVEL_UNSPECIFIED
WHOLE: Final = ExplainLevel.EXPLAIN_LEVEL_CONDITIONS


class Choices(TypedDict, total=False):
    """How a question is to be decided. Whatever is left out, or None, is up to the server.

    as_of: The instant to judge at, with a time zone; left out: when the server is asked.
    rule_set_version: Decide with this version instead of the released one.
    explain: Also return every condition with its truth and the values it read.
    dry_run: Decide, but record nothing.
    facts_as_sent: Add no facts that the server keeps itself.
    idempotency_key: A repeat with the same key gets the first answer. Left out: a new key, which
        makes retries safe. None: no key, and then no retries either.
    """

    as_of: dt.datetime | None
    rule_set_version: int | None
    explain: bool
    dry_run: bool
    facts_as_sent: bool
    idempotency_key: str | None


class Call(TypedDict, total=False):
    """How a call is to be made.

    timeout: Seconds for the call with all its retries; left out, or None: the client's.
    metadata: Sent along as it is, for example `[("traceparent", ...)]`, or what was seen of the
        rules: `[("dealgate-min-edition", catalog.edition_token)]`.
    """

    timeout: float | None
    metadata: Metadata


PATIENCE = 60.0  # seconds, for calls that check and try whole rule sets


def patient(call: "Call | Window") -> Call:
    """Return the call with a minute to take, unless it has a timeout of its own."""
    timeout = call.get("timeout")
    return {
        "timeout": PATIENCE if timeout is None else timeout,
        "metadata": call.get("metadata", ()),
    }


class Options(Choices, Call, total=False):
    """Everything a decision takes besides its facts: see `Choices` and `Call`."""


class FlowChoices(Call, total=False):
    """How a flow is to be taken. See `Choices` and `Call` for the rest.

    as_of: The instant to judge every step at, with a time zone.
    rule_set_versions: Decide steps with these versions, by kind: {"qualify": 3}.
    steps: The steps to take, by kind; left out: all of them.
    explain: Also return every condition of every step.
    dry_run: Decide, but record nothing.
    facts_as_sent: Add no facts that the server keeps itself.
    idempotency_key: One key for the whole. Left out: a new key. None: no key, and no retries.
    """

    as_of: dt.datetime | None
    rule_set_versions: Mapping[str, int]
    steps: Iterable[str]
    explain: bool
    dry_run: bool
    facts_as_sent: bool
    idempotency_key: str | None


class Window(Call, total=False):
    """Which time an insight is about. See `Call` for the rest.

    since: From this instant on, with a time zone; left out: from the beginning.
    before: Until then; left out: until `as_of`.
    as_of: Nothing that happened later counts; left out: now.
    """

    since: dt.datetime | None
    before: dt.datetime | None
    as_of: dt.datetime | None


class Filter(Call, total=False):
    """Which recorded decisions to list: all that is given must hold. See `Call` for the rest.

    entity: What it was about, such as "lead/00Q1".
    kind: "score", "qualify", ….
    rule_set_version: The version that decided; needs `kind`.
    evaluated_from: Decided at or after this instant, with a time zone.
    evaluated_before: Decided before this instant, with a time zone.
    page_size: How many to fetch at once, 1 to 1000.
    """

    entity: str
    kind: str
    rule_set_version: int | None
    evaluated_from: dt.datetime | None
    evaluated_before: dt.datetime | None
    page_size: int


class Watch(TypedDict, total=False):
    """What to watch: of several values any may hold, and all that is given must hold.

    resume_token: Go on after the event that it came with; left out: from now on.
    from_beginning: Begin with the oldest record instead.
    kinds, outcomes: Such as "qualify", and "NURTURE".
    entities: What it was about, such as "lead/00Q1".
    rule_ids: One of these rules fired.
    include_records: Have the facts and the answer of each decision sent along.
    timeout: Seconds for which no server may be heard before Unavailable is raised; left out: none.
    metadata: Sent along as it is.
    """

    resume_token: str
    from_beginning: bool
    kinds: Iterable[str]
    outcomes: Iterable[str]
    entities: Iterable[str]
    rule_ids: Iterable[str]
    include_records: bool
    timeout: float | None
    metadata: Metadata


def watch_request(chosen: Watch) -> WatchDecisionsRequest:
    """Write `chosen` as the contracts do."""
    return WatchDecisionsRequest(
        resume_token=chosen.get("resume_token", ""),
        from_beginning=chosen.get("from_beginning", False),
        kinds=chosen.get("kinds", ()),
        outcomes=chosen.get("outcomes", ()),
        entities=chosen.get("entities", ()),
        rule_ids=chosen.get("rule_ids", ()),
        include_records=chosen.get("include_records", False),
    )


def decision_filter(chosen: Filter) -> ListDecisionsRequest:
    """Write `chosen` as the contracts do."""
    return ListDecisionsRequest(
        entity=chosen.get("entity", ""),
        kind=chosen.get("kind", ""),
        rule_set_version=chosen.get("rule_set_version"),
        evaluated_from=optional_timestamp(chosen.get("evaluated_from")),
        evaluated_before=optional_timestamp(chosen.get("evaluated_before")),
        page_size=chosen.get("page_size", 0),
    )


def insight_window(chosen: Window) -> InsightWindow:
    """Write `chosen` as the contracts do."""
    return InsightWindow(
        since=optional_timestamp(chosen.get("since")),
        before=optional_timestamp(chosen.get("before")),
        as_of=optional_timestamp(chosen.get("as_of")),
    )


def decision_options(choices: Choices | Options) -> DecisionOptions:
    """Write `choices` as the contracts do; a decision that is recorded gets a key."""
    dry_run = choices.get("dry_run", False)
    explain = choices.get("explain", False)
    return DecisionOptions(
        idempotency_key=choices.get("idempotency_key", None if dry_run else new_key()),
        as_of=optional_timestamp(choices.get("as_of")),
        rule_set_version=choices.get("rule_set_version"),
        explain=WHOLE if explain else BRIEF,
        dry_run=dry_run,
        facts_as_sent=choices.get("facts_as_sent", False),
    )


def flow_options(choices: FlowChoices) -> FlowOptions:
    """Write `choices` as the contracts do; a flow that is recorded gets a key."""
    dry_run = choices.get("dry_run", False)
    versions = choices.get("rule_set_versions", {})
    return FlowOptions(
        idempotency_key=choices.get("idempotency_key", None if dry_run else new_key()),
        as_of=optional_timestamp(choices.get("as_of")),
        rule_set_versions=[FlowVersion(kind=kind, version=versions[kind]) for kind in versions],
        explain=WHOLE if choices.get("explain", False) else BRIEF,
        dry_run=dry_run,
        facts_as_sent=choices.get("facts_as_sent", False),
        steps=choices.get("steps", ()),
    )


class DecisionRequest(Protocol):
    """The request of any kind, or of a flow."""

    @property
    def options(self) -> DecisionOptions | FlowOptions:
        """How to decide."""


def is_repeatable(options: DecisionOptions | FlowOptions) -> bool:
    """Tell whether asking twice decides once."""
    return options.dry_run or bool(options.idempotency_key)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a client makes its calls; `timeout` in seconds."""

    tenant: str = "default"
    timeout: float = 5.0
    retry: Retry = field(default_factory=Retry)
    token: Token | None = None

    def tries(self, call: Call | Options | FlowChoices, *, repeatable: bool) -> Tries:
        """Return the tries for one call; only what is safe to repeat gets more than one."""
        timeout = call.get("timeout")
        return Tries(
            retry=self.retry if repeatable else NEVER,
            timeout=self.timeout if timeout is None else timeout,
        )

    def metadata(
        self, call: Call | Options | FlowChoices | Watch
    ) -> tuple[tuple[str, str | bytes], ...]:
        """Return what is sent along: the tenant, the token if any, then the caller's own."""
        told: tuple[tuple[str, str | bytes], ...] = ((TENANT, self.tenant),)
        if self.token is not None:
            token = self.token if isinstance(self.token, str) else self.token()
            told = (*told, (AUTHORIZATION, f"Bearer {token}"))
        return (*told, *call.get("metadata", ()))
