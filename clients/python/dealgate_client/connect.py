"""Channels: where a client connects to, and how."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import grpc
import grpc.aio

# Balances over every address behind a name such as dns:///dealgate. One connection to one
# address, gRPC's default, would leave new replicas idle for as long as the old one lives.
ROUND_ROBIN: Final = json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})
# An explained batch of 256 answers is larger than gRPC's 4 MiB.
LARGEST_ANSWER: Final = 64 * 1024 * 1024
OPTIONS: Final = (
    ("grpc.service_config", ROUND_ROBIN),
    # gRPC would wait up to two minutes before it looks for a restarted server again.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 3000),
    ("grpc.max_receive_message_length", LARGEST_ANSWER),
    ("grpc.primary_user_agent", "dealgate-client-python"),
)


@dataclass(frozen=True, slots=True)
class Tls:
    """Encrypts, and checks that the server is who it says.

    `ca` is a PEM file of the authorities to trust (None: those gRPC ships with). `certificate`
    and `key` are PEM files that tell the server who calls (mutual TLS); give both or neither.
    `server_name` is the name the server's certificate must bear, if not the target's.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    server_name: str | None = None

    def __post_init__(self) -> None:
        """Refuse half an identity."""
        if (self.certificate is None) != (self.key is None):
            raise ValueError("mutual TLS needs both `certificate` and `key`")

    def credentials(self) -> grpc.ChannelCredentials:
        """Read the files. Raises OSError if one cannot be read."""
        files = (self.ca, self.key, self.certificate)
        ca, key, certificate = (path.read_bytes() if path else None for path in files)
        return grpc.ssl_channel_credentials(ca, key, certificate)

    def options(self) -> tuple[tuple[str, str | int], ...]:
        """Return the channel's options."""
        named = self.server_name
        return (*OPTIONS, ("grpc.ssl_target_name_override", named)) if named else OPTIONS


def connect(target: str, tls: Tls | None) -> grpc.Channel:
    """Return a channel for blocking calls; it connects when first used."""
    if tls is None:
        return grpc.insecure_channel(target, OPTIONS)
    return grpc.secure_channel(target, tls.credentials(), tls.options())


def connect_aio(target: str, tls: Tls | None) -> grpc.aio.Channel:
    """Return a channel for the running event loop; it connects when first used."""
    if tls is None:
        return grpc.aio.insecure_channel(target, OPTIONS)
    return grpc.aio.secure_channel(target, tls.credentials(), tls.options())
