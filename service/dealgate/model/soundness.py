"""Whether facts are sound in themselves: one pass over a message, by code written for its type.

Facts are looked at for text that shows nothing (`texts.py`), for what no facts may hold
(`malformed.py`) and for numbers and lists outside of their bounds (`bounds.py`). Nearly always
there is nothing to find, so one pass tells that first; only facts that do not pass it are looked
through by those three, which say what is wrong and where.
"""

from calendar import monthrange
from collections.abc import Callable, Sequence
from functools import cache
from keyword import iskeyword
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal as DecimalMessage
from google.type.money_pb2 import Money

from dealgate.model.bound_table import BOUNDS, Bound, longest
from dealgate.model.fields import descriptor_of, enum_of
from dealgate.model.instants import FIRST_SECOND, LAST_SECOND
from dealgate.model.malformed import (
    DURATION_SECONDS,
    FLOATING,
    NANOS_MAX,
    WELL_KNOWN,
    plain_decimal,
)
from dealgate.model.money import minor_factor
from dealgate.model.texts import shows

# Holds an object for as long as facts are judged.
Hold: TypeAlias = Callable[[Any], None]
# A value → whether nothing is wrong with it.
Within: TypeAlias = Callable[[Any], bool]
# A message, and who holds what is read of it → whether nothing is wrong with it.
Sound: TypeAlias = Callable[[Any, Hold], bool]
# As `Sound`; what has properties is added to the list.
Collecting: TypeAlias = Callable[[Any, Hold, list[Any]], bool]
TIMESTAMP = f"{FIRST_SECOND} <= v.seconds <= {LAST_SECOND} and 0 <= v.nanos <= {NANOS_MAX}"
DURATION = f"0 <= v.seconds <= {DURATION_SECONDS} and 0 <= v.nanos <= {NANOS_MAX}"
# What most amounts and days are: such are sound, others are looked at.
USUAL = {
    Money.DESCRIPTOR.full_name: "v.nanos == 0 and factor(v.currency_code)",
    Date.DESCRIPTOR.full_name: "0 < v.day <= days(v.month, 0) and 0 < v.year <= 9999",
}
# The days that each month has in every year.
DAYS = {month: monthrange(1970, month)[1] for month in range(1, 13)}
INT32_MOST = 2**31 - 1
HAS = "m.HasField("
# From how many fields on those that are given are asked for; and their tests, by their fields.
MANY, TESTS = 8, "tests"
# Stands for a test that a field was given at all.
GIVEN = "@given"
# Whether what has properties is collected, and left to who knows what is declared of them.
MET = "@met"
# A text that begins with a visible character of ASCII shows something.
SEEN = "'!' <= v < '\\x7f'"

# A class is found sooner than its descriptor; there are no more of them than types of facts.
_BY_CLASS: dict[type[Message], Sound] = {}


def is_sound(
    facts: Message, with_properties: list[Any] | None = None, hold: Hold | None = None
) -> bool:
    """Tell whether nothing blank, malformed or out of bounds is in the facts, however deep.

    False may be a false alarm; True is certain. Messages that have properties are added to
    `with_properties`, and it is left to the caller to look at those; without it any is unsound.

    Every message that was read is given to `hold`: protobuf makes an object of a message whenever
    nobody holds the one that it made before, and who reads next would wait for it again.
    """
    hold = hold or list[Any]().append
    if with_properties is None:
        sound = _BY_CLASS.get(facts.__class__)
        if sound is None:
            sound = _BY_CLASS[facts.__class__] = sound_of(descriptor_of(facts))
        return sound(facts, hold)
    return collecting(descriptor_of(facts))(facts, hold, with_properties)


@cache
def sound_of(message: Descriptor) -> Sound:
    """Return the test of a message type of ours."""
    sound: Sound = _compiled(message, ("m", "hold"), None)
    return sound


@cache
def collecting(message: Descriptor) -> Collecting:
    """Return the test that leaves properties to others, and collects what has some."""
    sound: Collecting = _compiled(message, ("m", "hold", "met"), MET)
    return sound


def _compiled(message: Descriptor, takes: Sequence[str], met: str | None) -> Any:
    scope: dict[str, Any] = {"shows": shows, MET: met, TESTS: {}}
    fields = sorted(message.fields, key=lambda field: int(field.number))
    if len(fields) < MANY:
        tests = [line for field in fields for line in _lines(message, field, scope)]
        if sum(line.count(HAS) for line in tests) > 1:
            # To look up a method of a message takes longer than to call it.
            tests = ["has = m.HasField", *(line.replace(HAS, "has(") for line in tests)]
        lines = _function("sound", takes, tests)
    else:
        lines = _of_many(message, fields, takes, scope)
    exec(compile("\n".join(lines), f"<sound {message.full_name}>", "exec"), scope)  # noqa: S102
    scope[TESTS].update({field: scope[name] for field in fields if (name := _test(field)) in scope})
    return scope["sound"]


def _function(name: str, takes: Sequence[str], lines: Sequence[str]) -> list[str]:
    body = ["    " + line for line in (*lines, "return True")]
    return [f"def {name}({', '.join(takes)}):", *body]


def _of_many(
    message: Descriptor,
    fields: Sequence[FieldDescriptor],
    takes: Sequence[str],
    scope: dict[str, Any],
) -> list[str]:
    """Write the test of a type with many fields, of which few are mostly given.

    It goes through those that are, with a function for each field that is not a text.
    """
    functions, absent = list[str](), list[str]()
    for field in fields:
        is_text = field.type == FieldDescriptor.TYPE_STRING and not field.is_repeated
        if is_text:
            continue
        if field.is_repeated or field.has_presence or field.enum_type is not None:
            tests = _given(message, field, "v", scope)
            functions += _function(_test(field), ("m", "v", *takes[1:]), tests) if tests else ()
        else:  # an absent one is 0, which may be too few
            absent += _lines(message, field, scope)
    tests = [
        "for field, v in m.ListFields():",
        "    if v.__class__ is str:",
        f"        if not {SEEN} and not shows(v): return False",
        "    else:",
        f"        test = {TESTS}.get(field)",
        f"        if test is not None and not test(m, v, {', '.join(takes[1:])}): return False",
    ]
    return [*functions, *_function("sound", takes, [*absent, *tests])]


def _test(field: FieldDescriptor) -> str:
    return f"test{field.number}"


def _given(
    message: Descriptor, field: FieldDescriptor, value: str, scope: dict[str, Any]
) -> list[str]:
    """Write the test of a field that is given as `value`; nothing: it cannot be wrong."""
    lines = _element(field, BOUNDS.get(f"{message.name}.{field.name}"), scope)
    if field.is_repeated:
        return _list(message, field, value, lines)
    if lines and field.message_type is not None:
        lines = ["hold(v)", *lines]
    return [line.replace(GIVEN, "") for line in lines]


def _lines(message: Descriptor, field: FieldDescriptor, scope: dict[str, Any]) -> list[str]:
    """Write the test of one field: it ends the function if something may be wrong."""
    value = f"getattr(m, {field.name!r})" if iskeyword(field.name) else f"m.{field.name}"
    if field.is_repeated:
        return _given(message, field, value, scope)
    if field.message_type is not None:
        held = [f"    {line}" for line in _given(message, field, value, scope)]
        return [f"if m.HasField({field.name!r}):", f"    v = {value}", *held] if held else []
    lines = _element(field, BOUNDS.get(f"{message.name}.{field.name}"), scope)
    if not lines:
        return []
    # The value of an absent field is sound but for a bound that leaves 0 out, or no text.
    has = f"m.HasField({field.name!r})" if field.has_presence else ""
    given = f" and {has}" if has else ""
    if field.type == FieldDescriptor.TYPE_STRING:
        given = f"(v or {has}) and " if has else "v and "
    lines = [line.replace(GIVEN, given) for line in lines]
    return [f"v = {value}", *lines]


def _list(message: Descriptor, field: FieldDescriptor, value: str, lines: list[str]) -> list[str]:
    most = longest(f"{message.name}.{field.name}")
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return [f"if {value}: return False"]
    lines = [line.replace(GIVEN, "") for line in lines]
    test = [f"items = {value}", "if items:", f"    if len(items) > {most}: return False"]
    if not lines:
        return test
    held = [] if field.message_type is None else ["    items = [*items]", "    hold(items)"]
    return [*test, *held, "    for v in items:", *("        " + line for line in lines)]


def _element(field: FieldDescriptor, bound: Bound | None, scope: dict[str, Any]) -> list[str]:
    """Write the test of a value `v`; nothing: it cannot be wrong."""
    if field.message_type is not None:
        return _message(field.message_type, field.number, bound, scope)
    if field.type == FieldDescriptor.TYPE_STRING:
        return [f"if {GIVEN}not {SEEN} and not shows(v): return False"]
    if field.enum_type is not None:
        scope[f"n{field.number}"] = frozenset(enum_of(field).values_by_number)
        return [f"if v not in n{field.number}{GIVEN}: return False"]
    tests = ["v - v == 0"] if field.cpp_type in FLOATING else []
    if bound is not None:
        at_most = "" if _is_most(field, bound) else f" <= {bound.high}"
        tests.append(f"{bound.low} {'<' if bound.above else '<='} v{at_most}")
    return [f"if not ({' and '.join(tests)}){GIVEN}: return False"] if tests else []


def _is_most(field: FieldDescriptor, bound: Bound) -> bool:
    """Tell whether no value of the field's type is more than its bound allows."""
    return field.type == FieldDescriptor.TYPE_INT32 and bound.high >= INT32_MOST


def _message(
    type_: Descriptor, number: int, bound: Bound | None, scope: dict[str, Any]
) -> list[str]:
    if type_ is Struct.DESCRIPTOR:
        return ["met.append(m)"] if scope[MET] else ["if v.fields: return False"]
    if type_ is Timestamp.DESCRIPTOR:
        return [f"if not ({TIMESTAMP}): return False"]
    if type_ is Duration.DESCRIPTOR:
        return [f"if not ({DURATION}): return False"]
    if type_ is DecimalMessage.DESCRIPTOR and bound is not None:
        scope[f"s{number}"] = _decimal_within(bound)
    elif type_.full_name in WELL_KNOWN:
        scope[f"c{number}"] = WELL_KNOWN[type_.full_name]
        usual = USUAL.get(type_.full_name)
        if usual is None:
            return [f"if c{number}(v): return False"]
        scope["factor"], scope["days"] = minor_factor, DAYS.get
        return [f"if not ({usual}) and c{number}(v): return False"]
    elif _can_be_unsound(type_, frozenset()):
        scope[f"s{number}"] = _when_needed(type_, scope, f"s{number}")
        given = "v, hold, met" if scope[MET] else "v, hold"
        return [f"if not s{number}({given}): return False"]
    else:
        return []
    return [f"if not s{number}(v): return False"]


def _decimal_within(bound: Bound) -> Within:
    def sound(value: DecimalMessage) -> bool:
        number = plain_decimal(value)
        return number is not None and not bound.violations(number)

    return sound


def _when_needed(message: Descriptor, scope: dict[str, Any], name: str) -> Callable[..., bool]:
    """Return what writes the test of a type when it is first called, and takes its place."""

    def first(value: Message, hold: Hold, *met: list[Any]) -> bool:
        sound: Any = collecting(message) if met else sound_of(message)
        scope[name] = sound
        return bool(sound(value, hold, *met))

    return first


def _can_be_unsound(message: Descriptor, above: frozenset[str]) -> bool:
    """Tell whether any field of this type, or below it, needs a look."""
    if message.full_name in WELL_KNOWN:
        return True
    inside = above | {message.full_name}
    return any(_needs_a_look(message, field, inside) for field in message.fields)


def _needs_a_look(message: Descriptor, field: FieldDescriptor, above: frozenset[str]) -> bool:
    if field.is_repeated or field.type in {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_ENUM}:
        return True
    if field.message_type is not None:
        return field.message_type.full_name not in above and _can_be_unsound(
            field.message_type, above
        )
    return f"{message.name}.{field.name}" in BOUNDS or field.cpp_type in FLOATING
