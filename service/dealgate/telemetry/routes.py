"""Where telemetry goes and how, by the settings of a server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from dealgate.telemetry.limits import BATCH, DELAY, QUEUE
from dealgate.telemetry.otlp import Value
from dealgate.telemetry.spans import Sampler

TIMEOUT = 10.0  # seconds for one export
EXPORT_TIMEOUT = 30.0  # for one batch, with its retries
INTERVAL = 60.0
PROMETHEUS_HOST, PROMETHEUS_PORT = "localhost", 9464
PROMETHEUS = "prometheus"

Resource: TypeAlias = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Target:
    """A collector."""

    protocol: str
    endpoint: str
    path: str = ""  # after the URL's own, for HTTP
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    compression: str = "none"
    timeout: float = TIMEOUT
    certificate: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    is_insecure: bool = False

    @property
    def has_tls(self) -> bool:
        """Whether it is spoken to over TLS."""
        return self.endpoint.lower().startswith("https://")


@dataclass(frozen=True, slots=True)
class Batching:
    """How much waits for its export, and how long."""

    queue: int = QUEUE
    batch: int = BATCH
    delay: float = DELAY
    timeout: float = EXPORT_TIMEOUT


@dataclass(frozen=True, slots=True)
class Route:
    """One way out of a signal; metrics are read every `interval` seconds."""

    exporter: str  # otlp or console
    target: Target
    batching: Batching = Batching()
    interval: float = INTERVAL


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of it; `routes` by signal in lower case, `sampling` is what the sampler is called."""

    routes: Mapping[str, tuple[Route, ...]]
    resource: Resource
    sampler: Sampler | None = None
    sampling: str = ""
    propagators: tuple[str, ...] = ()
    exemplars: bool = True
    prometheus: str = ""  # host:port

    @property
    def exporters(self) -> Mapping[str, tuple[str, ...]]:
        """What each signal is exported by."""
        named = {
            signal: tuple(route.exporter for route in routes)
            for signal, routes in self.routes.items()
        }
        return named | ({"metrics": (*named["metrics"], PROMETHEUS)} if self.prometheus else {})


NOTHING = Configuration({}, {})
