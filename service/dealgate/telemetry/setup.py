"""Where telemetry goes, as the usual OTEL_* variables say; without them, nowhere, at no cost."""

import asyncio
import os
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.metrics import Meter, NoOpMeterProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import NoOpTracerProvider, Tracer

from dealgate import __version__
from dealgate.aside.threads import in_thread
from dealgate.telemetry.names import SCOPE

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
# Measured: with the SDK's 2048 spans and 5 s, a few thousand decisions a second lose spans.
QUEUE, BATCH, DELAY = 8192, 1024, 1000  # spans, spans, milliseconds


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Where spans and measurements go; `closers` deliver what is left."""

    tracer: Tracer
    meter: Meter
    closers: tuple[Callable[[], object], ...] = ()

    async def stop(self, patience: float = 5.0) -> bool:
        """Deliver what is left within `patience` seconds, and tell whether that was enough.

        The SDK has no bound of its own that holds when the collector is dead, so a thread waits
        in our stead, and a daemon at that: it cannot keep the process alive.
        """
        threads = [threading.Thread(target=close, daemon=True) for close in self.closers]
        for thread in threads:
            thread.start()
        await asyncio.gather(*(in_thread(thread.join, patience) for thread in threads))
        return not any(thread.is_alive() for thread in threads)


def start(environ: Mapping[str, str] = os.environ) -> Telemetry:
    """Make the providers; raise ValueError, with the cure, on a setting we cannot follow.

    Export is on for a signal if its endpoint or exporter is set. Without export no trace is
    begun: an id that leads nowhere would only mislead. A caller's own trace id is still passed
    on into answers, trailers and the journal.

    `environ` decides what is made; the SDK reads the details from the process's environment.
    """
    tracing, metrics = exported("TRACES", environ), exported("METRICS", environ)
    resource = _resource() if tracing or metrics else Resource.get_empty()
    tracer, close_tracer = _tracer(resource, environ) if tracing else (_no_tracer(), None)
    meter, close_meter = _meter(resource) if metrics else (_no_meter(), None)
    return Telemetry(tracer, meter, tuple(c for c in (close_tracer, close_meter) if c))


def exported(signal: str, environ: Mapping[str, str]) -> bool:
    """Tell whether to export "TRACES" or "METRICS"."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    exporter = environ.get(f"OTEL_{signal}_EXPORTER")
    if exporter not in {None, "", "otlp", "none"}:
        raise ValueError(f"OTEL_{signal}_EXPORTER={exporter} is not built in; set otlp or none")
    wanted = exporter == "otlp" or bool(_of(signal, "ENDPOINT", environ))
    if exporter == "none" or not wanted:
        return False
    protocol = _of(signal, "PROTOCOL", environ) or "grpc"
    if protocol != "grpc":
        raise ValueError(f"OTLP over {protocol} is not built in; set the protocol to grpc")
    return True


def _of(signal: str, name: str, environ: Mapping[str, str]) -> str | None:
    special = environ.get(f"OTEL_EXPORTER_OTLP_{signal}_{name}")
    return special or environ.get(f"OTEL_EXPORTER_OTLP_{name}")


def _resource() -> Resource:
    """Describe this process; what the environment says about it wins."""
    ours = {
        "service.name": SCOPE,
        "service.version": __version__,
        "service.instance.id": str(uuid.uuid4()),
    }
    return Resource.create(ours).merge(OTELResourceDetector().detect())


def _tracer(resource: Resource, environ: Mapping[str, str]) -> tuple[Tracer, Callable[[], object]]:
    # The SDK's default sampler would let a caller's traceparent switch off our traces.
    sampler = None if environ.get("OTEL_TRACES_SAMPLER") else ALWAYS_ON
    provider = TracerProvider(sampler=sampler, resource=resource, shutdown_on_exit=False)
    processor = BatchSpanProcessor(
        OTLPSpanExporter(),
        max_queue_size=None if "OTEL_BSP_MAX_QUEUE_SIZE" in environ else QUEUE,
        max_export_batch_size=None if "OTEL_BSP_MAX_EXPORT_BATCH_SIZE" in environ else BATCH,
        schedule_delay_millis=None if "OTEL_BSP_SCHEDULE_DELAY" in environ else DELAY,
    )
    provider.add_span_processor(processor)
    return provider.get_tracer(SCOPE, __version__), provider.shutdown


def _meter(resource: Resource) -> tuple[Meter, Callable[[], object]]:
    reader = PeriodicExportingMetricReader(OTLPMetricExporter())
    provider = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
    return provider.get_meter(SCOPE, __version__), provider.shutdown


def _no_tracer() -> Tracer:
    return NoOpTracerProvider().get_tracer(SCOPE)


def _no_meter() -> Meter:
    return NoOpMeterProvider().get_meter(SCOPE)
