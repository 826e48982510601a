"""The published convention: well formed, what code uses, and what is really emitted."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from dealgate.model.errors import Unavailable
from dealgate.v1 import decision_service_pb2 as pb
from telemetry import naming, weaver
from tests.telemetry.conftest import Watched
from tests.telemetry.registry import GROUPS, OURS, ROOT, deviations
from tests.wire.conftest import raw, refusal
from tests.wire.samples import qualify, score
from tests.wire.test_bulk import batch

TEXTS = ["string", "int", "string[]"]
NAME = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$")]
Stability = Literal["development", "alpha", "beta", "release_candidate", "stable"]


class Strict(BaseModel):
    """Knows every field that Weaver's schema has for what we use of it, and no other."""

    model_config = ConfigDict(extra="forbid")


class Member(Strict):
    """One value of an enumeration."""

    id: str
    value: str
    brief: str
    stability: Stability


class Enumeration(Strict):
    """A type with few values."""

    members: list[Member]


class Attribute(Strict):
    """An attribute that is declared."""

    id: NAME
    type: Literal["string", "int", "double", "boolean", "string[]"] | Enumeration
    stability: Stability
    brief: str
    examples: list[Any] = []


class Condition(Strict):
    """When an attribute is required."""

    conditionally_required: str


class Reference(Strict):
    """An attribute that is used."""

    ref: NAME
    requirement_level: Literal["required", "recommended", "opt_in"] | Condition


class Group(Strict):
    """A group of Weaver's semantic convention schema, version 1."""

    id: str
    type: Literal["attribute_group", "span", "event", "metric"]
    brief: str
    display_name: str = ""
    stability: Stability | None = None
    name: NAME | None = None
    span_kind: Literal["internal", "server", "client", "consumer"] | None = None
    metric_name: NAME | None = None
    instrument: Literal["counter", "gauge", "histogram"] | None = None
    unit: str | None = None
    attributes: list[Attribute | Reference] = []


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group["id"])
def test_groups_are_well_formed(group: dict[str, Any]) -> None:
    """Each group has the fields of its type; strings that are declared have an example."""
    read = Group.model_validate(group)
    if read.type != "attribute_group":
        assert read.stability
    if read.type in {"attribute_group", "span"}:
        assert read.attributes
    if read.type == "metric":
        assert read.id == f"metric.{read.metric_name}"
        assert read.instrument
        assert read.unit
    if read.type == "span":
        assert read.span_kind
    if read.type == "event":
        assert read.name
    for attribute in read.attributes:
        if isinstance(attribute, Attribute) and attribute.type in TEXTS:
            assert attribute.examples, attribute.id


def test_files_hold_groups_alone() -> None:
    """Weaver's schema knows no other field of a file; no id is there twice."""
    for _, content in weaver.files():
        assert set(content) == {"groups"}
    ids = [group["id"] for group in GROUPS]
    assert len(set(ids)) == len(ids)


def test_the_registry_is_valid_by_weavers_schema() -> None:
    """By the schema itself, where it is: WEAVER_SCHEMA names its path."""
    pytest.importorskip("jsonschema")
    path = os.environ.get("WEAVER_SCHEMA", "")
    if not path:
        pytest.skip("no schema is here: set WEAVER_SCHEMA to Weaver's semconv.schema.json")
    assert list(weaver.faults(Path(path))) == []


def test_what_a_schema_does_not_allow_is_named(tmp_path: Path) -> None:
    """By file and place; without a schema nothing is checked, and that is said."""
    pytest.importorskip("jsonschema")
    schema, registry = tmp_path / "schema.json", tmp_path / "registry"
    item = {"required": ["brief"], "properties": {"type": {"enum": ["span"]}}}
    groups = {"type": "array", "items": item}
    schema.write_text(json.dumps({"properties": {"groups": groups}}))
    registry.mkdir()
    (registry / "a.yaml").write_text("groups: [{type: span, brief: x}, {type: spam}]\n")
    (registry / "registry_manifest.yaml").write_text("name: x\n")
    assert list(weaver.faults(schema, registry)) == [
        "a.yaml: $.groups[1]: 'brief' is a required property",
        "a.yaml: $.groups[1].type: 'spam' is not one of ['span']",
    ]
    assert weaver.main([]) == 0


def test_references_of_ours_are_declared() -> None:
    """What is used under our own name is declared, and what is declared is used."""
    used = {a["ref"] for group in GROUPS for a in group.get("attributes", []) if "ref" in a}
    assert {name for name in used if name.startswith("dealgate.")} == set(OURS)


def test_generated_names_are_fresh() -> None:
    """What is committed is what `make generate` writes."""
    assert naming.TARGET.read_text("utf-8") == naming.text()


def test_names_in_code_are_those_of_the_registry() -> None:
    """No room writes a name of its own: an event that is logged elsewhere is declared, too."""
    events = {group["name"] for group in GROUPS if group["type"] == "event"}
    literal = re.compile(r'"event": "([^"]+)"')
    for path in (ROOT / "service/dealgate").rglob("*.py"):
        assert set(literal.findall(path.read_text("utf-8"))) <= events, path


async def test_what_is_emitted_is_what_is_declared(watched: Watched) -> None:
    """A live check over every ending: answers, repeats, dry runs, refusals, defects, batches."""
    house = watched.house
    house.decider.errors = {"BOOM": ValueError("x"), "DOWN": Unavailable("down", 1)}
    for _ in range(2):
        await house.leads.ScoreLead(score(idempotency_key="k"))
    await house.leads.QualifyLead(qualify("A"))
    await house.leads.ScoreLead(score(dry_run=True))
    for bad in ("BOOM", "DOWN", ""):
        await refusal(house.leads.ScoreLead(score(bad)))
    await refusal(raw(house, "LeadService/ScoreLead")(b"garbage"))
    await refusal(raw(house, "LeadService/Nothing")(b""))
    asked = [pb.Question(score=score(lead)) for lead in ("A", "BOOM", "")]
    await house.decisions.BatchDecide(pb.BatchDecideRequest(questions=asked))
    [one async for one in house.decisions.StreamDecide(iter([batch("A", "BOOM"), batch()]))]
    receiver = await watched.settle()
    assert {"decide batch", "decide score", "_OTHER"} <= {span.name for span in receiver.spans}
    assert len(receiver.events("dealgate.decision.evaluated")) > 10
    assert deviations(receiver) == []


def test_the_generator_writes_where_it_is_told(tmp_path: Path) -> None:
    """`make generate` runs it."""
    target = tmp_path / "names.py"
    subprocess.run([sys.executable, ROOT / "telemetry/naming.py", target], check=True)
    assert target.read_text() == naming.text()
