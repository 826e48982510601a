"""Write the Grafana dashboards: python deploy/observability/dashboards.py.

They are data here and JSON next to it; a test compares both, and runs every query.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "dashboards"
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT, COLUMNS = 12, 8, 2
MINE = 'job=~"$job",instance=~"$instance"'
LIVE = f'{MINE},dealgate_decision_mode="live"'
FAILED = f'{LIVE},error_type!=""'
RANGE = "[$__rate_interval]"


@dataclass(frozen=True, slots=True)
class Panel:
    """A graph: its queries, each with a legend."""

    title: str
    queries: Mapping[str, str]
    unit: str = "short"
    stacked: bool = False
    says: str = ""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of graphs."""

    uid: str
    title: str
    panels: Sequence[Panel]


def rate(metric: str, selector: str = MINE) -> str:
    """Return how much of a counter comes in a second."""
    return f"rate({metric}{{{selector}}}{RANGE})"


def quantile(share: float, metric: str, by: str = "", selector: str = MINE) -> str:
    """Return a quantile of a histogram."""
    groups = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({groups}) ({rate(metric + '_bucket', selector)}))"


def quantiles(metric: str, selector: str = MINE) -> dict[str, str]:
    """Return three quantiles of a histogram."""
    return {f"p{round(s * 100)}": quantile(s, metric, "", selector) for s in (0.5, 0.9, 0.99)}


CALLS = "rpc_server_call_duration_seconds"
DECISIONS = "dealgate_decision_duration_seconds"
FLOWS = "dealgate_flow_duration_seconds"
# A flow that failed has no mode.
LIVE_FLOWS = f'{MINE},dealgate_decision_mode=~"live|"'

TRAFFIC = Dashboard(
    "dealgate-traffic",
    "Dealgate: traffic and service levels",
    [
        Panel(
            "Calls by method",
            {"{{rpc_method}}": f"sum by (rpc_method) ({rate(CALLS + '_count')})"},
            "reqps",
        ),
        Panel(
            "Calls by status",
            {"{{rpc_status_code}}": f"sum by (rpc_status_code) ({rate(CALLS + '_count')})"},
            "reqps",
            stacked=True,
        ),
        Panel("Duration of calls", quantiles(CALLS), "s", says="Exemplars lead to traces."),
        Panel(
            "Waiting before the first handling",
            quantiles("dealgate_rpc_wait_duration_seconds"),
            "s",
        ),
        Panel(
            "Rejected before they began",
            {
                "{{dealgate_rpc_rejected_reason}}": "sum by (dealgate_rpc_rejected_reason) "
                f"({rate('dealgate_rpc_rejected_total')})"
            },
            "reqps",
            stacked=True,
        ),
        Panel(
            "Waiting and in flight",
            {
                "not handed over": f"sum(dealgate_rpc_unaccepted{{{MINE}}})",
                "waiting": f"sum(dealgate_rpc_waiting{{{MINE}}})",
                "in flight": f"sum(dealgate_rpc_in_flight{{{MINE}}})",
            },
        ),
        Panel(
            "Ended before they were handed over",
            {"{{instance}}": f"sum by (instance) ({rate('dealgate_rpc_abandoned_total')})"},
            "reqps",
            says="Their callers gave up while gRPC held them.",
        ),
        Panel(
            "Share of failures, and the budget of 0.1 %",
            {
                "5 minutes": "dealgate:failures:ratio_rate5m",
                "1 hour": "dealgate:failures:ratio_rate1h",
                "budget": "vector(0.001)",
            },
            "percentunit",
        ),
        Panel(
            "Questions by tenant",
            {
                "{{dealgate_tenant}}": "topk(10, sum by (dealgate_tenant) "
                f"({rate('dealgate_tenant_decisions_total')}))"
            },
            "reqps",
            stacked=True,
        ),
    ],
)
OUTCOMES = Dashboard(
    "dealgate-outcomes",
    "Dealgate: outcomes by version",
    [
        Panel(
            "Decisions by kind",
            {
                "{{dealgate_ruleset_name}}": "sum by (dealgate_ruleset_name) "
                f"({rate(DECISIONS + '_count', LIVE)})"
            },
            "reqps",
            stacked=True,
        ),
        Panel(
            "Share of each outcome",
            {
                "{{dealgate_ruleset_name}} {{dealgate_decision_outcome}}": "sum by "
                "(dealgate_ruleset_name, dealgate_decision_outcome) "
                f"({rate(DECISIONS + '_count', LIVE)}) / on (dealgate_ruleset_name) group_left "
                f"sum by (dealgate_ruleset_name) ({rate(DECISIONS + '_count', LIVE)})"
            },
            "percentunit",
        ),
        Panel(
            "Decisions by version",
            {
                "{{dealgate_ruleset_name}}@{{dealgate_ruleset_version}}": "sum by "
                "(dealgate_ruleset_name, dealgate_ruleset_version) "
                f"({rate(DECISIONS + '_count', LIVE)})"
            },
            "reqps",
            stacked=True,
        ),
        Panel(
            "What decides now",
            {
                "{{dealgate_ruleset_name}}@{{dealgate_ruleset_version}}": "max by "
                f"(dealgate_ruleset_name, dealgate_ruleset_version) (dealgate_ruleset_info{{{MINE}}})"
            },
        ),
        Panel(
            "Hours since the newest release of each kind",
            {
                "{{dealgate_ruleset_name}}": "(time() - max by (dealgate_ruleset_name) "
                f"(dealgate_ruleset_start_time_seconds{{{MINE}}})) / 3600"
            },
            "h",
        ),
        Panel(
            "Dry runs, repeats, challengers and what flows discarded",
            {
                "{{dealgate_decision_mode}}": "sum by (dealgate_decision_mode) "
                f"({rate(DECISIONS + '_count')})"
            },
            "reqps",
            says="Only live decisions count in the other panels.",
        ),
        Panel("Duration of decisions", quantiles(DECISIONS, LIVE), "s"),
        Panel(
            "Flows by where they stop",
            {
                "{{dealgate_flow_name}} {{dealgate_flow_stop}}{{error_type}}": "sum by "
                "(dealgate_flow_name, dealgate_flow_stop, error_type) "
                f"({rate(FLOWS + '_count', LIVE_FLOWS)})"
            },
            "reqps",
            stacked=True,
            says="Of live ones and those that failed.",
        ),
        Panel(
            "Duration of flows, p99",
            {"{{dealgate_flow_name}}": quantile(0.99, FLOWS, "dealgate_flow_name", LIVE_FLOWS)},
            "s",
        ),
        Panel(
            "Refused and failed",
            {
                "{{dealgate_ruleset_name}} {{error_type}}": "sum by (dealgate_ruleset_name, "
                f"error_type) ({rate(DECISIONS + '_count', FAILED)})"
            },
            "reqps",
        ),
    ],
)
RULES = Dashboard(
    "dealgate-rules",
    "Dealgate: rules",
    [
        Panel(
            "Rules that fire most",
            {
                "{{dealgate_ruleset_name}} {{dealgate_rule_id}}": "topk(15, sum by "
                f"(dealgate_ruleset_name, dealgate_rule_id) ({rate('dealgate_rule_hits_total')}))"
            },
            "reqps",
        ),
        Panel(
            "Undecided rules a decision",
            {
                "{{dealgate_ruleset_name}}": "sum by (dealgate_ruleset_name) "
                f"({rate('dealgate_rule_undecided_total')}) / sum by (dealgate_ruleset_name) "
                f"({rate(DECISIONS + '_count', LIVE)})"
            },
            says="Facts that callers leave out.",
        ),
        Panel(
            "Rules that go wrong",
            {
                "{{dealgate_ruleset_name}}@{{dealgate_ruleset_version}} {{dealgate_rule_id}}": (
                    "sum by (dealgate_ruleset_name, dealgate_ruleset_version, dealgate_rule_id) "
                    f"({rate('dealgate_rule_failed_total')})"
                )
            },
            "reqps",
        ),
        Panel(
            "Changes in the rules folder",
            {
                "{{dealgate_catalog_reload_outcome}}": "sum by (dealgate_catalog_reload_outcome) "
                f"(increase(dealgate_catalog_reloads_total{{{MINE}}}[1h]))"
            },
        ),
        Panel(
            "Changes in the rules folder: time to take or refuse one",
            {
                "{{dealgate_catalog_reload_outcome}}": "sum by (dealgate_catalog_reload_outcome) "
                f"(dealgate_catalog_reload_duration_seconds_sum{{{MINE}}}) / "
                "sum by (dealgate_catalog_reload_outcome) "
                f"(dealgate_catalog_reload_duration_seconds_count{{{MINE}}})"
            },
            "s",
            says="The mean since the servers began.",
        ),
        Panel(
            "Hours since the catalog in use was taken",
            {"{{instance}}": f"(time() - dealgate_catalog_start_time_seconds{{{MINE}}}) / 3600"},
            "h",
        ),
        Panel("Faults in the rules folder", {"{{instance}}": f"dealgate_catalog_faults{{{MINE}}}"}),
        Panel(
            "Catalogs in use",
            {
                "{{dealgate_catalog_digest}}": "count by (dealgate_catalog_digest) "
                f"(dealgate_catalog_edition{{{MINE}}})"
            },
            says="More than one: servers decide differently.",
        ),
    ],
)
JOURNAL = Dashboard(
    "dealgate-journal",
    "Dealgate: journal",
    [
        Panel("Waiting to be written", {"{{instance}}": f"dealgate_journal_queue{{{MINE}}}"}),
        Panel("Append to durable", quantiles("dealgate_journal_wait_duration_seconds"), "s"),
        Panel(
            "Commits, and the sync within",
            {
                "commit p99": quantile(0.99, "dealgate_journal_commit_duration_seconds"),
                "sync p99": quantile(0.99, "dealgate_journal_sync_duration_seconds"),
                "commit p50": quantile(0.5, "dealgate_journal_commit_duration_seconds"),
            },
            "s",
        ),
        Panel(
            "Decisions in a commit",
            {
                "mean": f"sum({rate('dealgate_journal_commit_size_sum')}) / "
                f"sum({rate('dealgate_journal_commit_size_count')})"
            },
        ),
        Panel(
            "Files",
            {
                "journal {{instance}}": f"dealgate_journal_file_size_bytes{{{MINE}}}",
                "log {{instance}}": f"dealgate_journal_wal_size_bytes{{{MINE}}}",
            },
            "bytes",
        ),
        Panel(
            "Room on the disk",
            {"{{instance}}": f"dealgate_journal_disk_free_bytes{{{MINE}}}"},
            "bytes",
        ),
        Panel(
            "Entity state: p99 by operation",
            {
                "{{dealgate_facts_operation}}": quantile(
                    0.99, "dealgate_facts_duration_seconds", "dealgate_facts_operation"
                )
            },
            "s",
        ),
        Panel(
            "Entity state: changes",
            {
                "{{dealgate_facts_operation}}": "sum by (dealgate_facts_operation) "
                f"({rate('dealgate_facts_changes_total')})"
            },
            "ops",
        ),
        Panel(
            "How far outboxes are behind",
            {"{{dealgate_outbox_name}}": f"dealgate_outbox_lag_seconds{{{MINE}}}"},
            "s",
            says="How long the oldest event has waited that its sink has not taken.",
        ),
        Panel(
            "Published a second",
            {
                "{{dealgate_outbox_name}}": "sum by (dealgate_outbox_name) "
                f"({rate('dealgate_outbox_published_total')})"
            },
        ),
        Panel(
            "Sinks that did not take it, a second",
            {
                "{{dealgate_outbox_name}}": "sum by (dealgate_outbox_name) "
                f"({rate('dealgate_outbox_failures_total')})"
            },
        ),
    ],
)
SATURATION = Dashboard(
    "dealgate-saturation",
    "Dealgate: saturation",
    [
        Panel("Event loop: how late it comes round", quantiles("dealgate_loop_lag_seconds"), "s"),
        Panel(
            "Garbage collector: share of time",
            {
                "{{instance}}": f"sum by (instance) ({rate('dealgate_gc_pause_duration_seconds_sum')})"
            },
            "percentunit",
        ),
        Panel(
            "Processor",
            {"{{instance}}": f"{rate('process_cpu_time_seconds_total')}"},
            "percentunit",
        ),
        Panel("Memory", {"{{instance}}": f"process_memory_usage_bytes{{{MINE}}}"}, "bytes"),
        Panel(
            "Threads and files",
            {
                "threads {{instance}}": f"process_thread_count{{{MINE}}}",
                "files {{instance}}": f"process_open_file_descriptor_count{{{MINE}}}",
            },
        ),
        Panel(
            "Work off the event loop that waits",
            {
                "{{dealgate_work_queue}}": "sum by (dealgate_work_queue) "
                f"(dealgate_work_waiting{{{MINE}}})"
            },
            stacked=True,
        ),
        Panel(
            "Busy queues",
            {
                "{{dealgate_work_queue}}": f"avg by (dealgate_work_queue) (dealgate_work_busy{{{MINE}}})"
            },
        ),
        Panel(
            "Restarts of workers",
            {"{{instance}}": f"dealgate_worker_restarts_total{{{MINE}}}"},
            says="After crashes, since the process that watches them began.",
        ),
        Panel(
            "Telemetry that was taken",
            {
                "{{dealgate_telemetry_signal}}": "sum by (dealgate_telemetry_signal) "
                f"({rate('dealgate_telemetry_exported_total')})"
            },
            "ops",
        ),
        Panel(
            "Telemetry that is lost",
            {
                "{{dealgate_telemetry_signal}} {{dealgate_telemetry_reason}}": "sum by "
                "(dealgate_telemetry_signal, dealgate_telemetry_reason) "
                f"({rate('dealgate_telemetry_dropped_total')})"
            },
            "reqps",
        ),
        Panel(
            "Days until the certificate ends",
            {
                "{{instance}}": f"(dealgate_tls_certificate_expiry_seconds{{{MINE}}} - time()) / 86400"
            },
            "d",
        ),
    ],
)
CONSUMERS = Dashboard(
    "dealgate-consumers",
    "Dealgate: consumers and signals",
    [
        Panel(
            "Consumed a second",
            {
                "{{dealgate_inbox_outcome}}": "sum by (dealgate_inbox_outcome) "
                f"({rate('dealgate_inbox_events_total')})"
            },
            stacked=True,
        ),
        Panel(
            "Deliveries, repeats included, a second",
            {"{{instance}}": f"sum by (instance) ({rate('dealgate_inbox_taken_total')})"},
            says="Many more than are consumed: something comes again and again.",
        ),
        Panel(
            "How long the oldest event has been in flight",
            {"{{instance}}": f"dealgate_inbox_lag_seconds{{{MINE}}}"},
            "s",
            says="Grows while the server, or a sink of answers, does not take it.",
        ),
        Panel("Events at the source", {"{{instance}}": f"dealgate_inbox_behind{{{MINE}}}"}),
        Panel(
            "Events that signals look at, a second",
            {
                "{{dealgate_signal_arrival}}": "sum by (dealgate_signal_arrival) "
                f"({rate('dealgate_signal_events_total')})"
            },
            stacked=True,
        ),
        Panel(
            "Signals a second",
            {
                "{{dealgate_signal_name}}": "sum by (dealgate_signal_name) "
                f"({rate('dealgate_signal_fired_total')})"
            },
        ),
        Panel(
            "Conditions of signals that were not known, a second",
            {
                "{{dealgate_signal_name}}": "sum by (dealgate_signal_name) "
                f"({rate('dealgate_signal_undecided_total')})"
            },
        ),
        Panel(
            "Signals that wait to be told",
            {"{{instance}}": f"dealgate_signal_untold{{{MINE}}}"},
            says="At 10,000 no event is taken in until they are.",
        ),
        Panel(
            "Kept for signals",
            {
                "entities {{instance}}": f"dealgate_signal_entities{{{MINE}}}",
                "events {{instance}}": f"dealgate_signal_waiting{{{MINE}}}",
            },
        ),
        Panel(
            "How far the watermark is behind the clock",
            {"{{instance}}": f"time() - dealgate_signal_watermark_seconds{{{MINE}}}"},
            "s",
            says="At least the lateness that is allowed.",
        ),
    ],
)
DASHBOARDS = (TRAFFIC, OUTCOMES, RULES, JOURNAL, SATURATION, CONSUMERS)
# Where another version of a kind began to decide.
RELEASES = (
    "max by (dealgate_ruleset_name, dealgate_ruleset_version) "
    f"(dealgate_ruleset_info{{{MINE}}}) unless max by (dealgate_ruleset_name, "
    f"dealgate_ruleset_version) (dealgate_ruleset_info{{{MINE}}} offset 1m)"
)


def queries() -> Iterator[tuple[str, str]]:
    """Yield every query, with the panel that it is of."""
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels:
            for query in panel.queries.values():
                yield f"{dashboard.title}: {panel.title}", query
    yield "releases", RELEASES


def written(dashboard: Dashboard) -> str:
    """Return a dashboard as Grafana reads it."""
    told: dict[str, Any] = {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "tags": ["dealgate"],
        "schemaVersion": 39,
        "editable": True,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "30s",
        "templating": {"list": [_source(), _variable("job"), _variable("instance")]},
        "annotations": {"list": [_releases()]},
        "links": [
            {"type": "dashboards", "tags": ["dealgate"], "title": "Dealgate", "asDropdown": False}
        ],
        "panels": [_panel(number, panel) for number, panel in enumerate(dashboard.panels)],
    }
    return json.dumps(told, indent=2) + "\n"


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(number, COLUMNS)
    stacking = {"mode": "normal" if panel.stacked else "none"}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.says,
        "datasource": SOURCE,
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {
            "defaults": {
                "unit": panel.unit,
                "min": 0,
                "custom": {"fillOpacity": 20 if panel.stacked else 0, "stacking": stacking},
            },
            "overrides": [],
        },
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": SOURCE,
                "expr": query,
                "legendFormat": legend,
                "exemplar": "histogram_quantile" in query,
            }
            for index, (legend, query) in enumerate(panel.queries.items())
        ],
    }


def _source() -> dict[str, Any]:
    return {"name": "datasource", "type": "datasource", "query": "prometheus"}


def _variable(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "query",
        "datasource": SOURCE,
        "query": f"label_values(dealgate_catalog_edition, {name})",
        "includeAll": True,
        "allValue": ".*",
        "multi": True,
        "current": {"text": "All", "value": "$__all"},
        "refresh": 2,
    }


def _releases() -> dict[str, Any]:
    return {
        "name": "Releases",
        "enable": True,
        "iconColor": "purple",
        "datasource": SOURCE,
        "expr": RELEASES,
        "step": "60s",
        "titleFormat": "{{dealgate_ruleset_name}}@{{dealgate_ruleset_version}} decides",
    }


if __name__ == "__main__":
    for dashboard in DASHBOARDS:
        (FOLDER / f"{dashboard.uid}.json").write_text(written(dashboard), encoding="utf-8")
