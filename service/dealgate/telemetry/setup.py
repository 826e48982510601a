"""Telemetry as a whole: started by the settings, ended within a bound; if off, at no cost."""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dealgate import __version__
from dealgate.aside.threads import in_thread
from dealgate.telemetry import names
from dealgate.telemetry.configuration import configured, scraped_at
from dealgate.telemetry.exporters import sender
from dealgate.telemetry.held import Held
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.later import Later
from dealgate.telemetry.otlp import Envelope, pair
from dealgate.telemetry.periodic import Periodic
from dealgate.telemetry.pipeline import Losses, Pipeline
from dealgate.telemetry.propagation import Extract, extractor
from dealgate.telemetry.routes import Configuration
from dealgate.telemetry.spans import Put, Tracer
from dealgate.telemetry.variables import CONFIG_FILE

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where spans, measurements and log records go.

    `put_log` takes log records as bytes; None: nobody wants them.
    """

    tracer: Tracer
    meter: Meter
    losses: Losses
    extract: Extract
    later: Later
    held: Held
    put_log: Put | None = None
    pipelines: tuple[Pipeline, ...] = ()
    last: tuple[Callable[[], None], ...] = field(default=(), repr=False)

    async def stop(self, patience: float = PATIENCE) -> bool:
        """Deliver what is left within `patience` seconds, and tell whether that was enough."""
        self.later.settle()
        for close in self.last:
            await in_thread(close)
        closing = (in_thread(pipeline.close, patience) for pipeline in self.pipelines)
        return all(await asyncio.gather(*closing))


def start(
    environ: Mapping[str, str] = os.environ, *, listen: str = "", losses: Losses | None = None
) -> Telemetry:
    """Begin; raise ValueError, with the cure, on a setting that cannot be followed.

    Export is on for a signal if its endpoint or exporter is set. Without export no trace is
    begun: an id that leads nowhere would only mislead. A caller's own trace id is still passed
    on into answers, trailers and the journal. `listen`: host:port where Prometheus scrapes.
    """
    configuration = configured(environ)
    losses = losses or Losses()
    said_by = "DEALGATE_METRICS_LISTEN" if listen else _prometheus(environ)
    listen = scraped_at(listen, configuration)
    pipelines = {
        signal: _pipelines(signal, configuration, losses)
        for signal in ("traces", "metrics", "logs")
    }
    put_span, put_metric, put_log = (_put(exporters) for exporters in pipelines.values())
    later = Later(put_spans=put_span, put_records=put_log)
    is_on = put_metric is not None or bool(listen)
    meter = Meter(is_on=is_on, exemplars=configuration.exemplars, settle=later.settle)
    meter.observe(names.TELEMETRY_DROPPED, losses.all_dropped)
    meter.observe(names.TELEMETRY_EXPORTED, losses.all_exported)
    last = [*_pushing(meter, configuration, pipelines["metrics"])]
    if listen:
        last.append(_scraped(listen, meter, configuration, said_by))
    return Telemetry(
        tracer=Tracer(put_span, configuration.sampler),
        meter=meter,
        losses=losses,
        extract=extractor(configuration.propagators),
        later=later,
        held=Held(),
        put_log=put_log,
        pipelines=tuple(pipeline for exporters in pipelines.values() for pipeline in exporters),
        last=tuple(last),
    )


def _pushing(
    meter: Meter, configuration: Configuration, pipelines: Sequence[Pipeline]
) -> Iterator[Callable[[], None]]:
    """Begin to push metrics by each route; yield what ends it."""
    for route, pipeline in zip(configuration.routes.get("metrics", ()), pipelines, strict=True):
        yield Periodic(meter, pipeline.put, route.interval).close


def _prometheus(environ: Mapping[str, str]) -> str:
    return CONFIG_FILE if environ.get(CONFIG_FILE) else "OTEL_EXPORTER_PROMETHEUS_HOST, _PORT"


def _scraped(
    listen: str, meter: Meter, configuration: Configuration, setting: str
) -> Callable[[], None]:
    """Serve metrics to Prometheus; raise ValueError, naming the setting, if that cannot be."""
    # Imported here alone: most servers push.
    from dealgate.telemetry.scrape import listen as serve_metrics  # noqa: PLC0415

    try:
        return serve_metrics(listen, meter, configuration.resource)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "is not a valid host"
        cure = "name a free address of this machine"
        raise ValueError(f"{setting}: cannot listen on {listen}: {why}; {cure}") from error


def _pipelines(signal: str, configuration: Configuration, losses: Losses) -> list[Pipeline]:
    resource = [pair(key, value) for key, value in configuration.resource.items()]
    wrap = Envelope(resource, names.SCOPE, __version__, names.SCHEMA_URL)
    return [
        Pipeline(signal, sender(signal, route.exporter, route.target), wrap, route.batching, losses)
        for route in configuration.routes.get(signal, ())
    ]


def _put(pipelines: list[Pipeline]) -> Put | None:
    if len(pipelines) == 1:
        return pipelines[0].put

    def put(items: Sequence[bytes]) -> None:
        for pipeline in pipelines:
            pipeline.put(items)

    return put if pipelines else None
