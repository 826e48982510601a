"""Facts are written the way cases write them, so that they can be pasted into one."""

import json

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from dealgate.model.fields import Held, message_of
from dealgate.rulebook.literals import LITERALS
from dealgate.rulebook.messages import is_map
from dealgate.rulebook.scalars import Field


def written_facts(facts: Message) -> str:
    """Return a message as flow YAML: `{lead: {id: "1", company: {employees: 49}}}`.

    Read again as the facts of a case it is the same message.
    """
    pairs = [
        f"{field.name}: {_field(field, getattr(facts, field.name))}"
        for field, _ in facts.ListFields()
    ]
    return f"{{{', '.join(pairs)}}}"


def _field(field: Field, value: Held) -> str:
    if is_map(field):
        of = message_of(field).fields_by_name["value"]
        pairs = [f"{_text(str(key))}: {_single(of, value[key])}" for key in sorted(value)]
        return f"{{{', '.join(pairs)}}}"
    if field.is_repeated:
        return f"[{', '.join(_single(field, item) for item in value)}]"
    return _single(field, value)


def _single(field: Field, value: Held) -> str:
    if field.message_type is not None:
        literal = LITERALS.get(field.message_type.full_name)
        if literal is None:
            return written_facts(value)
        shown = literal.show(value)
        return f'"{shown}"' if field.message_type.name == "Decimal" else shown
    if field.enum_type is not None:
        known = field.enum_type.values_by_number
        return str(known[value].name) if value in known else str(value)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return "true" if value else "false"
    return _text(value) if isinstance(value, str) else str(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
