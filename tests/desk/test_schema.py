"""What editors check rule files against is what the loader checks them against."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from dealgate.desk.schema import schema_files, schema_text
from dealgate.kinds import KINDS
from dealgate.model.kind import AnyKind


@pytest.fixture
def schema(approve: AnyKind) -> Mapping[str, Any]:
    """The schema of the test kind alone."""
    loaded: Mapping[str, Any] = json.loads(schema_text({"approve": approve}))
    return loaded


def test_schema_is_chosen_by_the_rule_set(schema: Mapping[str, Any]) -> None:
    """A file that says `ruleset: approve` is held to the shape of that kind."""
    assert schema["properties"]["ruleset"]["enum"] == ["approve"]
    (chosen,) = schema["allOf"]
    assert chosen["if"] == {"properties": {"ruleset": {"const": "approve"}}}
    assert chosen["then"] == {"$ref": "#/definitions/ApproveRules"}


def test_schema_knows_the_effects_of_the_kind(schema: Mapping[str, Any]) -> None:
    """An editor offers what `then` may say, and refuses anything else."""
    effect = schema["definitions"]["ApproveEffect"]
    assert set(effect["properties"]) == {"verdict", "points", "share", "final"}
    assert effect["properties"]["points"]["maximum"] == 100
    assert effect["additionalProperties"] is False


def test_every_reference_has_its_definition(schema: Mapping[str, Any]) -> None:
    """An editor that follows a reference arrives somewhere."""
    text = json.dumps(schema)
    used = {part.split('"', 1)[0] for part in text.split("#/definitions/")[1:]}
    assert used <= set(schema["definitions"])


def test_numbers_and_truths_may_stand_for_expressions(schema: Mapping[str, Any]) -> None:
    """`floor: 50` and `when: true` are CEL, though YAML editors take them for no text."""
    constants = schema["definitions"]["ApproveRules"]["properties"]["constants"]
    (value,) = constants["patternProperties"].values()
    assert value["anyOf"][0]["type"] == ["string", "number", "boolean"]


def test_cases_know_the_facts_of_their_kind(approve: AnyKind) -> None:
    """An editor offers the fields of facts and outcome, also in fixtures, and allows null."""
    schema = json.loads(schema_files({"approve": approve})["approve/cases.schema.json"])
    facts = schema["definitions"]["ApproveFacts"]["properties"]
    case = schema["definitions"]["CaseShape"]["properties"]
    assert set(facts) == {field.name for field in approve.facts.DESCRIPTOR.fields}
    assert all({"type": "null"} in field["anyOf"] for field in facts.values())
    assert case["facts"]["$ref"] == "#/definitions/ApproveFacts"
    assert schema["properties"]["base"]["additionalProperties"] == {
        "$ref": "#/definitions/ApproveFacts"
    }


def test_releases_are_a_list_of_lines(approve: AnyKind) -> None:
    """releases.yaml has a schema of its own, which knows `from`."""
    schema = json.loads(schema_files({"approve": approve})["releases.schema.json"])
    assert schema["type"] == "array"
    assert "from" in schema["definitions"]["ReleaseShape"]["required"]


def _keys(schema: Any, at: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every key that a file may have, with what the schema says of it."""
    if isinstance(schema, list):
        for index, part in enumerate(schema):
            yield from _keys(part, f"{at}/{index}")
    elif isinstance(schema, dict):
        for name, part in schema.items():
            if name == "properties" and not at.endswith("/if"):
                yield from ((f"{at}/{key}", said) for key, said in part.items())
            yield from _keys(part, f"{at}/{name}")


@pytest.mark.parametrize(("path", "text"), schema_files(KINDS).items(), ids=[*schema_files(KINDS)])
def test_every_key_is_described(path: str, text: str) -> None:
    """Whoever points at a key in an editor, or completes one, reads what it is for."""
    bare = [at for at, said in _keys(json.loads(text)) if not said.get("description")]
    assert bare == [], path
