"""`dealgate config`: what is set, to what, and where that comes from."""

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Literal, NamedTuple

import typer
from pydantic import ValidationError

from dealgate.cli.echo import echo, echo_json
from dealgate.cli.shown import give_up
from dealgate.journal.locations import shown
from dealgate.settings import PREFIX, Settings
from dealgate.settings.faults import setting_faults, unknown
from dealgate.telemetry import variables
from dealgate.telemetry.configuration import configured, scraped_at
from dealgate.telemetry.routes import Batching, Configuration, Route

HIDDEN = "***"
# What is exported if everything is and nothing else is said.
USUAL = {f"OTEL_{signal}_EXPORTER": "otlp" for signal in variables.SIGNALS}
BATCHES = {"traces": "OTEL_BSP", "logs": "OTEL_BLRP"}
HELD_BACK = "HEADERS"
PLACES = ("journal", "facts", "outbox")


class Line(NamedTuple):
    """A setting, what it is, and where that comes from."""

    name: str
    value: str
    source: str


def config(
    format_: Annotated[Literal["text", "json"], typer.Option("--format")] = "text",
    all_: Annotated[bool, typer.Option("--all", help="Also list unset OTEL_* variables.")] = False,  # noqa: FBT002  # typer's way
) -> None:
    """Print the effective settings of `dealgate serve`, and where each comes from.

    Invalid settings are reported with a fix, as when a server starts; the exit status is then 2.
    Secrets are not shown.
    """
    settings = _settings()
    lines = [*_ours(settings), *_of_opentelemetry(settings, everything=all_)]
    if format_ == "json":
        told = {line.name: {"value": line.value, "source": line.source} for line in lines}
        echo_json(told)
        return
    width, wide = (max(len(line[i]) for line in lines) for i in (0, 1))
    for line in lines:
        echo(f"{line.name:<{width}}  {line.value:<{min(wide, 40)}}  {line.source}")


def _settings() -> Settings:
    faults = unknown(os.environ)
    try:
        settings = Settings()
    except ValidationError as error:
        give_up("\n".join([*faults, *setting_faults(error)]))
    if faults:
        give_up("\n".join(faults))
    return settings


def _ours(settings: Settings) -> Iterator[Line]:
    given = {name.upper() for name, value in os.environ.items() if value}
    for name in Settings.model_fields:
        variable = PREFIX + name.upper()
        source = "environment" if variable in given else "default"
        yield Line(variable, _value(name, getattr(settings, name)), source)


def _value(name: str, value: Any) -> str:
    if Settings.model_fields[name].repr or not value:
        return "" if value is None else str(value)
    # What may hold a secret: places, whose URLs may hold a password, and secrets.
    return " ".join(map(shown, str(value).split())) if name in PLACES else HIDDEN


def _of_opentelemetry(settings: Settings, *, everything: bool) -> Iterator[Line]:
    try:
        configuration = configured(os.environ)
        scraped_at(settings.metrics_listen, configuration)
    except ValueError as error:
        give_up(str(error))
    effective, usual = _effective(configuration), _effective(configured(USUAL))
    file = os.environ.get(variables.CONFIG_FILE, "").strip()
    names = sorted({name for name in variables.READ if os.environ.get(name, "").strip()})
    for name in names:
        given = os.environ[name].strip()
        yield Line(name, HIDDEN if name.endswith(HELD_BACK) else given, "environment")
    for name, value in effective.items():
        if name not in names:
            yield Line(name, value, "default" if usual.get(name) == value else file or "default")
    if everything:
        for name in sorted(set(variables.READ) - set(names) - set(effective)):
            yield Line(name, "", "unset")


def _effective(configuration: Configuration) -> dict[str, str]:
    """Return what counts where no variable is set, as far as it matters."""
    told = {
        f"OTEL_{signal.upper()}_EXPORTER": ",".join(chosen) or "none"
        for signal, chosen in configuration.exporters.items()
    }
    for signal, routes in configuration.routes.items():
        told |= _sending(f"OTEL_EXPORTER_OTLP_{signal.upper()}_", routes)
        if routes and signal in BATCHES:
            told |= _batching(BATCHES[signal], [route.batching for route in routes])
    if any(configuration.exporters.values()):
        told["OTEL_TRACES_SAMPLER"] = configuration.sampling
        told["OTEL_PROPAGATORS"] = ",".join(configuration.propagators) or "none"
    told |= _metrics(configuration)
    if any(configuration.exporters.values()):
        told["OTEL_SERVICE_NAME"] = str(configuration.resource["service.name"])
    return told


def _sending(prefix: str, routes: Iterable[Route]) -> dict[str, str]:
    sent = [route.target for route in routes if route.exporter == "otlp"]
    if not sent:
        return {}
    return {
        f"{prefix}ENDPOINT": ",".join(target.endpoint for target in sent),
        f"{prefix}PROTOCOL": ",".join(target.protocol for target in sent),
        f"{prefix}COMPRESSION": ",".join(target.compression for target in sent),
        f"{prefix}TIMEOUT": _joined(target.timeout * 1000 for target in sent),
    }


def _metrics(configuration: Configuration) -> dict[str, str]:
    told = {}
    intervals = [route.interval for route in configuration.routes.get("metrics", ())]
    if intervals:
        told["OTEL_METRIC_EXPORT_INTERVAL"] = str(round(min(intervals) * 1000))
    if configuration.exporters.get("metrics"):
        chosen = "trace_based" if configuration.exemplars else "always_off"
        told["OTEL_METRICS_EXEMPLAR_FILTER"] = chosen
    return told


def _batching(prefix: str, batching: Sequence[Batching]) -> dict[str, str]:
    return {
        f"{prefix}_MAX_QUEUE_SIZE": _joined(batch.queue for batch in batching),
        f"{prefix}_MAX_EXPORT_BATCH_SIZE": _joined(batch.batch for batch in batching),
        f"{prefix}_SCHEDULE_DELAY": _joined(batch.delay * 1000 for batch in batching),
        f"{prefix}_EXPORT_TIMEOUT": _joined(batch.timeout * 1000 for batch in batching),
    }


def _joined(numbers: Iterable[float]) -> str:
    return ",".join(str(round(number)) for number in numbers)
