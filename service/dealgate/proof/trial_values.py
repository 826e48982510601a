"""Values to try for a fact, so that an expression which reads it may get the wanted value."""

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from dealgate.language import syntax
from dealgate.model.texts import shows
from dealgate.proof.accepted_values import Probe
from dealgate.proof.dimensions import DATE, DAY, EPOCH_DAY, Class, Dimension
from dealgate.proof.evaluation import Evaluation
from dealgate.proof.fact_paths import clear, field_at, grow, write
from dealgate.proof.samples import NO_VALUE, Value, whole
from dealgate.proof.terms import Term

LONGEST = 50


class Attempts:
    """Ways to change `message`, which is judged at `as_of`; `alike` are dimensions to meet too."""

    def __init__(
        self,
        message: Message,
        as_of: int,
        evaluation: Evaluation,
        probe: Probe,
        alike: Sequence[Dimension],
    ) -> None:
        self._message = message
        self._as_of = as_of
        self._evaluation = evaluation
        self._probe = probe
        self._alike = alike

    def ways(
        self, dimension: Dimension, class_: Class, path: str
    ) -> Iterator[Callable[[Message], None]]:
        """Yield ways to change the fact at `path` that may bring a dimension to a class."""
        if class_.sample is NO_VALUE:
            yield lambda facts: clear(facts, path)
            return
        field_ = field_at(self._message, path)
        if field_.is_repeated and not path.endswith("[]"):
            sizes = [whole(class_.sample)] if dimension.size_of is not None else [1, 2, 0]
            for size in sizes:
                if size <= LONGEST:
                    yield lambda facts, n=size: grow(facts, path, n)  # type: ignore[misc]
            return
        for value in self._values(dimension, class_, path, field_):
            yield lambda facts, v=value: attempt(facts, path, v)  # type: ignore[misc]

    def _values(
        self, dimension: Dimension, class_: Class, path: str, field_: FieldDescriptor
    ) -> Iterator[Value]:
        sample = class_.sample
        name = field_.message_type.name if field_.message_type is not None else ""
        if name in {"Timestamp", "Date"}:
            yield from self._moments(dimension, sample, name)
        elif name == "Money":
            for currency in self._probe.currencies:
                for amount in (0, 1, 1000, -1):
                    yield currency, amount * 10**9
        elif name == "Duration":
            yield from (sample, 0, 1, 10**9, 3600 * 10**9, DAY)
        elif field_.enum_type is not None:
            yield from (value.number for value in field_.enum_type.values if value.number)
        elif field_.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            words = self._words(dimension, class_)
            # Text that shows nothing is taken out before a rule sees it.
            seen = filter(shows, words)
            yield from (word for word in seen if not self._probe.refuses(path, word))
        elif field_.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
            yield from (True, False)
        else:
            yield from self._numbers(dimension, sample)

    def _moments(self, dimension: Dimension, sample: Value, name: str) -> Iterator[Value]:
        """Yield instants, or days, at the wanted distance from the others that it reads."""
        bases = [self._as_of]
        spans: list[int] = [0, 1, -1, DAY, -DAY, 3 * DAY, -3 * DAY, 400 * DAY, -400 * DAY]
        if isinstance(sample, int) and not isinstance(sample, bool):
            spans = [sample, -sample, sample * DAY, -sample * DAY, *spans]
            spans += [2 * sample * DAY, -2 * sample * DAY]
            if dimension.type in {"timestamp", DATE}:
                bases.insert(
                    0, sample if dimension.type == "timestamp" else (sample - EPOCH_DAY) * DAY
                )
        for term in dimension.sides or ():
            moments = self._evaluation.of(term, self._message, self._as_of)
            if isinstance(moments, int):
                bases.insert(
                    0, moments if term.type == "timestamp" else (moments - EPOCH_DAY) * DAY
                )
        for base in bases:
            for span in spans:
                moment = base + span
                yield moment if name == "Timestamp" else EPOCH_DAY + moment // DAY

    def _words(self, dimension: Dimension, class_: Class) -> Iterator[str]:
        literals = [w for w in _literals(dimension) if isinstance(w, str)]
        for term in dimension.sides or ():
            side = self._evaluation.of(term, self._message, self._as_of)
            literals += [side] if isinstance(side, str) else []
        if isinstance(class_.sample, str):
            yield class_.sample
        if dimension.size_of is not None and whole(class_.sample) <= LONGEST:
            yield "x" * whole(class_.sample)
        for other in self._alike:
            literals += [w for w in _literals(other) if isinstance(w, str) and w not in literals]
        for permutation, another in permutations(literals, 2):
            yield from (f"{permutation}{another}", f"{permutation}x{another}")
        for word in literals:
            yield from (word, f"{word}x", f"x{word}", f"x{word}x", word.lower(), word.upper())
        yield from self._probe.words

    def _numbers(self, dimension: Dimension, sample: Value) -> Iterator[Value]:
        if isinstance(sample, (int, float)) and not isinstance(sample, bool):
            yield sample
        for number in (n for n in _literals(dimension) if isinstance(n, (int, float))):
            for near in (number, number + 1, number - 1):
                yield near
                if isinstance(sample, int) and isinstance(near, int) and near:
                    yield from (sample + near, sample - near, sample * near, sample // near)
        yield from (0, 1, 2, 10, 100, 1000, -1)


def attempt(facts: Message, path: str, value: Value) -> None:
    """Write a value if the field can hold it."""
    try:
        write(facts, path, value)
    except (ValueError, TypeError, OverflowError):
        return


def _literals(dimension: Dimension) -> Iterator[Any]:
    terms: Sequence[Term | None] = dimension.sides or (dimension.term or dimension.size_of,)
    for term in terms:
        for node in syntax.walk(term.node) if term is not None else ():
            if syntax.kind(node) == "const_expr":
                yield syntax.constant(node.const_expr)
