"""A point becomes facts that anybody can paste into a case, as far as facts can be written for it.

Facts are set directly where a dimension is a fact. For an expression values are tried that may
bring it about (`days_between(closed, as_of)` of 30: thirty days before), and the engine's exact
evaluator says which of them does. What the kind itself requires, such as an id, is filled in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from dealgate.model.kind import AnyKind
from dealgate.proof.accepted_values import Probe
from dealgate.proof.construct import Construction, default, point_in
from dealgate.proof.dimensions import NOON
from dealgate.proof.evaluation import Evaluation
from dealgate.proof.fact_paths import UnwritableFacts, field_at, grow, is_set, write
from dealgate.proof.regions import Space
from dealgate.proof.rows import Box, Row

ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Witness:
    """Facts that show a finding, and the instant (ns) to judge them at."""

    facts: Message = field(repr=False)
    as_of: int


class Witnesses:
    """Writes facts for points of one rule set's space."""

    def __init__(
        self,
        kind: AnyKind,
        evaluation: Evaluation,
        probe: Probe,
        examples: Sequence[Witness] = (),
    ) -> None:
        """`examples` are facts that the kind takes: where it requires much, they are changed."""
        self._kind = kind
        self._evaluation = evaluation
        self._probe = probe
        self._bases = [Witness(kind.facts(), NOON), *examples]

    def build(self, space: Space, box: Box) -> Witness:
        """Return facts that lie in `box`; raises UnwritableFacts."""
        point = point_in(space, box)
        failed: UnwritableFacts | None = None
        for base in self._bases:
            try:
                return self._built(space, point, base)
            except UnwritableFacts as error:
                failed = failed or error
        raise failed or UnwritableFacts("no facts were found")

    def _built(self, space: Space, point: dict[int, int], base: Witness) -> Witness:
        message = self._kind.facts()
        message.CopyFrom(base.facts)
        making = Construction(message, base.as_of, self._evaluation, self._probe, space, point)
        making.write_all()
        self._complete(message, making.as_of)
        return Witness(message, making.as_of)

    @staticmethod
    def fixed(space: Space, box: Box) -> Row:
        """Return the point that `build` writes facts for: the classes that it chooses."""
        return tuple((column, 1 << bit) for column, bit in sorted(point_in(space, box).items()))

    def _complete(self, facts: Message, as_of: int) -> None:
        """Fill in what the kind requires; raises UnwritableFacts if it refuses the facts still."""
        violations: list[tuple[str, str]] = []
        for _ in range(ROUNDS):
            violations = self._probe.violations(facts, as_of)
            filled = [self._fill(facts, path, as_of) for path, _ in violations]
            if not any(filled):
                break
        if violations:
            path, description = violations[0]
            raise UnwritableFacts("the service refuses such facts", f"{path} {description}")

    def _fill(self, facts: Message, path_: str, as_of: int) -> bool:
        path = path_.replace("[0]", "[]")
        try:
            field_ = field_at(facts, path)
            before = facts.SerializeToString(deterministic=True)
            self._write_default(facts, path, field_, as_of)
        except (UnwritableFacts, ValueError, TypeError, IndexError):
            return False
        return bool(facts.SerializeToString(deterministic=True) != before)

    def _write_default(
        self, facts: Message, path: str, field_: FieldDescriptor, as_of: int
    ) -> None:
        if "[" in path.replace("[]", "") or is_set(facts, path):
            raise UnwritableFacts(path)
        if field_.is_repeated:
            grow(facts, path, 1)
        elif field_.message_type is not None:
            write(facts, path, default(field_.message_type.name, self._probe.currencies[0], as_of))
        elif field_.cpp_type == FieldDescriptor.CPPTYPE_STRING:
            words = ("1", *self._probe.words)
            write(facts, path, next(w for w in words if not self._probe.refuses(path, w)))
        else:
            write(facts, path, True if field_.cpp_type == FieldDescriptor.CPPTYPE_BOOL else 1)
