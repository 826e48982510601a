"""RPCs as operations: path, parameters, body and answers, by their google.api.http."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from google.api.annotations_pb2 import http
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from dealgate.front.openapi.comments import comment, summary
from dealgate.front.openapi.schemas import WELL_KNOWN, Schema, described, reference

VARIABLE: Final = re.compile(r"\{(\w+)\}")
JSON: Final = "application/json"
STREAMED: Final = "One JSON object a line, as long as the call lasts."
ERROR: Final[Schema] = {"$ref": "#/components/responses/Error"}
HEADERS: Final = ("Tenant", "Timeout", "Traceparent")


def rule_of(method: MethodDescriptor) -> HttpRule | None:
    """Return how an RPC is called over HTTP; None if it is not."""
    options = method.GetOptions()
    return options.Extensions[http] if options.HasExtension(http) else None


def paths(
    methods: Sequence[MethodDescriptor], examples: Mapping[str, Any]
) -> dict[str, dict[str, Schema]]:
    """Return the operations by path and verb."""
    listed: dict[str, dict[str, Schema]] = {}
    for method in methods:
        rule = rule_of(method)
        if rule is not None:
            verb = rule.WhichOneof("pattern") or "post"
            path = VARIABLE.sub(lambda variable: f"{{{_json(variable[1])}}}", getattr(rule, verb))
            operation = _operation(method, rule, examples.get(name_of(method), {}))
            listed.setdefault(path, {})[verb] = operation
    return listed


def name_of(method: MethodDescriptor) -> str:
    """Return an RPC's name, as access.yaml writes it: "LeadService.ScoreLead"."""
    return f"{method.containing_service.name}.{method.name}"


def _operation(method: MethodDescriptor, rule: HttpRule, example: Mapping[str, Any]) -> Schema:
    operation: Schema = {
        "operationId": name_of(method).replace(".", "_"),
        "tags": [method.containing_service.name],
        "summary": summary(method.full_name),
        "description": comment(method.full_name),
        "parameters": [*_parameters(method, rule, example), *_shared()],
        "responses": {"200": _answer(method), "default": ERROR},
    }
    if rule.body:
        content: Schema = {"schema": reference(method.input_type)}
        body = {name: value for name, value in example.items() if name not in _names(rule)}
        if body:
            content["example"] = body
        operation["requestBody"] = {"required": True, "content": {JSON: content}}
    return operation


def _shared() -> list[Schema]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in HEADERS]


def _answer(method: MethodDescriptor) -> Schema:
    said = STREAMED if method.server_streaming else summary(method.output_type.full_name)
    return {
        "description": said or "The answer.",
        "content": {JSON: {"schema": reference(method.output_type)}},
    }


def _names(rule: HttpRule) -> Sequence[str]:
    path: str = getattr(rule, rule.WhichOneof("pattern") or "post")
    return [_json(name) for name in VARIABLE.findall(path)]


def _parameters(
    method: MethodDescriptor, rule: HttpRule, example: Mapping[str, Any]
) -> Iterator[Schema]:
    in_path = _names(rule)
    for name, field in _leaves(method.input_type):
        if name in in_path or not rule.body:
            schema = described(field)
            parameter: Schema = {
                "name": name,
                "in": "path" if name in in_path else "query",
                "required": name in in_path,
                "description": schema.pop("description", ""),
                "schema": schema,
            }
            yield {**parameter, "example": example[name]} if name in example else parameter


def _leaves(message: Descriptor, prefix: str = "") -> Iterator[tuple[str, FieldDescriptor]]:
    """Yield what a query string can hold: fields, and those of messages by dotted names."""
    for field in message.fields:
        inner = field.message_type
        if inner is None or inner.full_name in WELL_KNOWN:
            yield prefix + field.json_name, field
        elif not field.is_repeated and not prefix:
            yield from _leaves(inner, f"{field.json_name}.")


def _json(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)
