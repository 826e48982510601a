"""`dealgate config`: what is set, to what, and where that comes from."""

import os
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple

import typer
from pydantic import ValidationError

from dealgate.cli.echo import echo, echo_json
from dealgate.cli.shown import give_up
from dealgate.journal.urls import shown
from dealgate.settings import PREFIX, Settings, setting_faults, unknown
from dealgate.telemetry import variables
from dealgate.telemetry.configuration import configured

HIDDEN = "***"
SECRET = ("HEADERS", "PSEUDONYM_KEY")


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

    What cannot be followed is named with its cure, as at the start of a server; then the status
    is 2. Secrets are not shown.
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
    given = {name.upper() for name in os.environ}
    for name in Settings.model_fields:
        variable = PREFIX + name.upper()
        source = "environment" if variable in given else "default"
        yield Line(variable, _value(variable, getattr(settings, name)), source)


def _value(name: str, value: Any) -> str:
    if name.endswith(SECRET) and value:
        return HIDDEN
    if name == "DEALGATE_JOURNAL":
        return shown(str(value))
    return "" if value is None else str(value)


def _of_opentelemetry(*, everything: bool) -> Iterator[Line]:
    try:
        configuration = configured(os.environ)
    except ValueError as error:
        give_up(str(error))
    effective = _effective(configuration.exporters, configuration)
    names = sorted({name for name in variables.READ if os.environ.get(name, "").strip()})
    for name in names:
        given = os.environ[name].strip()
        yield Line(name, HIDDEN if name.endswith(SECRET) else given, "environment")
    for name, value in effective.items():
        if name not in names:
            yield Line(name, value, "default")
    if everything:
        for name in sorted(set(variables.READ) - set(names) - set(effective)):
            yield Line(name, "", "unset")


def _effective(exporters: Mapping[str, tuple[str, ...]], configuration: Any) -> dict[str, str]:
    """Return what counts where nothing is set, as far as it matters."""
    told = {
        f"OTEL_{signal.upper()}_EXPORTER": ",".join(chosen) or "none"
        for signal, chosen in exporters.items()
    }
    for signal, chosen in exporters.items():
        if "otlp" in chosen:
            target = configuration.targets[signal]
            told[f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT"] = target.endpoint
            told[f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL"] = target.protocol
    if any(exporters.values()):
        told["OTEL_TRACES_SAMPLER"] = configuration.sampler
        told["OTEL_PROPAGATORS"] = ",".join(configuration.propagators) or "none"
        told["OTEL_METRIC_EXPORT_INTERVAL"] = str(round(configuration.interval * 1000))
    return told
