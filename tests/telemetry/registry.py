"""What was really emitted, compared with the published convention."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from telemetry import naming
from tests.telemetry.receiver import Receiver, attributes

ROOT = Path(__file__).parents[2]
GROUPS: list[dict[str, Any]] = list(naming.groups())
TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "int": int,
    "double": float,
    "boolean": bool,
    "string[]": list,
}
OURS = {
    attribute["id"]: attribute["type"]
    for group in GROUPS
    for attribute in group.get("attributes", [])
    if "id" in attribute
}
SPANS = {
    "decide batch": "span.dealgate.batch.internal",
    "decide": "span.dealgate.decide.internal",
    "process": "span.dealgate.flow.internal",
    "facts": "span.dealgate.facts.internal",
    "consume": "span.dealgate.inbox.consumer",
    "journal": "span.dealgate.journal.append.internal",
    "lookup": "span.dealgate.lookup.internal",
    "work": "span.dealgate.work.internal",
    "reload": "span.dealgate.reload.internal",
    "release": "span.dealgate.release_request.internal",
    "activate": "span.dealgate.release.internal",
}
# Attributes of OpenTelemetry's that any log record may have.
ANY_RECORD = {"exception.type", "exception.stacktrace"}


def group(id_: str) -> dict[str, Any]:
    """Return a group of the registry."""
    return next(found for found in GROUPS if found["id"] == id_)


def span_group(name: str) -> dict[str, Any]:
    """Return the group that a span is declared in."""
    if "/" in name or name == "_OTHER":
        return group("span.dealgate.rpc.server")
    return group(SPANS.get(name) or SPANS[name.partition(" ")[0]])


def deviations(receiver: Receiver) -> list[str]:
    """Return what is emitted and not declared, of another type, or missing though required."""
    found: list[str] = []
    for span in receiver.spans:
        found += _compared(span_group(span.name), attributes(span.attributes), span.name)
        for event in span.events:
            exception = group("event.dealgate.exception")
            found += _compared(exception, attributes(event.attributes), event.name)
    for record in receiver.logs:
        declared = [one for one in GROUPS if one.get("name") == record.event_name]
        if record.event_name and not declared:
            found.append(f"event {record.event_name} is not declared")
        for one in declared:
            found += _compared(one, attributes(record.attributes), record.event_name)
    for metric in receiver.metrics:
        found += _metric(metric)
    return sorted(set(found))


def _metric(metric: Any) -> Iterator[str]:
    declared = [one for one in GROUPS if one.get("metric_name") == metric.name]
    if not declared or declared[0]["unit"] != metric.unit:
        yield f"metric {metric.name} in {metric.unit} is not declared"
        return
    instrument = {"sum": "counter"}.get(metric.WhichOneof("data"), metric.WhichOneof("data"))
    if instrument != declared[0]["instrument"]:
        yield f"metric {metric.name} is a {instrument}"
    for point in getattr(metric, metric.WhichOneof("data")).data_points:
        yield from _compared(declared[0], attributes(point.attributes), metric.name)


def _compared(declared: dict[str, Any], told: Mapping[str, Any], name: str) -> Iterator[str]:
    given = declared.get("attributes", [])
    known = {attribute["ref"] for attribute in given}
    for key, value in told.items():
        if key not in known | ANY_RECORD | {"otel.metric.overflow"}:
            yield f"{name}: {key} is not declared"
        type_ = OURS.get(key, "string")
        if isinstance(type_, dict):
            if value not in {member["value"] for member in type_["members"]}:
                yield f"{name}: {key} is {value}"
        elif key in OURS and not isinstance(value, TYPES[type_]):
            yield f"{name}: {key} is a {type(value).__name__}"
        if value == []:
            yield f"{name}: {key} is an empty list"
    for attribute in given:
        if attribute.get("requirement_level") == "required" and attribute["ref"] not in told:
            yield f"{name}: {attribute['ref']} is missing"
