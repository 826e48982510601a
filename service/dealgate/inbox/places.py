"""Addresses of sources.

-                                                        lines of the standard input
jsonl:///var/lib/crm/in.jsonl                            lines of a file
nats://broker:4222/crm.questions?durable=dealgate        a subject of a stream
kafka://broker:9092,other:9092/questions?group.id=sales  a topic
http://127.0.0.1:8080/events                             an address to listen at
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, urlsplit

from dealgate.inbox.port import SourceUnusable

OPTIONS: Mapping[str, frozenset[str]] = {
    "jsonl": frozenset(),
    "nats": frozenset({"durable", "ack_wait"}),
    "tls": frozenset({"durable", "ack_wait"}),
    "kafka": frozenset(),
    "http": frozenset(),
}
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Place:
    """Where events come from. The URL may hold a password."""

    url: SplitResult = field(repr=False)
    options: Mapping[str, str]

    @property
    def path(self) -> str:
        """The path, without slashes around it."""
        return self.url.path.strip("/")


def place(text: str) -> Place:
    """Read an address; raise SourceUnusable."""
    if text == STDIN:
        return Place(SplitResult("jsonl", "", STDIN, "", ""), {})
    try:
        url = urlsplit(text)
        _ = url.scheme == "kafka" or url.port
        options = dict(parse_qsl(url.query, strict_parsing=bool(url.query)))
    except ValueError:
        raise SourceUnusable("the source is not a valid URL") from None
    if url.scheme not in OPTIONS or not url.path.strip("/"):
        raise SourceUnusable(
            "write -, jsonl:///path, nats://host/subject, kafka://host/topic or http://host/path"
        )
    for option in options:
        known = OPTIONS[url.scheme]
        if option not in known and not (url.scheme == "kafka" and "." in option):
            there = ", ".join(sorted(known)) or "none of its own"
            raise SourceUnusable(f"a source of {url.scheme} has no option {option}; it has {there}")
    wait = options.get("ack_wait", "1")
    if not wait.replace(".", "", 1).isdecimal() or not float(wait):
        raise SourceUnusable("ack_wait is a number of seconds, such as 30")
    return Place(url, options)
