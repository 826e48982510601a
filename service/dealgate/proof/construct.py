"""Facts under construction: a fact for each dimension, until all are in the wanted class."""

import math
from collections.abc import Sequence
from itertools import islice, product
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from dealgate.language.scope import AS_OF
from dealgate.proof.accepted_values import Probe
from dealgate.proof.dimensions import DAY, EPOCH_DAY, MONEY, Class, Dimension
from dealgate.proof.evaluation import Evaluation, class_of
from dealgate.proof.fact_paths import UnwritableFacts, clear, field_at, grow, is_set, items, write
from dealgate.proof.formulas import And, Elements
from dealgate.proof.regions import Region, Space
from dealgate.proof.rows import Box, Row, box_of
from dealgate.proof.samples import NO_VALUE, Value, amount, whole
from dealgate.proof.trial_values import Attempts, attempt

TRIES = 400
ROWS = 8
STEPS = (0, 1, 2, 3, 4, 5, 10, 20, 50, 100, 1000)
WHOLE = (
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT32,
    FieldDescriptor.CPPTYPE_UINT64,
)


class Construction:
    """Facts under construction: `point` says which class each dimension must be in."""

    def __init__(
        self,
        message: Message,
        as_of: int,
        evaluation: Evaluation,
        probe: Probe,
        space: Space,
        point: dict[int, int],
    ) -> None:
        self.message = message
        self.as_of = as_of
        self._evaluation = evaluation
        self._probe = probe
        self._space = space
        self._point = point
        self._settled: list[int] = []
        self._free: set[str] = set()
        self._taken: set[str] = set()
        self.only = ""

    def write_all(self) -> None:
        """Write facts for every dimension; raises UnwritableFacts."""
        later = []
        for column in self._point:
            dimension, class_ = self._at(column)
            if dimension.key == AS_OF:
                self.as_of = whole(class_.sample)
            elif not dimension.is_path:
                later.append(column)
            elif not class_.other:
                self._write_fact(dimension, class_)
                self._settled.append(column)
        for column in self._point:
            dimension, class_ = self._at(column)
            if dimension.is_path and class_.other:
                self._write_other(column, dimension)
        later.sort(key=lambda c: (len(self._space.dimensions[c].reads), c))
        for column in later:
            self._bring_about(column)
            self._settled.append(column)

    def _at(self, column: int) -> tuple[Dimension, Class]:
        return self._space.dimensions[column], self._space.classes[column][self._point[column]]

    def _write_fact(self, dimension: Dimension, class_: Class) -> None:
        self._taken.add(dimension.key)
        if class_.sample is not NO_VALUE:
            write(self.message, dimension.key, class_.sample)
        elif is_set(self.message, dimension.key):
            clear(self.message, dimension.key)
        if class_.is_interval:
            self._free.add(dimension.key)

    def _write_other(self, column: int, dimension: Dimension) -> None:
        """Write a word that no condition names; which one is left open to other dimensions."""
        if dimension.type == MONEY:
            named = {code for code, _ in map(amount, dimension.named)}
            self._taken.add(dimension.key)
            code = next(c for c in (*self._probe.currencies, "USD", "JPY", "CHF") if c not in named)
            write(self.message, dimension.key, (code, 10**9))
            return
        word = self._probe.other_word(dimension)
        if word is None:
            raise UnwritableFacts("no other word is known", dimension.key)
        write(self.message, dimension.key, word)
        self._free.add(dimension.key)
        self._settled.append(column)

    def _holds(self, column: int) -> bool:
        dimension = self._space.dimensions[column]
        value = self._evaluation.value(dimension, self.message, self.as_of)
        return class_of(dimension, self._space.classes[column], value) == self._point[column]

    def _bring_about(self, column: int) -> None:
        if self._holds(column):
            return
        dimension, class_ = self._at(column)
        if dimension.elements is not None and self._add_elements(column, dimension, class_):
            return
        for path in reversed(self._open(dimension)):
            before = self.message.SerializeToString()
            if class_.sample is not NO_VALUE:
                self._write_others(dimension, path)
            written = self.message.SerializeToString()
            for way in islice(self._ways(dimension, class_, path), TRIES):
                self.message.ParseFromString(written)
                way(self.message)
                if self._holds(column) and all(map(self._holds, self._settled)):
                    return
            self.message.ParseFromString(before)
        if self._approach(column, class_.sample):
            return
        raise UnwritableFacts(dimension.opaque or "no facts were found", dimension.key)

    def _open(self, dimension: Dimension) -> list[str]:
        """Return the facts that an expression reads and nothing has settled yet."""
        return [
            path
            for path in dimension.reads
            if path.startswith(self.only) and (path not in self._taken or path in self._free)
        ]

    def _approach(self, column: int, wanted: Value) -> bool:
        """Bring a sum of several facts about: each in turn comes as near to it as it can."""
        dimension = self._space.dimensions[column]
        if not isinstance(wanted, int) or isinstance(wanted, bool) or dimension.type != "int":
            return False
        for path in self._open(dimension):
            field_ = field_at(self.message, path)
            if field_.cpp_type not in WHOLE or field_.is_repeated:
                continue
            before = self.message.SerializeToString()
            nearest = before, self._distance(dimension, wanted)
            for number in STEPS:
                self.message.ParseFromString(before)
                attempt(self.message, path, number)
                distance = self._distance(dimension, wanted)
                is_nearer = distance < nearest[1] and not self._probe.refuses(path, number)
                if is_nearer and all(map(self._holds, self._settled)):
                    nearest = self.message.SerializeToString(), distance
            self.message.ParseFromString(nearest[0])
            if self._holds(column):
                return True
        return False

    def _distance(self, dimension: Dimension, wanted: int) -> float:
        value = self._evaluation.value(dimension, self.message, self.as_of)
        return math.inf if value is NO_VALUE else abs(whole(value) - wanted)

    def _write_others(self, dimension: Dimension, but: str) -> None:
        """Write something for all facts but one that an expression reads, so that it can be."""
        for path in self._open(dimension):
            if path == but:
                continue
            field_ = field_at(self.message, path)
            if field_.is_repeated or is_set(self.message, path):
                continue
            if field_.message_type is not None:
                name = field_.message_type.name
                write(self.message, path, default(name, self._probe.currencies[0], self.as_of))
            elif field_.cpp_type == FieldDescriptor.CPPTYPE_STRING:
                word = self._probe.any_word(path)
                if word is None:
                    raise UnwritableFacts("no word is known", path)
                write(self.message, path, word)

    def _add_elements(self, column: int, dimension: Dimension, class_: Class) -> bool:
        """Add elements to a list until what a macro asks of them is as wanted."""
        elements: Elements = dimension.elements
        others = [
            self._space.dimensions[other].elements.keeps(self._at(other)[1].sample)
            for other in self._point
            if other != column and self._shares(other, elements.path)
        ]
        wanted = And((elements.brings(class_.sample), *others))
        before = self.message.SerializeToString()
        rows = list(islice(self._space.rows(wanted, Region.TRUE), ROWS))
        count = whole(class_.sample) if elements.macro == "size" else 1
        is_all = elements.forbids(class_.sample)
        # First without a change to anything but the list.
        for only, row in product((f"{elements.path}[]", ""), rows):
            if is_all:
                count = len(items(self.message, elements.path))
                clear(self.message, elements.path)
            for _ in range(count):
                if not self._add_element(elements.path, row, only):
                    break
            if self._holds(column) and all(map(self._holds, self._settled)):
                return True
            self.message.ParseFromString(before)
        return False

    def _shares(self, column: int, path: str) -> bool:
        elements = self._space.dimensions[column].elements
        return elements is not None and elements.path == path

    def _add_element(self, path: str, row: Row, only: str) -> bool:
        fresh = type(self.message)()
        fresh.CopyFrom(self.message)
        clear(fresh, path)
        point = point_in(self._space, box_of(row, self._space.full))
        made = Construction(fresh, self.as_of, self._evaluation, self._probe, self._space, point)
        made.only = only
        try:
            made.write_all()
        except UnwritableFacts:
            return False
        if not items(fresh, path):
            grow(fresh, path, 1)
        new = list(items(fresh, path))
        clear(fresh, path)
        items(fresh, path).extend([*items(self.message, path), *new])
        self.message.CopyFrom(fresh)
        return True

    def _ways(self, dimension: Dimension, class_: Class, path: str) -> Any:
        related = [self._space.dimensions[other] for other in self._point]
        alike = [other for other in related if other.reads == (path,)]
        attempts = Attempts(self.message, self.as_of, self._evaluation, self._probe, alike)
        return attempts.ways(dimension, class_, path)


def point_in(space: Space, box: Box) -> dict[int, int]:
    """Choose a class for each dimension that is not free; the others need no fact."""
    return {
        column: choice(space.classes[column], mask)
        for column, mask in enumerate(box)
        if mask != space.full[column]
    }


def choice(classes: Sequence[Class], mask: int) -> int:
    """Return the class of `mask` to show: a value that is named, before others, before nothing."""
    known = mask & ~1
    first = (known & -known).bit_length() - 1
    if known and classes[first].other and known != 1 << first:
        rest = known & ~(1 << first)
        return (rest & -rest).bit_length() - 1
    return first if known else 0


def default(message: str, currency: str, as_of: int) -> Value:
    """Return a value for a message that must hold some; raises UnwritableFacts."""
    defaults: dict[str, Value] = {
        "Money": (currency, 1000 * 10**9),
        "Date": EPOCH_DAY + as_of // DAY,
        "Timestamp": as_of - DAY,
        "Duration": 60 * 10**9,
        "Decimal": 0,
    }
    if message not in defaults:
        raise UnwritableFacts(message)
    return defaults[message]
