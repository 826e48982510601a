"""One rule set, ready for questions: is there a point here, and do the engine's answers agree?"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dealgate.model.kind import AnyKind
from dealgate.model.proofs import AnyProofs, KindProofs
from dealgate.model.rules import AnyRule, AnyRuleSet
from dealgate.proof.accepted_values import Probe
from dealgate.proof.boxes import TooHard, is_covered, point_outside
from dealgate.proof.conditions import Conditions
from dealgate.proof.dimensions import Dimension
from dealgate.proof.evaluation import Evaluation
from dealgate.proof.fact_paths import UnwritableFacts
from dealgate.proof.formulas import Formula
from dealgate.proof.judging import COMPILED, Confirm, Known, WitnessJudge
from dealgate.proof.kept import Kept
from dealgate.proof.links import Links
from dealgate.proof.readings import Readings
from dealgate.proof.regions import LEFT_OUT, Region, Space
from dealgate.proof.rows import Box, Row, box_of, row_of
from dealgate.proof.samples import Value
from dealgate.proof.witness import Witness, Witnesses

BASES = 4  # examples that facts are made from
NONE: AnyProofs = KindProofs()
TRIES = 12  # points that are written down before a question stays open


class Unproved(Exception):
    """A question stays open: `reason`, and the `detail` that it is about."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Shown:
    """A witness, and the region that it was chosen from."""

    witness: Witness
    region: Row


class Prover:
    """Answers questions about one rule set. All of its rules and named facts are read at once.

    `refused` are values that conditions name and the kind's check refuses, with the reason.
    """

    def __init__(
        self,
        ruleset: AnyRuleSet,
        kind: AnyKind,
        vocabulary: Mapping[str, Sequence[str]] | None = None,
        examples: Sequence[Witness] = (),
        compiled: int = COMPILED,
        kept: Kept | None = None,
    ) -> None:
        """Read all conditions.

        `vocabulary` has words that facts may be although no condition names them; `examples` are
        facts that the kind takes, as unlike as can be at the front. Of up to `compiled` rules the
        compiled program confirms what is shown, besides the exact evaluator. `kept` is what the
        kind said before, under the same parameters.
        """
        self._examples = examples
        self.ruleset = ruleset
        self.proofs = kind.proofs or NONE
        self._kind, self._kept = kind, kept or Kept(kind)
        readings = Readings(ruleset, self._kept)
        self.conditions: Conditions = readings.conditions
        self.rules: dict[str, Formula] = {
            rule.id: readings.formula(rule.when, rule.each) for rule in ruleset.rules
        }
        self.facts: dict[str, Formula] = {
            name: readings.formula(expression)
            for name, expression in ruleset.facts.items()
            if expression.type == "bool"
        }
        for path, words in (vocabulary or {}).items():
            if path in self.conditions.dimensions:
                self.conditions.dimensions[path].named |= set(words)
        kept = self._kept
        self._probe = Probe(kind, ruleset, kept)
        self.refused: list[tuple[Dimension, Value, str]] = list(
            self._probe.narrow(self.conditions.dimensions.values(), vocabulary or {})
        )
        self.evaluation = Evaluation(ruleset, self.conditions.terms, kept)
        self.space = Space(self.conditions.dimensions)
        self._links = list(Links(self.space, self.evaluation, kind.facts).rows())
        self._witnesses = Witnesses(kind, self.evaluation, self._probe, examples[:BASES])
        self._judge = WitnessJudge(ruleset, self.conditions.terms, kind, compiled, kept)
        self._known: dict[int, Known] = {}
        self._judged: dict[int, tuple[Witness, Known | None]] = {}

    def rows(self, formula: Formula, region: Region) -> list[Row]:
        """Return a region of a formula; raises Unproved if that is too hard."""
        try:
            return self.space.rows(formula, region)
        except TooHard as error:
            raise Unproved(str(error)) from None

    def span(self, formula: Formula, region: Region) -> tuple[list[Row], list[Row]]:
        """Return rows that hold a region of a formula, and rows that are to be left out of them.

        A conjunction that is too hard to multiply out is all that its parts leave over, and those
        only add up. Raises Unproved if that is too hard as well.
        """
        try:
            return self.rows(formula, region), []
        except Unproved:
            return [()], self.rows(formula, LEFT_OUT[region])

    def links(self, rows: Iterable[Row]) -> list[Row]:
        """Return the impossible combinations that matter where these rows do."""
        columns = {column for row in rows for column, _ in row}
        return [link for link in self._links if columns.issuperset(c for c, _ in link)]

    def point(self, within: Sequence[Row], without: Sequence[Row]) -> Box | None:
        """Return a box in `within` and outside `without`; None: proved that there is none.

        Raises Unproved.
        """
        links = self.links([*within, *without])
        try:
            for row in within:
                box = point_outside(box_of(row, self.space.full), [*without, *links])
                if box is not None:
                    return box
        except TooHard as error:
            raise Unproved(str(error)) from None
        return None

    def is_covered(self, within: Sequence[Row], by: Sequence[Row]) -> bool:
        """Tell whether there is no point in `within` and outside `by`; raises Unproved."""
        rows = [*by, *self.links([*within, *by])]
        try:
            return all(is_covered(box_of(row, self.space.full), rows) for row in within)
        except TooHard as error:
            raise Unproved(str(error)) from None

    def shown(
        self, within: Sequence[Row], without: Sequence[Row], confirm: Confirm
    ) -> Shown | None:
        """Return facts in `within` and outside `without` of which the engine says what it must.

        None: proved that there are none. Raises Unproved if points were found, but no facts.
        """
        tried: list[Row] = []
        why: Unproved | None = None
        for _ in range(TRIES):
            box = self.point(within, [*without, *tried])
            if box is None:
                break
            tried.append(self._witnesses.fixed(self.space, box))
            try:
                witness = self._witnesses.build(self.space, box)
                if self._judge.agrees(self._judge.known(witness), confirm):
                    return Shown(witness, row_of(box, self.space.full))
                why = why or Unproved("the engine judges the facts that were tried otherwise")
            except UnwritableFacts as error:
                why = why or Unproved(error.reason, error.detail)
        if why is not None:
            raise why
        return None

    def takes(self, dimension: Dimension, value: Value) -> bool:
        """Tell whether the kind's check takes a value that no facts were tried with."""
        return dimension.is_path and not self._probe.refuses(dimension.key, value)

    def confirms(self, witness: Witness, confirm: Confirm) -> bool:
        """Tell whether the kind takes facts and the engine says of them what it must.

        Both by the rules and parameters as they are now.
        """
        if id(witness) not in self._judged:  # which is held on to, so that no other gets its id
            known = self._judge.known(witness) if self._accepts(witness) else None
            self._judged[id(witness)] = witness, known
        known = self._judged[id(witness)][1]
        return known is not None and self._judge.agrees(known, confirm)

    def _accepts(self, witness: Witness) -> bool:
        facts, as_of = witness.facts, witness.as_of
        return self._kept.takes(
            facts, as_of, lambda: not self._kind.check(facts, self.ruleset.parameters, as_of)
        )

    def seen(self, confirm: Confirm) -> Witness | None:
        """Return an example of which the engine says what it must; None: there is none."""
        for index, example in enumerate(self._examples):
            if index not in self._known:  # each is asked about by every rule
                self._known[index] = self._judge.known(example)
            if self._judge.agrees(self._known[index], confirm):
                return example
        return None


def fires(rule: AnyRule) -> Confirm:
    """Confirm that a rule fires."""
    return lambda verdicts: verdicts.fires(rule.id)


def stays_quiet(rule: AnyRule) -> Confirm:
    """Confirm that a rule is false."""
    return lambda verdicts: verdicts.is_false(rule.id)
