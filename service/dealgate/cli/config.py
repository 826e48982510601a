"""`dealgate config`: what is set, to what, and where that comes from."""

import os
from collections.abc import Iterator
from typing import Annotated, Any, Literal, NamedTuple

import typer
from pydantic import ValidationError

from dealgate.cli.echo import echo, echo_json
from dealgate.cli.shown import give_up
from dealgate.journal.urls import shown
from dealgate.settings import PREFIX, Settings, setting_faults, unknown
from dealgate.telemetry import variables
from dealgate.telemetry.configuration import configured
from dealgate.telemetry.routes import Configuration

HIDDEN = "***"
SECRET = ("HEADERS", "PSEUDONYM_KEY", "OUTBOX_SECRET")


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
    lines = [*_ours(), *_of_opentelemetry(everything=all_)]
    if format_ == "json":
        told = {line.name: {"value": line.value, "source": line.source} for line in lines}
        echo_json(told)
        return
    width, wide = (max(len(line[i]) for line in lines) for i in (0, 1))
    for line in lines:
        echo(f"{line.name:<{width}}  {line.value:<{min(wide, 40)}}  {line.source}")


def _ours() -> Iterator[Line]:
    faults = unknown(os.environ)
    try:
        settings = Settings()
    except ValidationError as error:
        give_up("\n".join([*faults, *setting_faults(error)]))
    if faults:
        give_up("\n".join(faults))
    given = {name.upper() for name, value in os.environ.items() if value}
    for name in Settings.model_fields:
        variable = PREFIX + name.upper()
        source = "environment" if variable in given else "default"
        yield Line(variable, _value(variable, getattr(settings, name)), source)


def _value(name: str, value: Any) -> str:
    if name.endswith(SECRET) and value:
        return HIDDEN
    if name == "DEALGATE_JOURNAL":
        return shown(str(value))
    if name == "DEALGATE_OUTBOX":
        return " ".join(map(shown, str(value).split()))
    return "" if value is None else str(value)


def _of_opentelemetry(*, everything: bool) -> Iterator[Line]:
    try:
        configuration = configured(os.environ)
    except ValueError as error:
        give_up(str(error))
    effective = _effective(configuration)
    file = os.environ.get(variables.CONFIG_FILE, "").strip()
    names = sorted({name for name in variables.READ if os.environ.get(name, "").strip()})
    for name in names:
        given = os.environ[name].strip()
        yield Line(name, HIDDEN if name.endswith(SECRET) else given, "environment")
    for name, value in effective.items():
        if name not in names:
            yield Line(name, value, file or "default")
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
        sent = [route.target for route in routes if route.exporter == "otlp"]
        if sent:
            before = f"OTEL_EXPORTER_OTLP_{signal.upper()}_"
            told[f"{before}ENDPOINT"] = ",".join(target.endpoint for target in sent)
            told[f"{before}PROTOCOL"] = ",".join(target.protocol for target in sent)
    if any(configuration.exporters.values()):
        told["OTEL_TRACES_SAMPLER"] = configuration.sampling
        told["OTEL_PROPAGATORS"] = ",".join(configuration.propagators) or "none"
    intervals = [route.interval for route in configuration.routes.get("metrics", ())]
    if intervals:
        told["OTEL_METRIC_EXPORT_INTERVAL"] = str(round(min(intervals) * 1000))
    return told
