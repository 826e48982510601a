"""The shape of the project: floors, names, and generated code that is fresh."""

import ast
import filecmp
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor

from dealgate.kinds import KINDS
from dealgate.model.kind import AnyKind
from dealgate.v1 import decision_service_pb2

ROOT = Path(__file__).parent.parent
GENERATED = (
    "service/dealgate/v1",
    "clients/python/dealgate_client/v1",
    "clients/python/dealgate_client/blocking",
    "proto/google/api",
    "proto/google/type",
    "proto/google/rpc",
)
HAND_WRITTEN = ["connection.py", "streaming.py"]
BANNED = {"utils", "common", "helpers", "core", "base", "manager"}


def test_every_room_imports_only_what_lies_below_it() -> None:
    """The floors of the design hold, and each outside library stays in its room."""
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout


def test_generated_code_is_fresh(tmp_path: Path) -> None:
    """What is committed is what `make generate` writes: nothing stale, missing or orphaned."""
    subprocess.run(
        [sys.executable, ROOT / "proto/generate.py", tmp_path],
        check=True,
        capture_output=True,
        env={"PATH": str(Path(sys.executable).parent)},
    )

    for folder in GENERATED:
        compared = filecmp.dircmp(
            ROOT / folder, tmp_path / folder, ignore=["__pycache__", *HAND_WRITTEN]
        )
        different = filecmp.cmpfiles(
            ROOT / folder, tmp_path / folder, compared.common_files, shallow=False
        )[1]
        assert (compared.left_only, compared.right_only, different) == ([], [], [])


def test_nothing_uses_the_event_loops_own_executor() -> None:
    """It is shared, and leaving waits for it: work off the loop belongs in `aside/` (ADR 28)."""
    shared = re.compile(r"to_thread\(|run_in_executor\(\s*None|multiprocessing")
    files = (ROOT / "service/dealgate").rglob("*.py")
    found = [path for path in files if shared.search(path.read_text("utf-8"))]
    # The pool is for commands, which have no event loop.
    assert [path.name for path in found] == ["pool.py"]


def test_a_kind_wears_one_name_in_every_place() -> None:
    """Its proto file, its Python, its rules, and its place among questions and answers."""
    names = set(KINDS)

    assert {kind.request.DESCRIPTOR.file.name for kind in KINDS.values()} == {
        f"dealgate/v1/{name}.proto" for name in names
    }
    fields = {field.name for field in decision_service_pb2.Question.DESCRIPTOR.fields}
    assert fields - {"declared"} == names
    assert {kind.name for kind in KINDS.values()} == names
    assert _python_of(ROOT / "service/dealgate/kinds") == names
    folders = {path.name for path in (ROOT / "rules").iterdir() if path.is_dir()}
    assert folders - {"signals"} == names


def _python_of(folder: Path) -> set[str]:
    found = {path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir()}
    return found - {"__init__", "__pycache__"}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_questions_and_answers_hold_each_kinds_own_messages(kind: AnyKind) -> None:
    """A batch asks and answers exactly what the kind's own RPC does."""
    question = decision_service_pb2.Question.DESCRIPTOR.fields_by_name[kind.name]
    answer = decision_service_pb2.Answer.DESCRIPTOR.fields_by_name[kind.name]

    assert question.message_type is kind.request.DESCRIPTOR
    assert answer.message_type is kind.response.DESCRIPTOR
    assert kind.request.DESCRIPTOR.fields_by_name["facts"].message_type is kind.facts.DESCRIPTOR


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_fact_can_be_missing(kind: AnyKind) -> None:
    """0 and "not known" are different bytes: each single fact is optional, or a message.

    An answer that is sent on, as with a refund or a commission, is no set of facts.
    """
    answers = {
        field.containing_type
        for each in KINDS.values()
        for field in _fields(each.response.DESCRIPTOR)
    }
    facts = [f for f in _fields(kind.facts.DESCRIPTOR) if f.containing_type not in answers]
    without = [field.full_name for field in facts if not _optional(field)]

    assert without == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_decision_is_about_something_in_its_facts(kind: AnyKind) -> None:
    """What a kind declares as its entity is an id that its facts have a field for."""
    asked, expected = kind.facts(), kind.entity.split("/")
    *holders, id_ = expected[1].split(".")
    holder = asked
    for name in holders:
        holder = getattr(holder, name)
    setattr(holder, id_, "X-1")

    assert str(kind.entity_of(asked)) == f"{expected[0]}/X-1"


def _optional(field: FieldDescriptor) -> bool:
    return field.is_repeated or field.has_presence


def _fields(message: Any, seen: frozenset[str] = frozenset()) -> Iterator[FieldDescriptor]:
    for field in message.fields:
        yield field
        below = field.message_type
        if below and below.full_name.startswith("dealgate.") and below.full_name not in seen:
            yield from _fields(below, seen | {message.full_name})


def test_no_room_is_a_drawer() -> None:
    """A file is named after what it holds."""
    names = {path.stem for path in (ROOT / "service").rglob("*.py")}

    assert names.isdisjoint(BANNED)


def test_the_architecture_page_names_every_room_and_the_floors_as_they_are() -> None:
    """A newcomer reads which rooms there are and what lies below what: both are true."""
    page = (ROOT / "docs/architecture.md").read_text()
    table = page[page.index("## Packages") : page.index("A room imports")]
    named = set(re.findall(r"^\| `(\w+)(?:/|\.py)` \|", table, re.MULTILINE))
    rooms = _python_of(ROOT / "service/dealgate") - {"__main__"}
    assert named == rooms

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    floors = "\n".join(layer.translate({ord("("): None, ord(")"): None}) for layer in layers)
    assert f"```\n{floors}\n```" in page


def test_the_architecture_page_names_files_that_are_there() -> None:
    """A path is one below the rooms; a name without a folder is in a room named beside it."""
    page = (ROOT / "docs/architecture.md").read_text()
    rooms = ROOT / "service/dealgate"
    client = ROOT / "clients/python"
    tops = (rooms, ROOT, client, client / "dealgate_client")
    missing: list[str] = []
    for block in re.split(r"\n\n|\n(?=\| |\d\. )", page):
        paths = re.findall(r"[\w/]+\.py\b|\w[\w/]*/(?=[\s`])", block)
        beside = {path.partition("/")[0] for path in paths if (rooms / path).exists()}
        missing += [
            path
            for path in paths
            if not any((top / path).exists() for top in tops)
            and not any([*(rooms / room).rglob(path)] for room in beside)
        ]
    assert missing == []


def test_arguments_are_named_after_what_they_hold() -> None:
    """`found`, `one` and `each` say nothing of it: a violation, a claim, a row."""
    vague = {"found", "one", "each"}
    # What follows an argument; most files need not be parsed.
    suspect = re.compile(rf"\b({'|'.join(vague)})\s*[:,=)]")
    named = [
        f"{path.relative_to(ROOT)}:{node.lineno} {argument.arg}"
        for path in (ROOT / "service/dealgate").rglob("*.py")
        if "v1" not in path.parts and suspect.search(text := path.read_text())
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        if argument.arg in vague
    ]
    assert named == []


def test_classes_and_functions_are_named_after_what_they_are() -> None:
    """`Found` was the name of five classes: a diagnostic, flips, a case, a check's result, news."""
    vague = re.compile(
        r"^ *(?:async )?(?:class|def) (_?(?:found|one|thing)s?)\b", re.IGNORECASE | re.MULTILINE
    )
    named = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "service/dealgate").rglob("*.py")
        if "v1" not in path.parts
        for name in vague.findall(path.read_text())
    ]
    assert named == []


def test_no_two_modules_of_a_room_share_a_name() -> None:
    """Whoever reads a name in a stack trace knows which file it is; kinds are alike by design."""
    for room in (ROOT / "service/dealgate").iterdir():
        modules = Counter(
            path.stem
            for path in room.rglob("*.py")
            if not path.stem.startswith("__") and not {"v1", "migrations"} & set(path.parts)
        )
        twice = {stem for stem, times in modules.items() if times > 1}
        # The journals of two databases answer to the same names.
        assert twice == set() or room.name in {"kinds", "journal"}, (room.name, twice)
