"""Proofs of single rules, each made once for all that it follows from: for whoever asks often.

A rule's findings follow from its condition, from what that mentions, from how all rules together
cut the dimensions it reads, and from the kind and its parameters. Where rules stand is not part of
it: what is known is told where the rule stands now.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from dealgate.language import syntax
from dealgate.language.syntax import Tree
from dealgate.model.codes import Code
from dealgate.model.rules import AnyRule
from dealgate.proof.findings import Finding
from dealgate.proof.formulas import atoms
from dealgate.proof.kept import Shelf
from dealgate.proof.prover import Prover, Unproved
from dealgate.proof.regions import Region
from dealgate.proof.rows import Row
from dealgate.proof.rules import Rules
from dealgate.proof.witness import Witness

MOST = 20_000
SOUGHT = 5  # facts that are sought in one check: nobody shall wait for all of them at once


class Proved(NamedTuple):
    """What was proved of a rule, and where it fires: rows of dimensions and classes."""

    found: tuple[Finding, ...] | Unproved
    true: Sequence[Sequence[tuple[str, int]]] | None


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

    def __init__(self, prover: Prover, memory: Memory) -> None:
        super().__init__(prover)
        self._memory = memory
        self._keys: dict[str, bytes] = {}
        self._sought = 0
        self._given = prover.ruleset.kind, repr(prover.ruleset.parameters)

    def _rule(self, rule: AnyRule) -> Iterator[Finding]:
        self._memory.between()
        key = self._keys[rule.id] = self._key(rule)
        proved = self._memory.known.get(key)
        if proved is None:
            try:
                findings: tuple[Finding, ...] | Unproved = tuple(super()._rule(rule))
            except Unproved as error:
                findings = error
            proved = Proved(findings, self._true(rule))
            self._memory.keep(key, proved)
        elif proved.true is not None:
            column = self._prover.space.column
            rows: list[Row] = [
                tuple(sorted((column[dimension], mask) for dimension, mask in row))
                for row in proved.true
            ]
            self._prover.space.seed(self._prover.rules[rule.id], Region.TRUE, rows)
        if isinstance(proved.found, Unproved):
            raise Unproved(proved.found.reason, proved.found.detail)
        if any(finding.code is Code.RULE_NEVER_FIRES for finding in proved.found):
            self._dead.add(rule.id)
        yield from (replace(finding, location=rule.location) for finding in proved.found)

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
            self._memory.keep(key, Proved(() if finding is None else (finding,), None))
        findings = self._memory.known[key].found
        if isinstance(findings, Unproved):
            return None
        return next((replace(finding, location=rule.location) for finding in findings), None)

    def _asked_again(self, rule: AnyRule) -> Finding | None:
        """Return that a rule never counts; facts on which it did may show that it still does."""
        ruleset, facts = self._prover.ruleset, self._memory.counting
        if rule.each is not None:
            return super()._overridden(rule)
        of = repr((self._given, ruleset.version, rule.id))
        key = hashlib.sha256(of.encode("utf-8", "surrogatepass")).digest()
        shown = facts.get(key)
        if shown is not None and self._prover.confirms(shown, self._contests.free(rule)):
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

    def _true(self, rule: AnyRule) -> Sequence[Sequence[tuple[str, int]]] | None:
        try:
            rows = self._prover.rows(self._prover.rules[rule.id], Region.TRUE)
        except Unproved:
            return None
        keys = [dimension.key for dimension in self._prover.space.dimensions]
        return [[(keys[column], mask) for column, mask in row] for row in rows]

    def _key(self, rule: AnyRule) -> bytes:
        prover = self._prover
        cuts = []
        for key in sorted({atom.dimension for atom in atoms(prover.rules[rule.id])}):
            of = prover.conditions.dimensions[key]
            ends = of.type, of.low, of.high, of.is_closed
            cuts.append((key, ends, sorted(map(repr, of.named)), sorted(map(repr, of.refused))))
        given = {**prover.ruleset.constants, **prover.ruleset.facts}
        asked = [
            expression for expression in (rule.when, rule.each and rule.each.items) if expression
        ]
        parts = [(expression.source, expression.ast) for expression in asked]
        read: dict[str, bytes] = {}
        while asked:
            for name in _names(asked.pop().ast):
                if name in given and name not in read:
                    read[name] = given[name].ast
                    asked.append(given[name])
        whole = (self._given, rule.id, parts, rule.id in self._rows, cuts, sorted(read.items()))
        return hashlib.sha256(repr(whole).encode("utf-8", "surrogatepass")).digest()


@lru_cache(maxsize=MOST)
def _names(ast: bytes) -> frozenset[str]:
    return frozenset(syntax.names(Tree(ast).root))
