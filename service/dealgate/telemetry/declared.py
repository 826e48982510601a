"""OpenTelemetry's declarative file (OTEL_CONFIG_FILE): honoured, or refused by place with the cure.

What a file may say that is not built in here is refused, unless it asks for what is so anyway:
a bound that is never reached, a view of another library's metrics.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from dealgate.telemetry.declared_exporters import batching, interval, pull, route
from dealgate.telemetry.declared_yaml import Source, Value
from dealgate.telemetry.limits import SERIES, STACK_LENGTH
from dealgate.telemetry.otlp import Value as Attribute
from dealgate.telemetry.propagation import PROPAGATORS
from dealgate.telemetry.routes import NOTHING, Configuration, Route
from dealgate.telemetry.sampling import ALWAYS_OFF, ALWAYS_ON, RATIO, by_parent, sampler
from dealgate.telemetry.spans import Sampler
from dealgate.telemetry.variable_values import (
    one_of,
    pairs,
    several_of,
    share,
    switch,
    whole,
    words,
)

VERSION = re.compile(r"1\.\d+")
FIELDS = (
    "file_format",
    "disabled",
    "log_level",
    "attribute_limits",
    "logger_provider",
    "meter_provider",
    "propagator",
    "tracer_provider",
    "resource",
    # What is addressed to others: libraries of other languages, other makers' SDKs.
    "instrumentation/development",
    "distribution",
)
# The most that a span or a log record ever holds.
HELD = {
    "attribute_value_length_limit": STACK_LENGTH,
    "attribute_count_limit": 32,
    "event_count_limit": 1,
    "link_count_limit": 1,
    "event_attribute_count_limit": 4,
    "link_attribute_count_limit": 0,
}
OF_VALUES = {name: HELD[name] for name in ("attribute_value_length_limit", "attribute_count_limit")}
DETECTED = ("service", "host", "process")
MOST = 2**31 - 1
DELETE = "is not built in; delete this"
FIXED = "is not built in: what is measured is fixed; have the collector change it, and delete this"
SCOPE = "dealgate"


def declared(
    path: Path, environ: Mapping[str, str], ours: Mapping[str, Attribute]
) -> tuple[Configuration, Source]:
    """Return what a file says, and what is wrong with it; `ours` describes this process."""
    source = Source(path, environ)
    root = source.read()
    if source.faults:
        return NOTHING, source
    fields = root.fields(*FIELDS)
    _is_known_version(root, fields["file_format"])
    fields["log_level"].read(one_of("info"))
    _within(fields["attribute_limits"], OF_VALUES)
    traces, sampling = _traces(fields["tracer_provider"])
    metrics, prometheus, exemplars = _metrics(fields["meter_provider"])
    configuration = Configuration(
        routes={"traces": traces, "metrics": metrics, "logs": _logs(fields["logger_provider"])},
        resource=_resource(fields["resource"], ours),
        sampler=sampling,
        sampling=ALWAYS_ON if sampling is None else "as in the file",
        propagators=_propagators(fields["propagator"]),
        exemplars=exemplars,
        prometheus=prometheus,
    )
    return NOTHING if fields["disabled"].read(switch, default=False) else configuration, source


def _traces(value: Value) -> tuple[tuple[Route, ...], Sampler | None]:
    fields = value.fields("processors", "limits", "sampler", "id_generator", _dev("tracer"))
    if not fields["id_generator"].is_absent:
        fields["id_generator"].choice("random")
    fields[_dev("tracer")].refuse(DELETE)
    _within(fields["limits"], HELD)
    return _processed(fields["processors"], "traces"), _sampler(fields["sampler"])


def _metrics(value: Value) -> tuple[tuple[Route, ...], str, bool]:
    """Return where metrics are sent, where they are scraped, and whether with exemplars."""
    fields = value.fields(
        *("readers", "views", "exemplar_filter", _dev("meter"), "view_matching_mode/development")
    )
    fields[_dev("meter")].refuse(DELETE)
    for view in fields["views"].entries():
        _view(view)
    exemplars = fields["exemplar_filter"].read(one_of("trace_based", "always_off"))
    return *_readers(fields["readers"]), exemplars != "always_off"


def _logs(value: Value) -> tuple[Route, ...]:
    fields = value.fields("processors", "limits", _dev("logger"))
    fields[_dev("logger")].refuse(DELETE)
    _within(fields["limits"], OF_VALUES)
    return _processed(fields["processors"], "logs")


def _view(view: Value) -> None:
    """Check that a view is of another library's metrics."""
    selector = view.fields("selector", "stream")["selector"].fields(
        *("instrument_name", "instrument_type", "unit"),
        *("meter_name", "meter_version", "meter_schema_url"),
    )
    if selector["meter_name"].read(words, SCOPE) == SCOPE:
        view.wrong(FIXED)


def _is_known_version(root: Value, value: Value) -> None:
    text = value.read(words, "")
    if not VERSION.fullmatch(text):
        (root if value.is_absent else value).wrong(
            'file_format is not a version that is read here; write file_format: "1.0"'
        )


def _dev(name: str) -> str:
    return f"{name}_configurator/development"


def _within(value: Value, held: Mapping[str, int]) -> None:
    """Check that no bound is below what is held anyway."""
    for name, bound in value.fields(*held).items():
        if bound.read(whole(0, MOST), MOST) < held[name]:
            bound.wrong(f"is less than the {held[name]} that may be held here; raise or delete it")


def _processed(value: Value, signal: str) -> tuple[Route, ...]:
    routes = []
    for entry in value.entries():
        chosen = entry.choice("batch", "simple")
        if chosen is None:
            continue
        name, processor = chosen
        if name == "simple":
            processor.wrong("would have every decision wait for its export; write batch")
            continue
        fields = processor.fields(
            *("schedule_delay", "export_timeout", "max_queue_size", "max_export_batch_size"),
            "exporter",
        )
        made = route(fields["exporter"], signal, batching(fields))
        routes += [] if made is None else [made]
    return tuple(routes)


def _readers(value: Value) -> tuple[tuple[Route, ...], str]:
    """Return where metrics are sent, and where they are scraped."""
    routes: list[Route] = []
    prometheus = ""
    for entry in value.entries():
        chosen = entry.choice("periodic", "pull")
        if chosen is None:
            continue
        if chosen[0] == "periodic":
            made = _periodic(chosen[1])
            routes += [] if made is None else [made]
        elif prometheus:
            entry.wrong("metrics are scraped at one address; delete this")
        else:
            prometheus = pull(_read(chosen[1])["exporter"])
    return tuple(routes), prometheus


def _periodic(reader: Value) -> Route | None:
    size = "max_export_batch_size/development"
    fields = _read(reader, "interval", "timeout", size)
    fields[size].refuse("is not built in: a request holds at most 2 MiB; delete this")
    return route(fields["exporter"], "metrics", *interval(fields))


def _read(reader: Value, *own: str) -> Mapping[str, Value]:
    fields = reader.fields(*own, "exporter", "producers", "cardinality_limits")
    fields["producers"].refuse(DELETE)
    _cardinality(fields["cardinality_limits"])
    return fields


def _cardinality(value: Value) -> None:
    kinds = ("counter", "gauge", "histogram", "up_down_counter")
    names = ("default", *kinds, *(f"observable_{kind}" for kind in kinds if kind != "histogram"))
    for bound in value.fields(*names).values():
        if bound.read(whole(1, MOST), MOST) < SERIES:
            bound.wrong(f"is less than the {SERIES} series of a metric here; raise or delete it")


def _sampler(value: Value) -> Sampler | None:
    if value.is_absent:
        return None  # all: otherwise callers could switch traces off
    chosen = value.choice("always_on", "always_off", "trace_id_ratio_based", "parent_based")
    if chosen is None:
        return None
    name, below = chosen
    if name == "parent_based":
        kinds = ("remote_parent_sampled", "remote_parent_not_sampled")
        # Spans below one of ours follow it: there is nothing to choose.
        fields = below.fields("root", *kinds, "local_parent_sampled", "local_parent_not_sampled")
        sampled, unsampled = (fields[kind] for kind in kinds)
        return by_parent(
            _sampler(fields["root"]),
            _sampler(sampled),
            sampler(ALWAYS_OFF, 0) if unsampled.is_absent else _sampler(unsampled),
        )
    if name == "trace_id_ratio_based":
        return sampler(RATIO, below.fields("ratio")["ratio"].read(share, 1.0))
    below.fields()
    return sampler(ALWAYS_ON if name == "always_on" else ALWAYS_OFF, 1.0)


def _propagators(value: Value) -> tuple[str, ...]:
    fields = value.fields("composite", "composite_list")
    chosen = [entry.choice(*PROPAGATORS) for entry in fields["composite"].entries()]
    listed = fields["composite_list"].read(several_of(*PROPAGATORS), ())
    return tuple(dict.fromkeys([name[0] for name in chosen if name is not None] + list(listed)))


def _resource(value: Value, ours: Mapping[str, Attribute]) -> Mapping[str, Attribute]:
    fields = value.fields("attributes", "attributes_list", "schema_url", "detection/development")
    fields["schema_url"].read(words)
    detection = fields["detection/development"].fields("detectors", "attributes")
    for detector in detection["detectors"].entries():
        detector.choice(*DETECTED)
    detection["attributes"].refuse("is not built in: have the collector drop them, delete this")
    listed = dict(fields["attributes_list"].read(pairs, ()))
    named: dict[str, Attribute] = {}
    for entry in fields["attributes"].entries():
        pair = _attribute(entry)
        if pair is not None and pair[0] in named:
            entry.wrong(f"{pair[0]} is there twice")
        elif pair is not None:
            named[pair[0]] = pair[1]
    return {**ours, **listed, **named}


def _attribute(attribute: Value) -> tuple[str, Attribute] | None:
    fields = attribute.fields("name", "value", "type")
    name, value = fields["name"].read(words, ""), fields["value"]
    kind = fields["type"].read(one_of("string", "bool", "int", "double", "string_array"), "")
    if not name:
        attribute.wrong("has no name")
        return None
    if value.is_list:
        return name, [str(entry.read(words, "")) for entry in value.entries()]
    text = str(value.read(words, ""))
    return name, _typed(value, text, kind or ("" if value.is_plain else "string"))


def _typed(value: Value, text: str, kind: str) -> Attribute:
    try:
        if kind == "int" or (not kind and re.fullmatch(r"-?\d{1,18}", text)):
            return int(text)
        if kind == "bool" or (not kind and text in {"true", "false"}):
            return switch(text)
        if kind == "double" or (not kind and re.fullmatch(r"-?\d+\.\d+(e-?\d+)?", text)):
            return float(text)
    except ValueError:
        value.wrong(f"is not of type {kind}")
    return text
