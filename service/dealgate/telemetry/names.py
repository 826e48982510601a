"""Every name that leaves this process in telemetry; what is not here is not sent.

RPC names follow OpenTelemetry's RPC conventions (v1.44, release candidate); ours are written
`dealgate.<object>.<property>`. None of them may ever hold a fact's value.
"""

SCOPE = "dealgate"

RPC_SYSTEM = "rpc.system.name"
RPC_METHOD = "rpc.method"  # "dealgate.v1.LeadService/ScoreLead"
RPC_STATUS = "rpc.status_code"  # "OK", "INVALID_ARGUMENT"
RPC_DURATION = "rpc.server.call.duration"

ERROR_TYPE = "error.type"  # the class of the error, or the status of a failed RPC
EXCEPTION = "exception"
EXCEPTION_TYPE = "exception.type"
EXCEPTION_STACKTRACE = "exception.stacktrace"  # frames alone: the message may hold a fact's value

DECISION_ID = "dealgate.decision.id"
DECISION_KIND = "dealgate.decision.kind"
DECISION_OUTCOME = "dealgate.decision.outcome"  # in one word
DECISION_EXPLAIN = "dealgate.decision.explain"
DECISION_DRY_RUN = "dealgate.decision.dry_run"
DECISION_REPLAYED = "dealgate.decision.replayed"  # true: an idempotent repeat got its first answer
DECISION_DURATION = "dealgate.decision.duration"
RULESET_NAME = "dealgate.ruleset.name"
RULESET_VERSION = "dealgate.ruleset.version"
RULESET_DIGEST = "dealgate.ruleset.digest"
FIRED_IDS = "dealgate.rule.fired_ids"  # the first FIRED_IDS_LIMIT, in file order
FIRED_COUNT = "dealgate.rule.fired_count"
UNDECIDED_COUNT = "dealgate.rule.undecided_count"
FAILED_COUNT = "dealgate.rule.failed_count"
MISSING_COUNT = "dealgate.fact.missing_count"


RPC_REJECTED = "dealgate.rpc.rejected"
RPC_WAITING = "dealgate.rpc.waiting"
RPC_IN_FLIGHT = "dealgate.rpc.in_flight"
RPC_REASON = "dealgate.rpc.rejected.reason"
CATALOG_RELOADS = "dealgate.catalog.reloads"
CATALOG_EDITION = "dealgate.catalog.edition"
CATALOG_FAULTS = "dealgate.catalog.faults"
CATALOG_DIGEST = "dealgate.catalog.digest"
RELOAD_OUTCOME = "dealgate.catalog.reload.outcome"  # taken, refused, reverted

FIRED_IDS_LIMIT = 32

# Upper bounds in seconds.
RPC_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
DECISION_BUCKETS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
