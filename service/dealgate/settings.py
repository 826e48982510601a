"""What an operator may set, read once from the environment; OpenTelemetry's own OTEL_* apart."""

import difflib
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from dealgate.model.service_links import linked

LONGEST = 10**9  # seconds
LARGEST = 2**31 - 1  # what gRPC's options hold
MEBIBYTE = 1024 * 1024
PORT_MAX = 65535
KEY_LENGTH = 16
YES = ("1", "true", "on", "yes")
NO = ("", "0", "false", "off", "no")
PREFIX = "DEALGATE_"
UNIX = "unix:"
# What other commands and the tools around them read.
OTHERS = frozenset(
    {
        "DEALGATE_CACHE",
        "DEALGATE_FACTS_RETENTION",
        "DEALGATE_RETENTION",
        "DEALGATE_KEYS_PGPASSWORD",
        "DEALGATE_TRACE_URL",
        "DEALGATE_RULE_URL",
        "DEALGATE_GOLDEN",
        "DEALGATE_WORKER",
        "DEALGATE_SERVER",
        "DEALGATE_TENANT",
        "DEALGATE_TOKEN_FILE",
        "DEALGATE_INBOX_SECRET",
    }
)


def switched(value: object) -> str:
    """Return "1" for what says yes and "" for what says no; anything else is a place."""
    words = {**dict.fromkeys(YES, "1"), **dict.fromkeys(NO, "")}
    return words.get(str(value).strip().lower(), str(value))


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
    address: Annotated[str, Field(description="host:port (port 0: any free one) or unix:/path")] = (
        "127.0.0.1:50051"
    )
    journal: Annotated[
        str,
        BeforeValidator(str),
        # Not shown: a URL may hold a password.
        Field(description="Where decisions are recorded: an SQLite file, or memory:", repr=False),
    ] = "data/journal.db"
    journal_queue: Annotated[
        PositiveInt,
        Field(description="Decisions that may wait to be written; more are rejected"),
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
            description="Processes that serve the address; more than one share the journal's file",
        ),
    ] = 1
    max_streams: Annotated[
        PositiveInt, Field(description="Calls that one connection may have open; more wait there")
    ] = 100
    max_watches: Annotated[
        PositiveInt,
        Field(description="Streams of WatchDecisions that one process serves; more are rejected"),
    ] = 256
    max_wait: Annotated[
        PositiveFloat,
        Field(description="How long a call may expect to wait for its turn; more are rejected"),
    ] = 0.1
    lame_duck: Annotated[
        float,
        Field(ge=0, description="Seconds to keep accepting calls after reporting NOT_SERVING"),
    ] = 5.0
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], Field(description="The least that is logged")
    ] = "info"
    log_format: Annotated[
        Literal["text", "json"], Field(description="How lines on stderr are written")
    ] = "text"
    slow_decision: Annotated[
        PositiveFloat, Field(description="Seconds from which on a decision is logged as slow")
    ] = 1.0
    metrics_listen: Annotated[
        str,
        Field(description="host:port where Prometheus scrapes /metrics; unset: nowhere"),
    ] = ""
    pseudonym_key: Annotated[
        str,
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
        pairs = [
            server.strip().rpartition(":")
            for server in self.dns_servers.split(",")
            if server.strip()
        ]
        return [(address.strip("[]"), int(port)) for address, _, port in pairs]

    @property
    def served(self) -> list[str]:
        """`kinds` as names; none: those that have rules."""
        return [name.strip() for name in self.kinds.split(",") if name.strip()]

    @field_validator("dns_servers")
    @classmethod
    def _dns_servers_are_whole(cls, servers: str) -> str:
        for server in filter(None, (address.strip() for address in servers.split(","))):
            address, _, port = server.rpartition(":")
            try:
                ip_address(address.strip("[]"))
                given = 0 < int(port) <= PORT_MAX
            except ValueError:
                given = False
            if not given:
                raise ValueError("write IP addresses with ports: 127.0.0.1:53, [::1]:53")
        return servers

    @field_validator("metrics_listen")
    @classmethod
    def _metrics_address_is_whole(cls, address: str) -> str:
        host, _, port = address.rpartition(":")
        given = host and port.isdecimal() and port.isascii() and 0 < int(port) <= PORT_MAX
        if address and not given:
            raise ValueError(f"write host:port, the port from 1 to {PORT_MAX}")
        return address

    @field_validator("pseudonym_key")
    @classmethod
    def _key_is_long(cls, key: str) -> str:
        if key and len(key) < KEY_LENGTH:
            raise ValueError(f"write {KEY_LENGTH} characters or more: short keys can be guessed")
        return key

    @field_validator("address")
    @classmethod
    def _address_is_whole(cls, address: str) -> str:
        # gRPC itself takes port 99999 for 34463, and none for 443.
        # Of a port alone it makes a host.
        host, _, port = address.rpartition(":")
        given = host and port.isdecimal() and port.isascii() and int(port) <= PORT_MAX
        if not (given or address.startswith("unix:")):
            raise ValueError(f"write host:port, the port from 0 to {PORT_MAX}, or unix:/path")
        return address

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_hidden(cls, given: dict[str, object]) -> dict[str, object]:
        # Of more than these a path or an address is not made; it would fail later, unexplained.
        for name, value in given.items():
            if isinstance(value, str) and not all(map(_is_plain, value)):
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


# By pydantic's types of errors.
WORDS = {
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "float_parsing": "write a number, without a unit",
    "float_type": "write a number, without a unit",
    "int_parsing": "write a whole number, without a unit",
    "int_from_float": "write a whole number",
    "finite_number": "write a finite number",
    "literal_error": "write {expected}",
    "greater_than": "must be more than {gt:,g}",
    "greater_than_equal": "must be at least {ge:,g}",
    "less_than": "must be less than {lt:,g}",
    "less_than_equal": "must be at most {le:,g}",
}


def _is_plain(character: str) -> bool:
    return character >= " " and character != "\x7f" and not "\ud800" <= character <= "\udfff"


def variables() -> list[str]:
    """Return the name of every variable that a server reads."""
    return [PREFIX + name.upper() for name in Settings.model_fields]


def unknown(names: Iterable[str]) -> list[str]:
    """Return, for each variable DEALGATE_* that nobody reads, its name and the cure.

    A misspelt setting that is ignored in silence is found out when it is needed.
    """
    known = variables()
    faults = []
    given = frozenset(names)
    for name in sorted(given - linked(given)):
        # Windows and pydantic take names of any case.
        if not name.upper().startswith(PREFIX) or name.upper() in {*known, *OTHERS}:
            continue
        bare = name.upper().removeprefix(PREFIX)
        close = difflib.get_close_matches(
            bare, [candidate.removeprefix(PREFIX) for candidate in known], n=1
        )
        meant = f"did you mean {PREFIX}{close[0]}?" if close else "`dealgate config` lists all"
        faults.append(f"{name}: is not a setting of Dealgate; {meant}")
    return faults


def setting_faults(error: ValidationError) -> list[str]:
    """Return, for each setting that is wrong, its variable and what is wrong with it."""
    faults: dict[str, list[str]] = {}
    for fault in error.errors():
        name = "_".join(str(part) for part in fault["loc"][:1]).upper()
        faults.setdefault(name, []).append(_words(fault))
    return [
        f"{f'{PREFIX}{name}: ' if name else ''}{text}"
        for name, texts in faults.items()
        # What may be one thing or another is neither: one line says so.
        for text in ([", or ".join(dict.fromkeys(texts))] if name else dict.fromkeys(texts))
    ]


def _words(fault: ErrorDetails) -> str:
    """Say what is wrong with a value as an operator would: pydantic speaks of inputs."""
    limits = {name: value for name, value in fault.get("ctx", {}).items() if name != "error"}
    words = WORDS.get(fault["type"])
    if words is None:
        return fault["msg"].removeprefix("Value error, ")  # of a fault that we found
    return words.format(**limits)
