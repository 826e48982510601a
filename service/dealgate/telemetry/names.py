"""Every name that leaves this process in telemetry; what is not here is not sent.

Generated from telemetry/registry by telemetry/naming.py: change it there, then `make generate`.
"""

from dealgate.telemetry.metric import Metric

SCOPE = "dealgate"
SCHEMA_URL = "https://opentelemetry.io/schemas/1.44.0"

# Attributes.
CODE_FILE_PATH = "code.file.path"
CODE_LINE_NUMBER = "code.line.number"
BATCH_FAILED_COUNT = "dealgate.batch.failed_count"
BATCH_SIZE = "dealgate.batch.size"
BATCH_UNSHOWN_COUNT = "dealgate.batch.unshown_count"
CATALOG_DIGEST = "dealgate.catalog.digest"
CATALOG_EDITION_NUMBER = "dealgate.catalog.edition.number"
CATALOG_RELOAD_OUTCOME = "dealgate.catalog.reload.outcome"
DECISION_ENGINE = "dealgate.decision.engine"
DECISION_EXPLAINED = "dealgate.decision.explained"
DECISION_ID = "dealgate.decision.id"
DECISION_MODE = "dealgate.decision.mode"
DECISION_OUTCOME = "dealgate.decision.outcome"
DECISION_REASON_CODES = "dealgate.decision.reason_codes"
DURATION = "dealgate.duration"
FACT_MISSING_COUNT = "dealgate.fact.missing_count"
FACTS_COUNT = "dealgate.facts.count"
FACTS_OPERATION = "dealgate.facts.operation"
FLOW_ID = "dealgate.flow.id"
FLOW_NAME = "dealgate.flow.name"
FLOW_STEP_COUNT = "dealgate.flow.step_count"
FLOW_STOP = "dealgate.flow.stop"
INBOX_OUTCOME = "dealgate.inbox.outcome"
INBOX_SIZE = "dealgate.inbox.size"
JOURNAL_COMMIT = "dealgate.journal.commit"
JOURNAL_ENTRY_COUNT = "dealgate.journal.entry_count"
JOURNAL_SIZE = "dealgate.journal.size"
JOURNAL_WAIT = "dealgate.journal.wait"
LOG_SUPPRESSED_COUNT = "dealgate.log.suppressed_count"
LOOKUP_COUNT = "dealgate.lookup.count"
LOOKUP_TYPE = "dealgate.lookup.type"
OUTBOX_NAME = "dealgate.outbox.name"
QUESTION_ID = "dealgate.question.id"
RELEASE_BECAUSE = "dealgate.release.because"
RELEASE_BY = "dealgate.release.by"
RELEASE_DRY_RUN = "dealgate.release.dry_run"
RPC_REJECTED_REASON = "dealgate.rpc.rejected.reason"
RPC_WAIT = "dealgate.rpc.wait"
RULE_FAILED_COUNT = "dealgate.rule.failed_count"
RULE_FAILED_IDS = "dealgate.rule.failed_ids"
RULE_FIRED_COUNT = "dealgate.rule.fired_count"
RULE_FIRED_IDS = "dealgate.rule.fired_ids"
RULE_ID = "dealgate.rule.id"
RULE_UNDECIDED_COUNT = "dealgate.rule.undecided_count"
RULE_UNDECIDED_IDS = "dealgate.rule.undecided_ids"
RULESET_DIGEST = "dealgate.ruleset.digest"
RULESET_NAME = "dealgate.ruleset.name"
RULESET_PREVIOUS_VERSION = "dealgate.ruleset.previous_version"
RULESET_VERSION = "dealgate.ruleset.version"
SERVER_ADDRESS = "dealgate.server.address"
SIGNAL_ARRIVAL = "dealgate.signal.arrival"
SIGNAL_NAME = "dealgate.signal.name"
SUBJECT_PSEUDONYM = "dealgate.subject.pseudonym"
TELEMETRY_REASON = "dealgate.telemetry.reason"
TELEMETRY_SIGNAL = "dealgate.telemetry.signal"
TENANT = "dealgate.tenant"
WORK_QUEUE = "dealgate.work.queue"
ERROR_TYPE = "error.type"
EXCEPTION_MESSAGE = "exception.message"
EXCEPTION_STACKTRACE = "exception.stacktrace"
EXCEPTION_TYPE = "exception.type"
NETWORK_PEER_ADDRESS = "network.peer.address"
NETWORK_PEER_PORT = "network.peer.port"
RPC_METHOD = "rpc.method"
RPC_STATUS_CODE = "rpc.status_code"
RPC_SYSTEM_NAME = "rpc.system.name"

# Log events.
EVENT_ACCESS_CHANGED = "dealgate.access.changed"
EVENT_ACCESS_KEYS_UNREADABLE = "dealgate.access.keys_unreadable"
EVENT_ACCESS_REFUSED = "dealgate.access.refused"
EVENT_DECISION_EVALUATED = "dealgate.decision.evaluated"
EVENT_DECISION_SLOW = "dealgate.decision.slow"
EVENT_JOURNAL_OPENED = "dealgate.journal.opened"
EVENT_JOURNAL_RECOVERED = "dealgate.journal.recovered"
EVENT_LOOKUP_ANSWERING = "dealgate.lookup.answering"
EVENT_LOOKUP_FAILING = "dealgate.lookup.failing"
EVENT_RPC_SHED = "dealgate.rpc.shed"
EVENT_RULESET_ACTIVATED = "dealgate.ruleset.activated"
EVENT_SERVER_DRAINING = "dealgate.server.draining"
EVENT_SERVER_STARTED = "dealgate.server.started"
EVENT_SERVER_STOPPED = "dealgate.server.stopped"
EVENT_TLS_CERTIFICATE_CHANGED = "dealgate.tls.certificate.changed"
EVENT_TLS_CERTIFICATE_EXPIRING = "dealgate.tls.certificate.expiring"
EVENT_TLS_CERTIFICATE_REFUSED = "dealgate.tls.certificate.refused"
EVENT_WORKER_RESTARTED = "dealgate.worker.restarted"
EVENT_EXCEPTION = "exception"

# Metrics, with their attributes in order.
RPC_SERVER_CALL_DURATION = Metric(
    name="rpc.server.call.duration",
    instrument="histogram",
    unit="s",
    brief="Duration of incoming RPCs, waiting for their turn and to be handed over included.",
    attributes=(
        "rpc.system.name",
        "rpc.method",
        "rpc.status_code",
        "error.type",
    ),
)
RPC_WAIT_DURATION = Metric(
    name="dealgate.rpc.wait.duration",
    instrument="histogram",
    unit="s",
    brief="Time from the arrival of a call to the first handling of its question.",
    attributes=(),
)
RPC_UNACCEPTED = Metric(
    name="dealgate.rpc.unaccepted",
    instrument="gauge",
    unit="{call}",
    brief="Calls that have arrived and that gRPC has not handed over yet.",
    attributes=(),
)
RPC_ABANDONED = Metric(
    name="dealgate.rpc.abandoned",
    instrument="counter",
    unit="{call}",
    brief="Calls that ended before gRPC handed them over, as their callers gave up.",
    attributes=(),
)
RPC_REJECTED = Metric(
    name="dealgate.rpc.rejected",
    instrument="counter",
    unit="{call}",
    brief="Calls that were sent away before they began.",
    attributes=("dealgate.rpc.rejected.reason",),
)
RPC_WAITING = Metric(
    name="dealgate.rpc.waiting",
    instrument="gauge",
    unit="{call}",
    brief="Calls that wait for their turn.",
    attributes=(),
)
RPC_IN_FLIGHT = Metric(
    name="dealgate.rpc.in_flight",
    instrument="gauge",
    unit="{call}",
    brief="Calls begun and not answered yet.",
    attributes=(),
)
DECISION_DURATION = Metric(
    name="dealgate.decision.duration",
    instrument="histogram",
    unit="s",
    brief="Duration of decisions, from question to durable answer.",
    attributes=(
        "dealgate.ruleset.name",
        "dealgate.ruleset.version",
        "dealgate.decision.outcome",
        "dealgate.decision.mode",
        "error.type",
    ),
)
RULE_HITS = Metric(
    name="dealgate.rule.hits",
    instrument="counter",
    unit="{hit}",
    brief="Live decisions in which a rule fired.",
    attributes=(
        "dealgate.ruleset.name",
        "dealgate.ruleset.version",
        "dealgate.rule.id",
    ),
)
RULE_UNDECIDED = Metric(
    name="dealgate.rule.undecided",
    instrument="counter",
    unit="{hit}",
    brief="Live decisions in which a rule lacked facts.",
    attributes=(
        "dealgate.ruleset.name",
        "dealgate.ruleset.version",
    ),
)
RULE_FAILED = Metric(
    name="dealgate.rule.failed",
    instrument="counter",
    unit="{hit}",
    brief="Live decisions in which a rule went wrong.",
    attributes=(
        "dealgate.ruleset.name",
        "dealgate.ruleset.version",
        "dealgate.rule.id",
    ),
)
TENANT_DECISIONS = Metric(
    name="dealgate.tenant.decisions",
    instrument="counter",
    unit="{decision}",
    brief="Questions by tenant, whatever became of them.",
    attributes=("dealgate.tenant",),
)
FLOW_DURATION = Metric(
    name="dealgate.flow.duration",
    instrument="histogram",
    unit="s",
    brief="Duration of flows, all steps and their commit included.",
    attributes=(
        "dealgate.flow.name",
        "dealgate.decision.mode",
        "dealgate.flow.stop",
        "error.type",
    ),
)
JOURNAL_QUEUE = Metric(
    name="dealgate.journal.queue",
    instrument="gauge",
    unit="{decision}",
    brief="Decisions that wait to be written.",
    attributes=(),
)
JOURNAL_WAIT_DURATION = Metric(
    name="dealgate.journal.wait.duration",
    instrument="histogram",
    unit="s",
    brief="Time from append to durable.",
    attributes=(),
)
JOURNAL_COMMIT_DURATION = Metric(
    name="dealgate.journal.commit.duration",
    instrument="histogram",
    unit="s",
    brief="Duration of commits, the disk's sync included.",
    attributes=(),
)
JOURNAL_SYNC_DURATION = Metric(
    name="dealgate.journal.sync.duration",
    instrument="histogram",
    unit="s",
    brief="The part of a commit in which it is written and synced.",
    attributes=(),
)
JOURNAL_COMMIT_SIZE = Metric(
    name="dealgate.journal.commit.size",
    instrument="histogram",
    unit="{decision}",
    brief="Decisions in one commit.",
    attributes=(),
)
JOURNAL_FILE_SIZE = Metric(
    name="dealgate.journal.file.size",
    instrument="gauge",
    unit="By",
    brief="Size of the journal's file.",
    attributes=(),
)
JOURNAL_WAL_SIZE = Metric(
    name="dealgate.journal.wal.size",
    instrument="gauge",
    unit="By",
    brief="Size of its write-ahead log.",
    attributes=(),
)
JOURNAL_DISK_FREE = Metric(
    name="dealgate.journal.disk.free",
    instrument="gauge",
    unit="By",
    brief="Room on the disk of the journal.",
    attributes=(),
)
FACTS_DURATION = Metric(
    name="dealgate.facts.duration",
    instrument="histogram",
    unit="s",
    brief="How long entity state was read, or written until it was durable.",
    attributes=(
        "dealgate.facts.operation",
        "error.type",
    ),
)
FACTS_CHANGES = Metric(
    name="dealgate.facts.changes",
    instrument="counter",
    unit="{change}",
    brief="Revisions and activities that became known, and entities that were forgotten.",
    attributes=("dealgate.facts.operation",),
)
OUTBOX_LAG = Metric(
    name="dealgate.outbox.lag",
    instrument="gauge",
    unit="s",
    brief="How long the oldest event that is on its way has waited.",
    attributes=("dealgate.outbox.name",),
)
OUTBOX_PUBLISHED = Metric(
    name="dealgate.outbox.published",
    instrument="counter",
    unit="{event}",
    brief="Events that the sink took.",
    attributes=("dealgate.outbox.name",),
)
OUTBOX_FAILURES = Metric(
    name="dealgate.outbox.failures",
    instrument="counter",
    unit="{failure}",
    brief="Times that the sink did not take what it was sent.",
    attributes=("dealgate.outbox.name",),
)
INBOX_EVENTS = Metric(
    name="dealgate.inbox.events",
    instrument="counter",
    unit="{event}",
    brief="Events that were consumed.",
    attributes=("dealgate.inbox.outcome",),
)
INBOX_TAKEN = Metric(
    name="dealgate.inbox.taken",
    instrument="counter",
    unit="{event}",
    brief="Deliveries that the source handed out, repeats included.",
    attributes=(),
)
INBOX_LAG = Metric(
    name="dealgate.inbox.lag",
    instrument="gauge",
    unit="s",
    brief="How long the oldest event in flight has been in flight; 0: none is.",
    attributes=(),
)
INBOX_BEHIND = Metric(
    name="dealgate.inbox.behind",
    instrument="gauge",
    unit="{event}",
    brief="Events that wait at the source, if it tells.",
    attributes=(),
)
SIGNAL_EVENTS = Metric(
    name="dealgate.signal.events",
    instrument="counter",
    unit="{event}",
    brief="Events that signals look at.",
    attributes=("dealgate.signal.arrival",),
)
SIGNAL_FIRED = Metric(
    name="dealgate.signal.fired",
    instrument="counter",
    unit="{signal}",
    brief="Signals that fired.",
    attributes=("dealgate.signal.name",),
)
SIGNAL_UNDECIDED = Metric(
    name="dealgate.signal.undecided",
    instrument="counter",
    unit="{event}",
    brief="Times that a condition or a value was not known.",
    attributes=("dealgate.signal.name",),
)
SIGNAL_ENTITIES = Metric(
    name="dealgate.signal.entities",
    instrument="gauge",
    unit="{entity}",
    brief="Entities of which something is kept.",
    attributes=(),
)
SIGNAL_WAITING = Metric(
    name="dealgate.signal.waiting",
    instrument="gauge",
    unit="{event}",
    brief="Events that wait for their time.",
    attributes=(),
)
SIGNAL_UNTOLD = Metric(
    name="dealgate.signal.untold",
    instrument="gauge",
    unit="{signal}",
    brief="Signals that fired and are not told yet.",
    attributes=(),
)
SIGNAL_WATERMARK = Metric(
    name="dealgate.signal.watermark",
    instrument="gauge",
    unit="s",
    brief="The instant before which all is final, in seconds since the epoch.",
    attributes=(),
)
WORK_WAITING = Metric(
    name="dealgate.work.waiting",
    instrument="gauge",
    unit="{call}",
    brief="Work off the event loop that waits.",
    attributes=("dealgate.work.queue",),
)
WORK_BUSY = Metric(
    name="dealgate.work.busy",
    instrument="gauge",
    unit="1",
    brief="1 while something is worked on.",
    attributes=("dealgate.work.queue",),
)
LOOP_LAG = Metric(
    name="dealgate.loop.lag",
    instrument="histogram",
    unit="s",
    brief="How much later than asked the event loop comes round.",
    attributes=(),
)
GC_PAUSE_DURATION = Metric(
    name="dealgate.gc.pause.duration",
    instrument="histogram",
    unit="s",
    brief="Pauses of the garbage collector.",
    attributes=(),
)
PROCESS_MEMORY_USAGE = Metric(
    name="process.memory.usage",
    instrument="gauge",
    unit="By",
    brief="Resident memory.",
    attributes=(),
)
PROCESS_CPU_TIME = Metric(
    name="process.cpu.time",
    instrument="counter",
    unit="s",
    brief="Processor time of all threads.",
    attributes=(),
)
PROCESS_THREAD_COUNT = Metric(
    name="process.thread.count",
    instrument="gauge",
    unit="{thread}",
    brief="Threads.",
    attributes=(),
)
PROCESS_OPEN_FILE_DESCRIPTOR_COUNT = Metric(
    name="process.open_file_descriptor.count",
    instrument="gauge",
    unit="{file_descriptor}",
    brief="Open files and sockets.",
    attributes=(),
)
CATALOG_RELOADS = Metric(
    name="dealgate.catalog.reloads",
    instrument="counter",
    unit="{reload}",
    brief="Changes in the rules folder.",
    attributes=("dealgate.catalog.reload.outcome",),
)
CATALOG_RELOAD_DURATION = Metric(
    name="dealgate.catalog.reload.duration",
    instrument="histogram",
    unit="s",
    brief="How long a changed rules folder was read, checked and compiled.",
    attributes=("dealgate.catalog.reload.outcome",),
)
CATALOG_EDITION = Metric(
    name="dealgate.catalog.edition",
    instrument="gauge",
    unit="1",
    brief="Which catalog is in use, counted from 1.",
    attributes=("dealgate.catalog.digest",),
)
CATALOG_FAULTS = Metric(
    name="dealgate.catalog.faults",
    instrument="gauge",
    unit="{fault}",
    brief="Faults in the rules folder: 0 if it is sound.",
    attributes=(),
)
CATALOG_START_TIME = Metric(
    name="dealgate.catalog.start_time",
    instrument="gauge",
    unit="s",
    brief="When the catalog in use was taken, in seconds since the epoch.",
    attributes=(),
)
RULESET_INFO = Metric(
    name="dealgate.ruleset.info",
    instrument="gauge",
    unit="1",
    brief="1 for the version of each kind that decides now.",
    attributes=(
        "dealgate.ruleset.name",
        "dealgate.ruleset.version",
        "dealgate.ruleset.digest",
    ),
)
RULESET_START_TIME = Metric(
    name="dealgate.ruleset.start_time",
    instrument="gauge",
    unit="s",
    brief="Since when the version of each kind decides, in seconds since the epoch.",
    attributes=("dealgate.ruleset.name",),
)
WORKER_RESTARTS = Metric(
    name="dealgate.worker.restarts",
    instrument="counter",
    unit="{restart}",
    brief="How often this worker was restarted after a crash; 0 of a server that is alone.",
    attributes=(),
)
TLS_CERTIFICATE_EXPIRY = Metric(
    name="dealgate.tls.certificate.expiry",
    instrument="gauge",
    unit="s",
    brief="When the server's certificate ends, in seconds since the epoch.",
    attributes=(),
)
TELEMETRY_EXPORTED = Metric(
    name="dealgate.telemetry.exported",
    instrument="counter",
    unit="{item}",
    brief="Spans, log records and data points that a collector took.",
    attributes=("dealgate.telemetry.signal",),
)
TELEMETRY_DROPPED = Metric(
    name="dealgate.telemetry.dropped",
    instrument="counter",
    unit="{item}",
    brief="Spans, log records, data points and log lines that were lost.",
    attributes=(
        "dealgate.telemetry.signal",
        "dealgate.telemetry.reason",
    ),
)
