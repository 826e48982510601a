"""What Envoy reads: its configuration, filled in, and the contracts with the paths of HTTP."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from textwrap import indent
from typing import Final

from google.api.annotations_pb2 import http
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from dealgate.front.contracts import descriptor_set, services

MIB: Final = 1024 * 1024
# JSON says in more bytes what a server takes 4 MiB of; what a front takes is what one call holds
# in its memory. An explained batch of answers is large (the clients take 64 MiB).
MESSAGE_BYTES: Final = 4 * MIB
ANSWER_BYTES: Final = 64 * MIB
ORIGIN: Final = re.compile(
    r"[a-z][a-z0-9+.-]*://[a-z0-9._-]+(:\d+)?|[a-z]+://\[[0-9a-f:]+\](:\d+)?"
)
# Browsers leave them out: https://x:443 is https://x.
DEFAULT_PORTS: Final = (":80", ":443")
# What Envoy itself refuses, as google.rpc.Code has it.
CODES: Final = {400: 3, 403: 7, 404: 5, 408: 4, 413: 8, 426: 12, 431: 8, 503: 14, 504: 4}
# Filters that would take an answer of Envoy's own for one of the server's.
TRANSLATING: Final = "envoy.filters.http.grpc_json_transcoder"
BRIDGING: Final = "envoy.filters.http.connect_grpc_bridge"
DISABLED: Final = {
    "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
    "disabled": True,
}


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    @classmethod
    def parsed(cls, text: str) -> "Address":
        """Read "host:port"; raises ValueError."""
        host, colon, port = text.rpartition(":")
        if not colon or not host or not port.isdecimal() or not 0 < int(port) < 2**16:
            raise ValueError(f"{text} is not a valid address; write host:port")
        return cls(host.strip("[]"), int(port))


@dataclass(frozen=True, slots=True)
class Front:
    """Where it listens, which server it stands before, and whom browsers let call it."""

    listen: Address
    server: Address
    origins: Sequence[str] = ()
    connect: bool = False

    def __post_init__(self) -> None:
        """Raise ValueError for an origin that no browser ever sends."""
        for origin in self.origins:
            if origin != "*" and (not ORIGIN.fullmatch(origin) or origin.endswith(DEFAULT_PORTS)):
                raise ValueError(
                    f"{origin} is not an origin as browsers send it; write https://crm.example or "
                    "https://crm.example:8443, in lower case and without a path, or *"
                )

    def config(self, folder: Path) -> str:
        """Return Envoy's configuration, for files that lie in `folder`."""
        return Template(_part("envoy")).substitute(
            listen_host=self.listen.host,
            listen_port=self.listen.port,
            server_host=self.server.host,
            server_port=self.server.port,
            folder=folder,
            services=json.dumps([service.full_name for service in services()]),
            origins=json.dumps([_origin(origin) for origin in self.origins]),
            message_bytes=MESSAGE_BYTES,
            answer_bytes=ANSWER_BYTES,
            buffer_bytes=ANSWER_BYTES,
            local_replies=indent(_local_replies(), " " * 20).rstrip(),
            values=indent(_part("values", "lua"), " " * 26).rstrip(),
            guards=indent(self._guards(), " " * 24),
            connect_filter=indent(_part("connect_filter"), " " * 18) if self.connect else "",
            connect_routes=indent(_part("connect_routes"), " " * 24) if self.connect else "",
        )

    def _guards(self) -> str:
        """Return the routes that send away what no server should see."""
        filters = [TRANSLATING, *([BRIDGING] if self.connect else [])]
        own = json.dumps(dict.fromkeys(filters, DISABLED))
        guards = Template(_part("guards")).substitute(own=own)
        if "*" in self.origins:
            return guards
        allowed = json.dumps("|".join(map(re.escape, self.origins)) or "-")
        return guards + Template(_part("foreign_pages")).substitute(own=own, origins=allowed)


def _origin(origin: str) -> dict[str, object]:
    return {"prefix": ""} if origin == "*" else {"exact": origin}


def _local_replies() -> str:
    reply = Template(_part("local_reply"))
    return "".join(reply.substitute(status=status, code=CODES[status]) for status in CODES)


def _part(name: str, kind: str = "yaml") -> str:
    return files("dealgate.front").joinpath(f"{name}.{kind}").read_text("utf-8")


def transcoded() -> FileDescriptorSet:
    """Return the contracts in which each call has its RPC's own path too.

    `POST /dealgate.v1.LeadService/ScoreLead` with JSON does what gRPC does there.
    """
    described = descriptor_set()
    for file in described.file:
        for service in file.service:
            for method in service.method:
                if method.options.HasExtension(http):
                    binding = method.options.Extensions[http].additional_bindings.add()
                    binding.post = f"/{file.package}.{service.name}/{method.name}"
                    binding.body = "*"
    return described


def write_front(front: Front, folder: Path, openapi: str) -> Sequence[Path]:
    """Write what Envoy reads into `folder`; return the files. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        "contracts.binpb": transcoded().SerializeToString(deterministic=True),
        "openapi.json": openapi.encode(),
        "envoy.yaml": front.config(folder.absolute()).encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]
