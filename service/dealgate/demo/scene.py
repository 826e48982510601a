"""One question of the demo: in words for people, and as a call for the client."""

import datetime as dt
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from dealgate_client import AsyncClient, Response, Timestamp, timestamp
from dealgate_client.calls import Metadata

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True)
class Scene:
    """A question; `ask` puts it to the service, in the caller's trace."""

    words: str
    ask: Callable[[AsyncClient, Metadata], Coroutine[Any, Any, Response]]


def ago(*, days: float) -> Timestamp:
    """Return the instant that many days before the demo began."""
    return timestamp(NOW - dt.timedelta(days=days))
