"""The JSON Schemas that editors check the files of a rules folder against as they are written.

A file names its schema on its first line: `# yaml-language-server: $schema=../schema.json`. They
lie in the rules folder; `make generate` regenerates them.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from dealgate.desk.message_schema import message_schema
from dealgate.model.fields import descriptor_of
from dealgate.model.kind import AnyKind
from dealgate.rulebook.approvals import ApprovalsShape
from dealgate.rulebook.case_shapes import CaseFileShape
from dealgate.rulebook.kind_file import LIST
from dealgate.rulebook.kind_shapes import FactShape, KindShape
from dealgate.rulebook.pipelines import PipelinesShape
from dealgate.rulebook.properties import PropertiesShape
from dealgate.rulebook.releases import ReleasesShape
from dealgate.rulebook.shapes import RULESET, rule_file_shape
from dealgate.signals.declared import ACTIVITY
from dealgate.signals.file_shapes import SignalCasesShape, SignalShape
from dealgate.v1.activity_pb2 import Activity

DRAFT = "http://json-schema.org/draft-07/schema#"
RULES, CASES, RELEASES = "schema.json", "cases.schema.json", "releases.schema.json"
PIPELINES = "pipelines.schema.json"
PROPERTIES = "properties.schema.json"
APPROVALS = "approvals.schema.json"
KIND = "kind.schema.json"
SIGNAL, SIGNAL_CASES = "signal.schema.json", "signal-cases.schema.json"


_LISTED = {"$ref": "#/$defs/Facts", "description": "A list: what each element holds"}


def schema_files(kinds: Mapping[str, AnyKind]) -> Mapping[str, str]:
    """Return the text of every schema, by its path in the rules folder."""
    return {
        RULES: schema_text(kinds),
        RELEASES: _written("A Dealgate releases file", ReleasesShape.model_json_schema()),
        PIPELINES: _written("A Dealgate file of pipelines", PipelinesShape.model_json_schema()),
        PROPERTIES: _written("The properties that a rules folder declares", _properties()),
        APPROVALS: _written("Who must sign releases", ApprovalsShape.model_json_schema()),
        KIND: _written("A kind of decision that a rules folder declares", _kind()),
        SIGNAL: _written("A Dealgate signal", _signal(kinds)),
        SIGNAL_CASES: _written("Cases of a Dealgate signal", _signal_cases()),
        **{f"{name}/{CASES}": cases_text(kind) for name, kind in sorted(kinds.items())},
    }


def schema_text(kinds: Mapping[str, AnyKind]) -> str:
    """Return the JSON schema of rule files of `kinds`, as the file holds it."""
    return _written("A Dealgate rule file", _rules(kinds))


def _written(title: str, schema: Mapping[str, Any]) -> str:
    titled = _moved({**schema, "$schema": DRAFT, "title": title})
    return json.dumps(titled, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _moved(node: Any) -> Any:
    """Return the schema with its definitions where draft 7 has them."""
    if isinstance(node, dict):
        names = {"$defs": "definitions"}
        return {names.get(key, key): _moved(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_moved(item) for item in node]
    return node.replace("#/$defs/", "#/definitions/") if isinstance(node, str) else node


def _rules(kinds: Mapping[str, AnyKind]) -> Mapping[str, Any]:
    shapes = {name: rule_file_shape(kind) for name, kind in sorted(kinds.items())}
    references, definitions = models_json_schema(
        [(shape, "validation") for shape in shapes.values()],
        ref_template="#/definitions/{model}",
    )
    return {
        "type": "object",
        "required": ["ruleset"],
        "properties": {"ruleset": {"enum": list(shapes), "description": RULESET}},
        "allOf": [
            {
                "if": {"properties": {"ruleset": {"const": name}}},
                "then": references[shape, "validation"],
            }
            for name, shape in shapes.items()
        ],
        "definitions": definitions["$defs"],
    }


def _properties() -> Mapping[str, Any]:
    schema: Mapping[str, Any] = PropertiesShape.model_json_schema()
    return schema


def _kind() -> Mapping[str, Any]:
    """Return the schema of kind.yaml, whose facts hold facts however deep."""
    schema: dict[str, Any] = KindShape.model_json_schema()
    fact, held = {"$ref": "#/$defs/Fact"}, FactShape.model_json_schema()
    schema["$defs"] |= {
        "FactShape": held,
        "Facts": {"type": "object", "additionalProperties": fact},
        "Fact": {
            "anyOf": [
                {"$ref": "#/$defs/FactShape"},
                {"type": "object", "required": [LIST], "properties": {LIST: _LISTED}},
                {"$ref": "#/$defs/Facts"},
            ]
        },
    }
    facts = schema["properties"]["facts"]
    schema["properties"]["facts"] = {**facts, "additionalProperties": fact}
    return schema


def _signal(kinds: Mapping[str, AnyKind]) -> Mapping[str, Any]:
    schema: dict[str, Any] = SignalShape.model_json_schema()
    schema["properties"]["on"]["enum"] = [ACTIVITY, *sorted(kinds)]
    return schema


def _signal_cases() -> Mapping[str, Any]:
    schema: dict[str, Any] = SignalCasesShape.model_json_schema()
    definitions = schema["$defs"]
    event = definitions["EventShape"]["properties"]
    event["activity"] = {
        **message_schema(descriptor_of(Activity), definitions),
        "description": event["activity"]["description"],
    }
    return schema


def cases_text(kind: AnyKind) -> str:
    """Return the schema of a kind's cases: their shape, with its own facts and outcome."""
    schema = CaseFileShape.model_json_schema()
    outcome = kind.outcome_type
    definitions = schema["$defs"]
    case = definitions["CaseShape"]["properties"]
    facts = message_schema(kind.facts.DESCRIPTOR, definitions)
    case["facts"] = {**facts, "description": case["facts"]["description"]}
    said = "The part of the outcome that is fixed: fields that are left out may be anything"
    case["outcome"] = {**message_schema(outcome, definitions), "description": said}
    schema["properties"]["base"]["additionalProperties"] = facts
    return _written(f"Cases of {kind.name}", schema)
