"""rules/schema.json: what editors check rule files against while they are being written.

A rule file names it on its first line: `# yaml-language-server: $schema=../schema.json`.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from dealgate.model.kind import AnyKind
from dealgate.rulebook.shapes import rule_file_shape

DRAFT = "http://json-schema.org/draft-07/schema#"


def schema_text(kinds: Mapping[str, AnyKind]) -> str:
    """Return the JSON schema of rule files of `kinds`, as the file holds it."""
    return json.dumps(_schema(kinds), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _schema(kinds: Mapping[str, AnyKind]) -> Mapping[str, Any]:
    shapes = {name: rule_file_shape(kind) for name, kind in sorted(kinds.items())}
    references, definitions = models_json_schema(
        [(shape, "validation") for shape in shapes.values()],
        ref_template="#/definitions/{model}",
    )
    return {
        "$schema": DRAFT,
        "title": "A Dealgate rule file",
        "type": "object",
        "required": ["ruleset"],
        "properties": {"ruleset": {"enum": list(shapes)}},
        "allOf": [
            {
                "if": {"properties": {"ruleset": {"const": name}}},
                "then": references[shape, "validation"],
            }
            for name, shape in shapes.items()
        ],
        "definitions": definitions["$defs"],
    }
