"""The package as a whole: what it needs, what it offers, and that its README tells the truth."""

import ast
import inspect
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, MethodDescriptor, ServiceDescriptor

import dealgate_client
from clients.python.tests.stand_in import CONTRACTS, StandIn
from dealgate_client import AsyncClient, Client, questions

ROOT = Path(__file__).parents[1]
PROVIDES = {"googleapis-common-protos": "google", "protobuf": "google", "grpcio": "grpc"}
SERVICES: list[ServiceDescriptor] = [
    service for contract in CONTRACTS for service in contract.DESCRIPTOR.services_by_name.values()
]
METHODS: list[MethodDescriptor] = [method for service in SERVICES for method in service.methods]
# `Decide` takes any kind by its name, and its facts as a mapping.
ASKED = [
    method
    for method in METHODS
    if "facts" in method.input_type.fields_by_name
    if "kind" not in method.input_type.fields_by_name
]
FLOWS = [method for method in ASKED if method.name.startswith("Process")]
DECISIONS = [method for method in ASKED if method not in FLOWS]


def facts_of(method: MethodDescriptor) -> Descriptor:
    """Return the facts message that a decision is asked with."""
    facts = method.input_type.fields_by_name["facts"].message_type
    assert facts is not None
    return facts


def snake(name: str) -> str:
    """`ScoreLead` -> `score_lead`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def named(method: MethodDescriptor) -> str:
    """Name a method in a test's id."""
    return method.name


@pytest.mark.parametrize("sort", [Client, AsyncClient])
@pytest.mark.parametrize("method", METHODS, ids=named)
def test_every_rpc_is_a_documented_method(sort: type, method: MethodDescriptor) -> None:
    """Both clients offer every RPC of the contracts, with words for who hovers over it."""
    offered = getattr(sort, snake(method.name))
    assert inspect.getdoc(offered)
    assert inspect.signature(offered).return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("sort", [Client, AsyncClient])
@pytest.mark.parametrize("method", ASKED, ids=named)
def test_every_fact_is_a_keyword(sort: type, method: MethodDescriptor) -> None:
    """The keywords of a decision are the fields of its facts message, in their order."""
    facts = facts_of(method)
    parameters = inspect.signature(getattr(sort, snake(method.name))).parameters.values()
    keywords = [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    assert keywords == [field.name for field in facts.fields]


def test_questions_are_of_every_kind() -> None:
    """The unions of facts and responses have a member for every decision."""
    kinds = {facts_of(method).name for method in DECISIONS}
    assert {kind.__name__ for kind in questions.FIELDS} == kinds
    assert {kind.__name__ for kind in questions.Facts.__args__} == kinds
    answers = {method.output_type.name for method in DECISIONS}
    assert {kind.__name__ for kind in questions.Response.__args__} == {*answers, "DecideResponse"}


def reachable(message: Descriptor, seen: set[str]) -> Iterator[str]:
    """Yield the names of our messages and enums that `message` is made of."""
    for field in message.fields:
        part = field.message_type or field.enum_type
        if part and part.file.package == message.file.package and part.name not in seen:
            seen.add(part.name)
            yield part.name
            if field.message_type:
                yield from reachable(field.message_type, seen)


def test_every_type_a_caller_meets_is_exported() -> None:
    """Whatever facts and answers are made of can be imported from the package itself."""
    met: set[str] = set()
    for method in ASKED:
        facts = facts_of(method)
        met |= {facts.name, *reachable(facts, set())}
        met |= {method.output_type.name, *reachable(method.output_type, set())}
    assert {name for name in met if not hasattr(dealgate_client, name)} == set()


def test_it_needs_what_it_declares_and_nothing_else() -> None:
    """Every import is Python's, its own, or a declared dependency's: it installs alone."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {PROVIDES[re.split(r"[><=~]", line)[0]] for line in project["dependencies"]}
    imported: set[str] = set()
    for path in (ROOT / "dealgate_client").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    assert imported - set(sys.stdlib_module_names) - {"dealgate_client"} == declared


SNIPPETS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_the_readme_runs(snippet: str, server: StandIn) -> None:
    """Each of its programs runs as it stands, against a server at the place it names."""
    program = snippet.replace("localhost:50051", server.target)
    exec(compile(program, "README.md", "exec"), {"__name__": "readme"})
    assert server.received
