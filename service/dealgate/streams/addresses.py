"""Addresses of sinks: NAME=URL, as the setting `outbox` lists them.

lake=jsonl:///var/lib/dealgate/out.jsonl       a file of lines; the path from the root
crm=https://crm.example/hooks/decisions        a webhook
bus=nats://broker:4222/dealgate                subjects below `dealgate`
log=kafka://broker:9092,other:9092/decisions   a topic

Each takes the options `?format=json` (or `protobuf`; lines are always JSON), `records=true` (the
exact facts and answers as well), `tenant=acme` and `from=beginning`; kafka also takes settings of
librdkafka (`security.protocol=ssl`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, urlsplit

from dealgate.streams.formats import FORMATS
from dealgate.streams.port import SinkUnusable

NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
OPTIONS = {
    "format": frozenset(FORMATS),
    "records": frozenset({"true", "false"}),
    "tenant": None,
    "from": frozenset({"now", "beginning"}),
}
SCHEMES = ("jsonl", "http", "https", "nats", "tls", "kafka")


@dataclass(frozen=True, slots=True)
class Address:
    """Where events go, and how. The URL may hold a password."""

    name: str
    url: SplitResult = field(repr=False)
    options: Mapping[str, str]

    @property
    def format(self) -> str:
        """The format of events."""
        return self.options.get("format", "json")

    @property
    def is_whole(self) -> bool:
        """Whether facts and answers are sent along."""
        return self.options.get("records") == "true"

    @property
    def tenant(self) -> str | None:
        """Whose events; None: everybody's."""
        return self.options.get("tenant")

    @property
    def from_beginning(self) -> bool:
        """Whether it begins with the oldest record, the first time."""
        return self.options.get("from") == "beginning"


def addresses(text: str) -> list[Address]:
    """Read a list of addresses, separated by blanks; raise SinkUnusable."""
    read = [_address(part) for part in text.split()]
    names = [address.name for address in read]
    for name in names:
        if names.count(name) > 1:
            raise SinkUnusable(f"{name}: two sinks have this name; give each its own")
    return read


def _address(part: str) -> Address:
    name, equals, given = part.partition("=")
    if not equals or not NAME.fullmatch(name):
        raise SinkUnusable(
            "a sink is written name=URL, the name with letters, digits and hyphens: "
            "lake=jsonl:///var/out.jsonl"
        )
    try:
        url = urlsplit(given)
        _ = url.scheme == "kafka" or url.port  # several brokers have several ports
        options = dict(parse_qsl(url.query, strict_parsing=bool(url.query)))
    except ValueError:
        raise SinkUnusable(f"{name}: is not a valid URL") from None
    if url.scheme not in SCHEMES or not url.path.strip("/"):
        raise SinkUnusable(
            f"{name}: write jsonl:///path, https://host/path, nats://host/subject or "
            "kafka://host/topic"
        )
    _refuse_unknown(name, url.scheme, options)
    if url.scheme == "jsonl" and options.get("format", "json") != "json":
        raise SinkUnusable(f"{name}: lines are JSON; leave out format")
    return Address(name, url, options)


def _refuse_unknown(name: str, scheme: str, options: Mapping[str, str]) -> None:
    for option, value in options.items():
        if scheme == "kafka" and "." in option:
            continue  # librdkafka's own
        if option not in OPTIONS:
            known = ", ".join(OPTIONS)
            raise SinkUnusable(f"{name}: has no option {option}; there are: {known}")
        allowed = OPTIONS[option]
        if allowed is not None and value not in allowed:
            raise SinkUnusable(f"{name}: {option} is one of: {', '.join(sorted(allowed))}")
