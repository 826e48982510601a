"""The OpenAPI document says what the front really takes and gives."""

import json
import re
import time
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dealgate.front.contracts import services
from dealgate.front.openapi import document
from dealgate.front.openapi.document import examples
from tests.front.conftest import Pair, needs_envoy
from tests.front.http import Answer, Http
from tests.serving.conftest import PATIENCE

ROOT = Path(__file__).parents[2]
SERVED: Mapping[str, Any] = json.loads(document())
OPERATIONS = [
    (path, verb, operation)
    for path, verbs in SERVED["paths"].items()
    for verb, operation in verbs.items()
]
# An insight takes half a second, and nine of them show no more than one.
SLOW = re.compile("InsightService_(?!GetLeadFunnel)")
# What this server does not do for anybody: it is not switched on.
OFF = {
    "RuleService_ReleaseRuleSet": 403,
    "RuleService_ApproveRelease": 403,
    "DecisionService_EraseSubject": 403,
}
PLAIN: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float, str),
}
STREAM = "DecisionService.StreamDecide"
UNAVAILABLE = 503


def test_every_rpc_has_a_path_and_an_example() -> None:
    """But the one that needs both ways at once; a new RPC says its path in the contracts."""
    every = {
        f"{service.name}.{method.name}" for service in services() for method in service.methods
    }
    named = {operation["operationId"].replace("_", ".") for *_, operation in OPERATIONS}

    assert named == every - {STREAM}
    assert set(examples()) == named


def test_the_document_is_valid_and_fresh() -> None:
    """It is OpenAPI 3.1, and docs/openapi.json is it: `make generate` writes it."""
    validator = pytest.importorskip("openapi_spec_validator")

    validator.validate(SERVED)
    assert (ROOT / "docs/openapi.json").read_text("utf-8") == document()


def test_everything_is_described() -> None:
    """Every operation, parameter, schema and property says what it is."""
    operations = [op for path in SERVED["paths"].values() for op in path.values()]
    parameters = [parameter for op in operations for parameter in op.get("parameters", ())]
    schemas = SERVED["components"]["schemas"]
    properties = [
        (name, key)
        for name, schema in schemas.items()
        for key, held in schema.get("properties", {}).items()
        if not held.get("description")
    ]
    assert properties == []
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []
    assert all(op.get("description") or op.get("summary") for op in operations)
    assert all("$ref" in one or one.get("description") for one in parameters)


def test_what_must_be_given_is_said() -> None:
    """Required fields, bounds and the values of enums stand in the schemas."""
    schemas = SERVED["components"]["schemas"]

    assert schemas["dealgate.v1.ScoreLeadRequest"]["required"] == ["facts"]
    assert schemas["dealgate.v1.Company"]["properties"]["employees"]["minimum"] == 0
    assert "SENIORITY_VP" in schemas["dealgate.v1.Seniority"]["enum"]
    assert schemas["google.type.Money"]["properties"]["units"]["type"] == "string"


@needs_envoy
def test_the_front_serves_it(front: Pair) -> None:
    """Whoever finds the front finds its description."""
    assert front.http.get("/openapi.json").json == SERVED


@needs_envoy
def test_every_example_works(front: Pair) -> None:
    """Each is sent as it stands; the answers have no field that the document leaves out."""
    made = front.http.post("/v1/leads:qualify", {"facts": {"lead": {"id": "00Q1"}}})
    decision = made.json["header"]["decisionId"]
    for path, verb, operation in OPERATIONS:
        name = operation["operationId"]
        if not SLOW.match(name):
            answer = _served(front.http, path, verb, name, decision)
            assert answer.status == OFF.get(name, 200), (name, answer.body)
            if name not in OFF:
                schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
                _fits(json.loads(answer.body.splitlines()[0]), schema)


def _served(http: Http, path: str, verb: str, name: str, decision: str) -> Answer:
    """Repeat it while the front takes the server for gone, which was slow to say it is not."""
    until = time.monotonic() + PATIENCE
    while (answer := _sent(http, path, verb, name, decision)).status == UNAVAILABLE:
        assert time.monotonic() < until, answer.body
        time.sleep(0.2)
    return answer


def _sent(http: Http, path: str, verb: str, name: str, decision: str) -> Answer:
    example = {
        field: decision if value == "$decision" else value
        for field, value in examples()[name.replace("_", ".")].items()
    }
    path = re.sub(r"\{(\w+)\}", lambda found: str(example.pop(found[1])), path)
    if verb == "post":
        return http.post(path, example)
    texts = {name: json.dumps(value) if value is True else value for name, value in example.items()}
    return http.get(f"{path}?{urllib.parse.urlencode(texts, doseq=True)}")


def _fits(value: Any, schema: Mapping[str, Any]) -> None:
    if "$ref" in schema:
        schema = SERVED["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        assert value in schema["enum"]
    elif schema["type"] == "array":
        for item in value:
            _fits(item, schema["items"])
    elif schema["type"] == "object":
        properties, others = schema.get("properties", {}), schema["additionalProperties"]
        for name, inner in value.items():
            known = properties.get(name, others)
            assert known is not False, name
            if known is not True:
                _fits(inner, known)
    else:
        assert isinstance(value, PLAIN[schema["type"]]), (value, schema)
