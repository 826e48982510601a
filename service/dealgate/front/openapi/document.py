"""The document as a whole."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from google.protobuf.descriptor import MethodDescriptor

from dealgate import __version__
from dealgate.front.contracts import services
from dealgate.front.openapi.comments import comment
from dealgate.front.openapi.paths import paths, rule_of
from dealgate.front.openapi.schemas import Schema, schemas

DESCRIPTION: Final = (
    "Decisions of sales operations, each with the rules that took it and what was missing. The"
    " same calls are served over gRPC, gRPC-Web and Connect. A field that is left out is unknown,"
    " which is not 0 or false. A misspelt field of a body is not noticed: check bodies against"
    " this document, or ask by `POST /v1/kinds/{kind}:decide`, which refuses facts it does not"
    " know. Amounts and 64-bit numbers are texts, so that nothing is rounded."
)
PARAMETERS: Final[Mapping[str, Schema]] = {
    "Tenant": {
        "name": "dealgate-tenant",
        "in": "header",
        "description": 'Whose decisions these are. Left out: "default".',
        "schema": {"type": "string"},
    },
    "Timeout": {
        "name": "grpc-timeout",
        "in": "header",
        "description": "How long the caller waits: up to 8 digits and a unit (H, M, S, m, u, n).",
        "schema": {"type": "string", "pattern": "^[0-9]{1,8}[HMSmun]$"},
    },
    "Traceparent": {
        "name": "traceparent",
        "in": "header",
        "description": "The trace that the decision joins (W3C Trace Context).",
        "schema": {"type": "string"},
    },
}
ERROR: Final[Schema] = {
    "description": "Why there is no answer. The HTTP status follows from `code`.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/google.rpc.Status"}}},
}


@cache
def examples() -> Mapping[str, Any]:
    """Return a request of each RPC that works as it is, by the RPC's name."""
    text = files("dealgate.front").joinpath("examples.json").read_text("utf-8")
    read: Mapping[str, Any] = json.loads(text)
    return read


def methods() -> Sequence[MethodDescriptor]:
    """Return the RPCs that HTTP can call."""
    every = (method for service in services() for method in service.methods)
    return [method for method in every if rule_of(method) is not None]


def document() -> str:
    """Return OpenAPI 3.1, as JSON."""
    called = methods()
    messages = [message for method in called for message in (method.input_type, method.output_type)]
    described = {
        "openapi": "3.1.0",
        "info": {"title": "Dealgate", "version": __version__, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "security": [{}, {"Token": []}],
        "tags": [
            {"name": service.name, "description": comment(service.full_name)}
            for service in services()
        ],
        "paths": paths(called, examples()),
        "components": {
            "schemas": schemas(messages),
            "parameters": PARAMETERS,
            "responses": {"Error": ERROR},
            "securitySchemes": {
                "Token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }
    return json.dumps(described, indent=1, ensure_ascii=False) + "\n"
