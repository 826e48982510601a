"""On which facts two versions of a rule part: as boxes, exact, each shown on facts of its own."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from google.protobuf.message import Message

from dealgate.diff.areas import Area, Parting, Region
from dealgate.diff.joined import NEW, OLD, joined, joined_id
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRule, AnyRuleSet, HitPolicy
from dealgate.proof.boxes import TooHard, difference
from dealgate.proof.evaluation import class_of
from dealgate.proof.formulas import And, Atom, Choice, Formula, Not, Truth
from dealgate.proof.judging import Confirm, Verdicts, WitnessJudge
from dealgate.proof.prover import Prover, Unproved
from dealgate.proof.regions import Region as Part
from dealgate.proof.rows import Row, box_of, meet, row_of
from dealgate.proof.witness import Witness

SHOWN = 5  # regions of one rule that are written out
COMPANY = 12  # examples that the witness of a region is tried in


class Partings:
    """Compares rules of two versions over all facts."""

    def __init__(
        self, old: AnyRuleSet, new: AnyRuleSet, kind: AnyKind, examples: Sequence[Message]
    ) -> None:
        """Both are read into one space of facts; `examples` are facts such as callers send."""
        both = joined(old, new)
        self._prover = Prover(both, kind)
        self._evaluation = self._prover.evaluation
        self._judge = WitnessJudge(both, self._prover.conditions.terms, kind)
        self._sides = {OLD: old, NEW: new}
        self._ahead = {side: _ahead(ruleset) for side, ruleset in self._sides.items()}
        self._examples = examples

    def between(self, old: AnyRule | None, new: AnyRule | None) -> Parting:
        """Return where they differ; None represents a missing rule."""
        try:
            if old is not None and new is not None:
                return self._parting(old, new)
            if new is not None:
                return self._example("fires now", new, NEW)
            return Parting() if old is None else self._example("no longer fires", old, OLD)
        except (Unproved, TooHard) as error:
            return Parting(unknown=str(error))

    def is_reworded(self, old: AnyRule, new: AnyRule) -> bool:
        """Tell whether both are proved to fire, and to be false, on the same facts."""
        before, other = self._formula(OLD, old), self._formula(NEW, new)
        try:
            return all(
                self._prover.point(self._prover.rows(a, part), self._prover.rows(b, part)) is None
                for part in (Part.TRUE, Part.FALSE)
                for a, b in ((before, other), (other, before))
            )
        except (Unproved, TooHard):
            return False

    def lies_in(self, region: Region, witness: Witness) -> bool:
        """Tell whether facts lie in a region."""
        return any(self._holds(row, witness) for row in region.rows)

    def _example(self, sense: str, rule: AnyRule, side: int) -> Parting:
        """Return one region without a description: the rule's condition says where it is."""
        within, before = self._area(side, rule)
        confirm = self._alone(side, rule, side, None)
        for row in self._boxes(within, before):
            shown = self._shown(sense, row, (), confirm)
            if shown is not None:
                return Parting((replace(shown, where=""),))
        return Parting()

    def _parting(self, old: AnyRule, new: AnyRule) -> Parting:
        shared, was, is_ = self._rest(old, new)
        regions: list[Region] = []
        more = 0
        for sense, rows, confirm in (
            ("fires now", self._minus(is_, was), self._alone(NEW, new, OLD, old)),
            ("no longer fires", self._minus(was, is_), self._alone(OLD, old, NEW, new)),
            ("claims otherwise", self._changed(old, new, was, is_), self._both(old, new)),
        ):
            for row in rows:
                region = self._shown(sense, row, shared, confirm) if len(regions) < SHOWN else None
                if region is not None:
                    regions.append(region)
                more += len(regions) == SHOWN and region is None
        return Parting(tuple(regions), more)

    def _rest(self, old: AnyRule, new: AnyRule) -> tuple[list[Row], Area, Area]:
        """Return where what both versions ask holds, and where the rest of each does.

        Rows of tables that prefer others are not taken apart: where those may claim matters too.
        """
        was = {self._meaning(part): part for part in _parts(self._formula(OLD, old))}
        is_ = {self._meaning(part): part for part in _parts(self._formula(NEW, new))}
        areas = self._area(OLD, old), self._area(NEW, new)
        if was.keys().isdisjoint(is_) or areas[0][1] or areas[1][1]:
            return [()], *areas
        same = And(tuple(part for meaning, part in was.items() if meaning in is_))
        mine = And(tuple(part for meaning, part in was.items() if meaning not in is_))
        theirs = And(tuple(part for meaning, part in is_.items() if meaning not in was))
        shared, before, after = (
            self._prover.rows(formula, Part.TRUE) for formula in (same, mine, theirs)
        )
        return shared, (before, []), (after, [])

    def _meaning(self, formula: Formula) -> Hashable:
        """Return what is the same for formulas that are true and false on the same classes."""
        if isinstance(formula, Atom):
            return formula.dimension, *self._prover.space.masks(formula)
        if isinstance(formula, Truth):
            return formula.value
        if isinstance(formula, Not):
            return "not", self._meaning(formula.part)
        if isinstance(formula, Choice):
            pieces = [(self._meaning(on), self._meaning(then)) for on, then in formula.pieces]
            return "choice", tuple(map(self._meaning, formula.on)), tuple(pieces)
        return type(formula).__name__, frozenset(map(self._meaning, formula.parts))

    def _formula(self, side: int, rule: AnyRule) -> Formula:
        return self._prover.rules[joined_id(side, rule.id)]

    def _area(self, side: int, rule: AnyRule) -> Area:
        """Return where a rule fires: within rows, outside others that a hit policy puts first."""
        within = self._prover.rows(self._formula(side, rule), Part.TRUE)
        before: list[Row] = []
        for better in self._ahead[side].get(rule.id, ()):
            before += self._prover.rows(self._formula(side, better), Part.POSSIBLE)
        return within, before

    def _claims(self, verdicts: Verdicts, side: int, rule: AnyRule) -> bool:
        """Tell whether a rule fires, and no row that its table prefers may."""
        better = [joined_id(side, earlier.id) for earlier in self._ahead[side].get(rule.id, ())]
        return verdicts.fires(joined_id(side, rule.id)) and verdicts.is_false(*better)

    def _alone(self, here: int, rule: AnyRule, there: int, other: AnyRule | None) -> Confirm:
        """Confirm that a rule claims in one version, and the other, if any, does not in its own."""

        def confirm(verdicts: Verdicts) -> bool:
            claims = self._claims(verdicts, here, rule)
            return claims and (other is None or not self._claims(verdicts, there, other))

        return confirm

    def _both(self, old: AnyRule, new: AnyRule) -> Confirm:
        return lambda v: self._claims(v, OLD, old) and self._claims(v, NEW, new)

    def _changed(self, old: AnyRule, new: AnyRule, was: Area, is_: Area) -> Iterator[Row]:
        if old.then != new.then:
            both = (meet(row, other) for row in was[0] for other in is_[0])
            yield from self._boxes([row for row in both if row is not None], [*was[1], *is_[1]])

    def _minus(self, these: Area, those: Area) -> Iterator[Row]:
        """Yield disjoint rows of what is in one area and not in the other."""
        yield from self._boxes(these[0], [*these[1], *those[0]])
        met = (meet(row, out) for row in these[0] for out in those[1])
        again = (meet(row, other) for row in met if row is not None for other in those[0])
        yield from self._boxes([row for row in again if row is not None], these[1])

    def _boxes(self, within: Sequence[Row], without: Sequence[Row]) -> Iterator[Row]:
        full = self._prover.space.full
        links = self._prover.links([*within, *without])
        for number, row in enumerate(within):
            taken = [*without, *within[:number], *links]
            for box in difference(box_of(row, full), taken):
                yield row_of(box, full)

    def _shown(
        self, sense: str, row: Row, shared: Sequence[Row], confirm: Confirm
    ) -> Region | None:
        """Return the region with its witnesses; None if it was proved to hold no facts."""
        met = [meet(row, other) for other in shared] if shared else [row]
        rows = [part for part in met if part is not None]
        region = Region(sense, self._prover.space.described(row), tuple(rows))
        witness, why = self._witness(rows, confirm)
        if witness is None:
            return replace(region, why=why) if why else None
        others = islice(self._in_company(witness, rows, confirm), COMPANY)
        return replace(region, witnesses=(witness, *others))

    def _witness(self, rows: Sequence[Row], confirm: Confirm) -> tuple[Witness | None, str]:
        """Return facts in one of the rows, or why none could be written; neither: there are none.

        Each row is tried by itself, or all tries would go into a first one that is hard.
        """
        why = ""
        for number, row in enumerate(rows):
            try:
                shown = self._prover.shown([row], rows[:number], confirm)
            except Unproved as error:
                why = why or str(error)
                continue
            if shown is not None:
                return shown.witness, ""
        return None, why

    def _in_company(
        self, witness: Witness, rows: Sequence[Row], confirm: Confirm
    ) -> Iterator[Witness]:
        """Yield the witness' facts over those of examples, where that is still in the region.

        Only those on which no other rule parts the versions: what their answers show is of this.
        """
        for example in self._examples:
            facts = type(example)()
            facts.CopyFrom(example)
            facts.MergeFrom(witness.facts)
            other = Witness(facts, witness.as_of)
            agrees = self._judge.agrees(
                self._judge.known(other), lambda v: confirm(v) and self._parts_once(v)
            )
            if agrees and any(self._holds(row, other) for row in rows):
                yield other

    def _parts_once(self, verdicts: Verdicts) -> bool:
        """Tell whether one rule at most fires in one version alone."""
        sides = [
            {rule.id for rule in ruleset.rules if verdicts.fires(joined_id(side, rule.id))}
            for side, ruleset in self._sides.items()
        ]
        return len(sides[0] ^ sides[1]) <= 1

    def _holds(self, row: Row, witness: Witness) -> bool:
        space = self._prover.space
        for column, mask in row:
            dimension = space.dimensions[column]
            value = self._evaluation.value(dimension, witness.facts, witness.as_of)
            number = class_of(dimension, space.classes[column], value)
            if number is None or not mask >> number & 1:
                return False
        return True


def _parts(formula: Formula) -> list[Formula]:
    """Return what must all hold."""
    if isinstance(formula, And):
        return [part for inner in formula.parts for part in _parts(inner)]
    return [formula]


def _ahead(ruleset: AnyRuleSet) -> dict[str, list[AnyRule]]:
    """Return, for each row of a table that takes one, the rows that it takes rather."""
    ahead: dict[str, list[AnyRule]] = {}
    for table in ruleset.tables:
        rows = list(table.rows)
        if table.hit is HitPolicy.PRIORITY:
            rows.sort(key=lambda row: list(table.priority).index(table.value(row)))
        if table.hit in {HitPolicy.FIRST, HitPolicy.PRIORITY}:
            ahead |= {row.id: rows[:number] for number, row in enumerate(rows)}
    return ahead
