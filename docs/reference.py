"""A page for each kind: its facts, what rules claim, its parameters, its outcome, and an example.

They are made for the site and not kept: contracts and models say all of it (`docs/site.py`).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, get_args

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dealgate.kinds import KINDS
from dealgate.model.contracts import comment
from dealgate.model.fields import message_of
from dealgate.model.kind import AnyKind
from dealgate.rulebook.literals import LITERALS
from dealgate.rulebook.messages import is_map

SCALARS = {
    FieldDescriptor.CPPTYPE_BOOL: "bool",
    FieldDescriptor.CPPTYPE_STRING: "string",
    FieldDescriptor.CPPTYPE_DOUBLE: "double",
    FieldDescriptor.CPPTYPE_FLOAT: "double",
    FieldDescriptor.CPPTYPE_INT32: "int",
    FieldDescriptor.CPPTYPE_INT64: "int",
    FieldDescriptor.CPPTYPE_UINT32: "uint",
    FieldDescriptor.CPPTYPE_UINT64: "uint",
}
EXAMPLE_LINES = 40


def page(kind: AnyKind, rules: Path) -> str:
    """Return the reference of a kind."""
    response: Any = kind.response.DESCRIPTOR
    outcome = response.fields_by_name["outcome"].message_type
    facts: Any = kind.facts.DESCRIPTOR
    parts = [
        f"# {kind.name}",
        f"What it is for, and who owns it: [its rules](../../rules/{kind.name}/README.md).",
        *_messages("Facts", facts),
        "## What a rule claims",
        _model(kind.effect),
        "## Parameters",
        _model(kind.parameters),
        *_messages("Outcome", outcome),
        "## Example",
        _example(kind.name, rules),
    ]
    return "\n\n".join(parts) + "\n"


def _messages(title: str, root: Descriptor) -> Iterator[str]:
    """Yield a table for a message and each that it is made of."""
    yield f"## {title}"
    seen, waiting = set[str](), [root]
    while waiting:
        message = waiting.pop(0)
        if message.full_name in seen:
            continue
        seen.add(message.full_name)
        if message is not root:
            yield f"### {message.name}"
        yield _table(message)
        inner = [message_of(field) for field in message.fields if _is_own(field)]
        waiting += [each for each in inner if each.full_name not in seen]


def _is_own(field: FieldDescriptor) -> bool:
    message = field.message_type
    if message is None or message.full_name in LITERALS or is_map(field):
        return False
    return message.full_name.startswith("dealgate.")


def _table(message: Descriptor) -> str:
    lines = ["| field | type | says |", "| --- | --- | --- |"]
    for field in message.fields:
        said = comment(field.full_name)
        text = said.text if said else ""
        lines.append(f"| `{field.name}` | {_type(field)} | {_cell(text)} |")
    return "\n".join(lines)


def _type(field: FieldDescriptor) -> str:
    if is_map(field):
        return "map"
    if field.enum_type is not None:
        single = ", ".join(f"`{value.name}`" for value in field.enum_type.values[1:])
    elif field.message_type is not None:
        single = message_of(field).name
    else:
        single = SCALARS[field.cpp_type]
    return f"list of {single}" if field.is_repeated else single


def _model(model: type[BaseModel]) -> str:
    lines = ["| key | type | says |", "| --- | --- | --- |"]
    for name, field in model.model_fields.items():
        required = ", required" if field.is_required() else ""
        words = _cell(field.description or "")
        lines.append(
            f"| `{field.alias or name}` | {_cell(_annotated(field))}{required} | {words} |"
        )
    return "\n".join(lines) if model.model_fields else "Nothing."


def _annotated(field: FieldInfo) -> str:
    annotation = field.annotation
    values = [str(value) for value in get_args(annotation) if isinstance(value, str)]
    if values:
        return ", ".join(f"`{value}`" for value in values)
    text = getattr(annotation, "__name__", "") if not get_args(annotation) else str(annotation)
    return text.replace("typing.", "").replace("collections.abc.", "").rsplit("dealgate.", 1)[-1]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _example(kind: str, rules: Path) -> str:
    """Return the first case of the newest version: facts, and what follows from them."""
    newest = max(
        (rules / kind).glob("v*.cases.yaml"), key=lambda path: int(path.name[1:].partition(".")[0])
    )
    lines = newest.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("  - case:"))
    rest = lines[start + 1 :]
    end = next((i for i, line in enumerate(rest) if line.startswith("  - case:")), len(rest))
    shown = [lines[start], *rest[:end]][:EXAMPLE_LINES]
    return "```yaml\n" + "\n".join(line.rstrip() for line in shown).rstrip() + "\n```"


def index(names: Sequence[str]) -> str:
    """Return the page that lists them."""
    lines = [f"* [{name}]({name}.md)" for name in names]
    return "# Reference\n\nFacts, claims, parameters and outcomes of each kind.\n\n" + "\n".join(
        lines
    )


def write(folder: Path, rules: Path) -> None:
    """Write all pages into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, kind in KINDS.items():
        (folder / f"{name}.md").write_text(page(kind, rules), encoding="utf-8")
    (folder / "README.md").write_text(index(sorted(KINDS)) + "\n", encoding="utf-8")
