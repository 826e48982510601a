"""What an operator may set, read once from the environment; OpenTelemetry's own OTEL_* apart."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PositiveFloat,
    PositiveInt,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from dealgate.settings.checks import (
    addresses_of,
    is_plain,
    long_key,
    metrics_address,
    server_address,
    switched,
    whole_name_servers,
)

LONGEST = 10**9  # seconds
LARGEST = 2**31 - 1  # what gRPC's options hold
MEBIBYTE = 1024 * 1024
PREFIX = "DEALGATE_"


class Settings(BaseSettings):
    """Each field is set by DEALGATE_<NAME>; durations are in seconds."""

    # An empty variable is an unset one, as of OpenTelemetry's: files of compose leave many.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        frozen=True,
        extra="forbid",
        env_ignore_empty=True,
        allow_inf_nan=False,
    )

    rules: Annotated[Path, Field(description="The folder with the rule sets")] = Path("rules")
    kinds: Annotated[
        str,
        Field(
            description="The kinds to serve, comma-separated; unset: those that have rules. A kind "
            "that is not served answers UNIMPLEMENTED"
        ),
    ] = ""
    reload: Annotated[
        PositiveFloat | Literal["off"],
        Field(
            description="Polling interval for the rules folder, in seconds, in addition to "
            "file-system events; `off`: reload on SIGHUP only"
        ),
    ] = 5.0
    undeclared_properties: Annotated[
        Literal["refuse", "ignore"],
        Field(
            description="Properties that properties.yaml does not declare: `refuse` "
            "the question, or `ignore` them"
        ),
    ] = "refuse"
    release_rpc: Annotated[
        bool, Field(description="Whether callers may release rules with ReleaseRuleSet")
    ] = False
    approvals: Annotated[
        Path | None,
        Field(
            description="File that says who must sign releases; unset: approvals.yaml of the rules "
            "folder, if there is one"
        ),
    ] = None
    address: Annotated[
        str,
        AfterValidator(server_address),
        Field(description="host:port (port 0: any free one) or unix:/path"),
    ] = "127.0.0.1:50051"
    journal: Annotated[
        str,
        BeforeValidator(str),
        # Not shown: a URL may hold a password.
        Field(description="Where decisions are recorded: an SQLite file, or memory:", repr=False),
    ] = "data/journal.db"
    journal_queue: Annotated[
        PositiveInt,
        Field(description="Maximum number of decisions waiting to be written; more are rejected"),
    ] = 4096
    journal_pace: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Seconds between the beginnings of two commits while many callers wait; "
            "0: commit as often as the disk can",
        ),
    ] = 0.003
    key_lifetime: Annotated[
        PositiveFloat,
        Field(description="Seconds for which a repeated idempotency key gets the first answer"),
    ] = 24 * 60 * 60.0
    journal_signing_key: Annotated[
        Path | None,
        Field(
            description="PEM file with an Ed25519 key, which signs each link of the journal's chain"
        ),
    ] = None
    journal_master_key: Annotated[
        Path | None,
        Field(
            description="File of the master key (`dealgate keys new`); if set, personal data is "
            "encrypted in the journal"
        ),
    ] = None
    facts: Annotated[
        str,
        BeforeValidator(switched),
        # Not shown: a URL may hold a password.
        Field(
            description="Where entity state is stored: 1: next to the journal; an SQLite file, or "
            "memory:; unset: nowhere, and questions must contain all facts",
            repr=False,
        ),
    ] = ""
    engine: Annotated[
        Literal["native", "rete"],
        Field(description="`native`, or `rete` with the extra dealgate[rete]"),
    ] = "native"
    mail_lookups: Annotated[
        bool, Field(description="Query DNS for mail domains when callers request it")
    ] = False
    dns_servers: Annotated[
        str,
        AfterValidator(whole_name_servers),
        Field(
            description="DNS servers as address:port, comma-separated; unset: the system's resolver"
        ),
    ] = ""
    outbox: Annotated[
        str,
        # Not shown: a URL may hold a password.
        Field(
            description="Where decisions and results are published as CloudEvents: name=URL, "
            "separated by blanks; unset: nowhere",
            repr=False,
        ),
    ] = ""
    outbox_secret: Annotated[
        str, Field(description="Secret that signs webhooks: whsec_ and base64", repr=False)
    ] = ""
    tls_certificate: Annotated[Path | None, Field(description="PEM file; unset: no TLS")] = None
    tls_key: Annotated[Path | None, Field(description="PEM file of the certificate's key")] = None
    tls_client_ca: Annotated[
        Path | None,
        Field(description="PEM file; if set, clients must present a certificate (mTLS)"),
    ] = None
    access: Annotated[
        Path | None,
        Field(description="access.yaml: who may do what; unset: every caller may do everything"),
    ] = None
    max_message_bytes: Annotated[
        PositiveInt,
        Field(description="Maximum request size in bytes; larger ones are rejected"),
    ] = 4 * MEBIBYTE
    workers: Annotated[
        int,
        Field(
            ge=1,
            le=64,
            description="Number of server processes; several share the journal's file",
        ),
    ] = 1
    max_streams: Annotated[
        PositiveInt, Field(description="Maximum number of open calls per connection; more wait")
    ] = 100
    max_watches: Annotated[
        PositiveInt,
        Field(description="Maximum WatchDecisions streams per process; more are rejected"),
    ] = 256
    max_wait: Annotated[
        PositiveFloat,
        Field(
            description="Longest expected wait for a call, in seconds; calls that would wait "
            "longer are rejected"
        ),
    ] = 0.1
    lame_duck: Annotated[
        float,
        Field(ge=0, description="Seconds to keep accepting calls after reporting NOT_SERVING"),
    ] = 5.0
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Field(description="Minimum level that is logged"),
    ] = "info"
    log_format: Annotated[
        Literal["text", "json"], Field(description="Format of log lines on stderr")
    ] = "text"
    slow_decision: Annotated[
        PositiveFloat,
        Field(description="Seconds beyond which a decision is logged as slow"),
    ] = 1.0
    metrics_listen: Annotated[
        str,
        AfterValidator(metrics_address),
        Field(description="host:port where Prometheus scrapes /metrics; unset: nowhere"),
    ] = ""
    pseudonym_key: Annotated[
        str,
        AfterValidator(long_key),
        Field(
            description="Secret of 16 characters or more; if set, spans name the subject of a "
            "decision by its HMAC",
            repr=False,
        ),
    ] = ""
    grace: Annotated[
        PositiveFloat, Field(description="Seconds granted to calls in flight during shutdown")
    ] = 10.0

    @property
    def name_servers(self) -> list[tuple[str, int]]:
        """`dns_servers` as addresses and ports."""
        return addresses_of(self.dns_servers)

    @property
    def served(self) -> list[str]:
        """`kinds` as names; none: those that have rules."""
        return [name.strip() for name in self.kinds.split(",") if name.strip()]

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_hidden(cls, given: dict[str, object]) -> dict[str, object]:
        # Of more than these a path or an address is not made; it would fail later, unexplained.
        for name, value in given.items():
            if isinstance(value, str) and not all(map(is_plain, value)):
                cure = "holds control characters or is not UTF-8"
                raise ValueError(f"{PREFIX}{name.upper()}: {cure}")
        return given

    @model_validator(mode="after")
    def _numbers_are_bounded(self) -> Self:
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, int) and value > LARGEST:
                raise ValueError(f"{PREFIX}{name.upper()}: is more than {LARGEST:,}")
            if isinstance(value, float) and value > LONGEST:
                raise ValueError(f"{PREFIX}{name.upper()}: is more than {LONGEST:,} seconds")
        return self

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("DEALGATE_TLS_CERTIFICATE and DEALGATE_TLS_KEY go together")
        if self.tls_client_ca is not None and self.tls_certificate is None:
            raise ValueError("DEALGATE_TLS_CLIENT_CA needs DEALGATE_TLS_CERTIFICATE")
        return self
