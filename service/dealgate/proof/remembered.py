"""Proofs of single rules, each made once for all that it follows from: for whoever asks often.

A rule's findings follow from its condition, from what that mentions, from how all rules together
cut the dimensions it reads, and from the kind and its parameters. Where rules stand is not part of
it: what is known is told where the rule stands now.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from dealgate.model.codes import Code
from dealgate.model.rules import AnyRule
from dealgate.proof.case_facts import CaseFacts
from dealgate.proof.findings import Finding
from dealgate.proof.formulas import atoms
from dealgate.proof.judging import Confirm
from dealgate.proof.kept import Shelf
from dealgate.proof.prover import Prover, Unproved, fires, stays_quiet
from dealgate.proof.readings import mentioned
from dealgate.proof.regions import Region
from dealgate.proof.rows import Row
from dealgate.proof.rules import Rules
from dealgate.proof.witness import Witness

MOST = 20_000
SOUGHT = 1  # facts that are sought in one check: nobody shall wait for all of them at once


KEPT = (Region.TRUE, Region.POSSIBLE)


class KnownRegion(NamedTuple):
    """A region of a rule: rows of columns and classes, the columns being these `dimensions`.

    A text says why there are none: they are too hard to find.
    """

    dimensions: Sequence[str]
    rows: Sequence[Row] | str

    def among(self, dimensions: Sequence[str], column: Mapping[str, int]) -> Sequence[Row] | str:
        """Return the rows for dimensions that may stand otherwise: most edits change none."""
        if isinstance(self.rows, str) or self.dimensions == dimensions:
            return self.rows
        moved = [column.get(key, -1) for key in self.dimensions]  # -1: what it does not ask about
        return [tuple(sorted((moved[old], mask) for old, mask in row)) for row in self.rows]


class Proved(NamedTuple):
    """What was proved of a rule, and where it fires, and may fire."""

    found: tuple[Finding, ...] | Unproved
    regions: Mapping[Region, "KnownRegion"]


@dataclass(slots=True)
class Memory:
    """What was proved of rules, by digests; `between` is called before each rule, and may raise.

    `proved` counts what was not known.
    """

    between: Callable[[], None] = lambda: None
    known: dict[bytes, Proved] = field(default_factory=dict)
    # Facts on which a rule counts; None: it was asked once, and they are sought the next time.
    counting: dict[bytes, Witness | None] = field(default_factory=dict)
    hard: set[bytes] = field(default_factory=set)  # rules of which no such facts were found
    # Facts on which a rule fires, and on which it is false.
    shown: dict[tuple[bytes, Region], Witness] = field(default_factory=dict)
    proved: int = 0
    shelf: Shelf = field(default_factory=Shelf)

    def keep(self, key: bytes, proved: "Proved") -> None:
        """Remember what was proved; the oldest is forgotten."""
        self.known[key] = proved
        self.proved += 1
        if len(self.known) > MOST:
            del self.known[next(iter(self.known))]


class RememberedRules(Rules):
    """The findings of a rule set's rules, of which only what is not known is proved."""

    def __init__(self, prover: Prover, memory: Memory, cases: CaseFacts | None = None) -> None:
        super().__init__(prover)
        self._memory = memory
        self._cases = cases or CaseFacts()
        self._keys: dict[str, bytes] = {}
        self._sought = 0
        self._given = prover.ruleset.kind, repr(prover.ruleset.parameters)

    def findings(self) -> Iterator[Finding]:
        """Yield all of them, rule by rule."""
        yield from super().findings()
        self._keep_regions()

    def _rule(self, rule: AnyRule) -> Iterator[Finding]:
        self._memory.between()
        key = self._keys[rule.id] = self._key(rule)
        proved = self._memory.known.get(key)
        if proved is None:
            try:
                findings: tuple[Finding, ...] | Unproved = self._asked(rule)
            except Unproved as error:
                findings = error
            self._true(rule)
            proved = Proved(findings, {})
            self._memory.keep(key, proved)
        space = self._prover.space
        for region, known in proved.regions.items():
            rows = known.among(self._dimensions, space.column)
            if isinstance(rows, str):
                space.refuse(self._prover.rules[rule.id], region, rows)
            else:
                space.seed(self._prover.rules[rule.id], region, [*rows])
        if isinstance(proved.found, Unproved):
            raise Unproved(proved.found.reason, proved.found.detail)
        if any(finding.code is Code.RULE_NEVER_FIRES for finding in proved.found):
            self._dead.add(rule.id)
        yield from (replace(finding, location=rule.location) for finding in proved.found)

    def _asked(self, rule: AnyRule) -> tuple[Finding, ...]:
        """Return the findings of a rule; facts on which it fires, and is false, spare proofs."""
        if self._is_shown(rule, Region.TRUE, fires(rule)):
            if rule.when is None or rule.id in self._rows:
                return ()
            if self._is_shown(rule, Region.FALSE, stays_quiet(rule)) and not self._has_pointless(
                rule
            ):
                return ()
        return tuple(super()._rule(rule))

    def _is_shown(self, rule: AnyRule, region: Region, confirm: Confirm) -> bool:
        """Tell whether facts that did so before, or those of a case, show what is asked."""
        cases = self._cases
        key = self._named(rule), region
        given = cases.firing.get(rule.id, ()) if region is Region.TRUE else cases.quiet(rule.id)
        before = self._memory.shown.get(key)
        for witness in (*([before] if before else ()), *given):
            if self._prover.confirms(witness, confirm):
                self._memory.shown[key] = witness
                return True
        return False

    def _named(self, rule: AnyRule) -> bytes:
        """Return a digest of which rule it is, whatever it says."""
        of = self._own_digest + rule.id.encode("utf-8", "surrogatepass")
        return hashlib.sha256(of).digest()

    @cached_property
    def _own_digest(self) -> bytes:
        of = repr((self._given, self._prover.ruleset.version))
        return hashlib.sha256(of.encode("utf-8", "surrogatepass")).digest()

    def _has_pointless(self, rule: AnyRule) -> bool:
        shown = self._memory.shown[self._named(rule), Region.TRUE]
        return next(self._pointless(rule, shown), None) is not None

    def _overridden(self, rule: AnyRule) -> Finding | None:
        contests = self._contests.of(rule)
        if not contests:
            return None
        keys = [
            [(stake, other.id, self._keys.get(other.id)) for stake, other in contest.over(rule)]
            for contest in contests
        ]
        key = hashlib.sha256(repr((rule.id, keys)).encode("utf-8", "surrogatepass")).digest()
        if key not in self._memory.known:
            self._memory.between()
            finding = self._asked_again(rule)
            self._memory.keep(key, Proved(() if finding is None else (finding,), {}))
        findings = self._memory.known[key].found
        if isinstance(findings, Unproved):
            return None
        return next((replace(finding, location=rule.location) for finding in findings), None)

    def _asked_again(self, rule: AnyRule) -> Finding | None:
        """Return that a rule never counts; facts on which it did may show that it still does."""
        facts = self._memory.counting
        if rule.each is not None:
            return super()._overridden(rule)
        key, confirm = self._named(rule), self._contests.free(rule)
        shown = facts.get(key)
        for witness in (*([shown] if shown else ()), *self._cases.firing.get(rule.id, ())):
            if self._prover.confirms(witness, confirm):
                facts[key] = witness
                return None
        finding = super()._overridden(rule)
        is_worth = key in facts and key not in self._memory.hard and self._sought < SOUGHT
        if finding is None and is_worth:
            self._sought += 1
            facts[key] = self._contests.counting(rule)
            if facts[key] is None:
                self._memory.hard.add(key)
        facts.setdefault(key, None)
        if len(facts) > MOST:
            del facts[next(iter(facts))]
        return finding

    def _true(self, rule: AnyRule) -> None:
        """Compute where a rule fires, for later questions."""
        with suppress(Unproved):
            self._prover.rows(self._prover.rules[rule.id], Region.TRUE)

    def _keep_regions(self) -> None:
        """Keep what was found out of each rule's regions while it was compared with others."""
        for id_, key in self._keys.items():
            proved, formula = self._memory.known.get(key), self._prover.rules[id_]
            if proved is None or len(proved.regions) == len(KEPT):
                continue
            of = {region: self._prover.space.known_rows(formula, region) for region in KEPT}
            regions = {
                region: KnownRegion(self._dimensions, rows)
                for region, rows in of.items()
                if rows is not None
            }
            self._memory.known[key] = proved._replace(regions=regions)

    @cached_property
    def _named_asts(self) -> Mapping[str, bytes]:
        ruleset = self._prover.ruleset
        given = {**ruleset.constants, **ruleset.facts}
        return {name: expression.ast for name, expression in given.items()}

    @cached_property
    def _dimensions(self) -> Sequence[str]:
        return tuple(dimension.key for dimension in self._prover.space.dimensions)

    def _key(self, rule: AnyRule) -> bytes:
        prover = self._prover
        cuts = []
        for key in sorted({atom.dimension for atom in atoms(prover.rules[rule.id])}):
            of = prover.conditions.dimensions[key]
            ends = of.type, of.low, of.high, of.is_closed
            cuts.append((key, ends, sorted(map(repr, of.named)), sorted(map(repr, of.refused))))
        asked = [
            expression for expression in (rule.when, rule.each and rule.each.items) if expression
        ]
        parts = [(expression.source, expression.ast) for expression in asked]
        read = mentioned([expression.ast for expression in asked], self._named_asts)
        whole = (self._given, rule.id, parts, rule.id in self._rows, cuts, sorted(read.items()))
        return hashlib.sha256(repr(whole).encode("utf-8", "surrogatepass")).digest()
