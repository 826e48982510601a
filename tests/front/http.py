"""Plain HTTP, as curl speaks it."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    def detail(self, name: str) -> Mapping[str, Any]:
        """Return a detail of a google.rpc.Status."""
        found: Mapping[str, Any] = next(
            detail
            for detail in self.json["details"]
            if detail["@type"] == f"type.googleapis.com/google.rpc.{name}"
        )
        return found


@dataclass(frozen=True)
class Http:
    """Calls one base address."""

    base: str

    def post(self, path: str, body: object, **headers: str) -> Answer:
        """Post JSON, or bytes as they are; `dealgate_tenant` is the header dealgate-tenant."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.call("POST", path, sent, **{"content_type": "application/json", **headers})

    def get(self, path: str, **headers: str) -> Answer:
        """Get."""
        return self.call("GET", path, None, **headers)

    def call(self, verb: str, path: str, body: bytes | None, **headers: str) -> Answer:
        """Call, whatever comes of it; of a stream, return its first line."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.base + path, body, named, method=verb)
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as response:
                read = response.readline() if "watch" in path else response.read()
                return Answer(response.status, response.headers, read)
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())
