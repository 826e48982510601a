"""Reading and writing the fact at a path such as "lead.company.employees" or "activities[].type".

`[]` stands for the first element of a list, which is added if it is not there. Values are those of
dimensions: a date is the number of its day, money (currency, nanos), an instant nanoseconds.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from dealgate.language.values import NANOS
from dealgate.model.fields import along, descriptor_of
from dealgate.proof.dimensions import DAY, EPOCH_DAY, NOON, date_of
from dealgate.proof.samples import Value, amount, whole
from dealgate.rulebook.messages import is_map

SAMPLES: Mapping[str, Value] = {
    "google.type.Date": NOON // DAY + EPOCH_DAY,
    "google.type.Money": ("EUR", 1_000 * NANOS),
    "google.type.Decimal": Decimal(1),
    "google.protobuf.Timestamp": NOON,
}


class UnwritableFacts(Exception):
    """No facts could be written down for a point: `reason`, and the `detail` that it is about."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


def field_at(message: Message, path: str) -> FieldDescriptor:
    """Return the field that a path ends in; raises UnwritableFacts if there is none."""
    names = path.replace("[]", "").split(".")
    fields = along(descriptor_of(message), names)
    if len(fields) < len(names):
        raise UnwritableFacts("facts cannot be written", path)
    return fields[-1]


def write(facts: Message, path: str, value: Value) -> None:
    """Set the fact at `path`, and with it all that it lies in."""
    field_at(facts, path)
    above, _, name = path.rpartition(".")
    holder: Any = _holder(facts, above)
    if name.endswith("[]"):
        items = getattr(holder, name[:-2])
        del items[:]
        if field_at(facts, path).message_type is None:
            items.append(value)
        else:
            _write_message(items.add(), value)
        return
    field = holder.DESCRIPTOR.fields_by_name[name]
    if field.message_type is None:
        setattr(holder, name, value)
        if holder.DESCRIPTOR.name == "Money" and not holder.currency_code:
            holder.currency_code = "EUR"
    else:
        _write_message(getattr(holder, name), value)


def clear(facts: Message, path: str) -> None:
    """Take the fact at `path` away."""
    field_at(facts, path)
    above, _, name = path.rpartition(".")
    _holder(facts, above).ClearField(name.removesuffix("[]"))


def items(facts: Message, path: str) -> Any:
    """Return the list at `path`."""
    above, _, name = path.rpartition(".")
    return getattr(_holder(facts, above), name)


def grow(facts: Message, path: str, size: int) -> None:
    """Make the list at `path` that long, with elements that say nothing."""
    field = field_at(facts, path)
    above, _, name = path.rpartition(".")
    listed: Any = getattr(_holder(facts, above), name)
    if is_map(field):
        raise UnwritableFacts("facts cannot be written", path)
    del listed[size:]
    while len(listed) < size:
        if field.message_type is not None:
            _write_sample(listed.add())
        else:
            text = field.cpp_type == FieldDescriptor.CPPTYPE_STRING
            listed.append(f"word-{len(listed) + 1}" if text else len(listed) + 1)


def is_set(facts: Message, path: str) -> bool:
    """Tell whether the fact at `path` is there."""
    holder: Any = facts
    for step in path.split("."):
        name = step.removesuffix("[]")
        value = getattr(holder, name)
        if step.endswith("[]"):
            if not value:
                return False
            value = value[0]
        elif name not in {f.name for f, _ in holder.ListFields()}:
            return False
        holder = value
    return True


def element(facts: Message, path: str) -> Any:
    """Return the first element of the list at `path` ("activities[]"); None: there is none."""
    above, _, name = path.rpartition(".")
    holder: Any = facts
    for step in above.split(".") if above else ():
        holder = getattr(holder, step)
    items = getattr(holder, name.removesuffix("[]"))
    return items[0] if len(items) else None


def _holder(facts: Message, path: str) -> Any:
    holder: Any = facts
    for step in path.split(".") if path else ():
        if step.endswith("[]"):
            items = getattr(holder, step[:-2])
            if not items:
                items.add()
            holder = items[0]
        else:
            holder = getattr(holder, step)
    return holder


def _write_sample(target: Any) -> None:
    """Give a date or an amount that is added to a list something to hold."""
    sample = SAMPLES.get(target.DESCRIPTOR.full_name)
    if sample is not None:
        _write_message(target, sample)


def _write_message(target: Any, value: Value) -> None:
    target.SetInParent()
    name = target.DESCRIPTOR.name
    if name == "Money":
        target.currency_code, all_nanos = amount(value)
        units, nanos = divmod(abs(all_nanos), NANOS)
        sign = -1 if all_nanos < 0 else 1
        target.units, target.nanos = sign * units, sign * nanos
    elif name == "Date":
        year, month, day = date_of(whole(value))
        target.year, target.month, target.day = year, month, day
    elif name == "Timestamp":
        target.seconds, target.nanos = divmod(whole(value), NANOS)
    elif name == "Duration":
        sign = -1 if whole(value) < 0 else 1
        seconds, nanos = divmod(abs(whole(value)), NANOS)
        target.seconds, target.nanos = sign * seconds, sign * nanos
    elif name == "Decimal":
        target.value = f"{Decimal(cast('Decimal', value)):f}"
