"""What is proved of single rules: that they can fire and stay quiet, and that each part matters."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from dealgate.language.text import text
from dealgate.model.codes import Code, Severity
from dealgate.model.rules import AnyRule
from dealgate.model.sentences import joined
from dealgate.proof.contests import Contests
from dealgate.proof.covers import covering
from dealgate.proof.findings import Finding, Unknown
from dealgate.proof.formulas import And, Formula, Or, Truth
from dealgate.proof.judging import Confirm, Verdicts
from dealgate.proof.prover import Prover, Unproved, fires, stays_quiet
from dealgate.proof.regions import Region
from dealgate.proof.rows import Index, Row, positions
from dealgate.proof.terms import Term
from dealgate.proof.witness import Witness


class Rules:
    """The findings of a rule set's rules; `unknown` gathers the rules that stay open."""

    def __init__(self, prover: Prover) -> None:
        self._prover = prover
        self._rules: Sequence[AnyRule] = prover.ruleset.rules
        self._rows = {row.id for table in prover.ruleset.tables for row in table.rows}
        self.unknown: list[Unknown] = []
        self._dead: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        """Yield all of them, rule by rule."""
        for rule in self._rules:
            try:
                yield from self._rule(rule)
            except Unproved as error:
                self.unknown.append(
                    Unknown(rule.location, f"rule {rule.id}", error.reason, error.detail)
                )
        yield from self._masked()
        yield from self._redundant()

    def _rule(self, rule: AnyRule) -> Iterator[Finding]:
        formula = self._prover.rules[rule.id]
        fired = self._shown(formula, Region.TRUE, fires(rule))
        if fired is None:
            self._dead.add(rule.id)
            yield self._never(rule)
            return
        if rule.when is None or rule.id in self._rows:
            return
        if self._shown(formula, Region.FALSE, stays_quiet(rule)) is None:
            yield self._never_false(rule, formula, fired)
        else:
            yield from self._pointless(rule, fired)

    def _shown(self, formula: Formula, region: Region, confirm: Confirm) -> Witness | None:
        """Return facts in a region; if none can be written, those of a case will do."""
        try:
            example = self._prover.shown(*self._prover.span(formula, region), confirm)
        except Unproved:
            seen = self._prover.seen(confirm)
            if seen is None:
                raise
            return seen
        return None if example is None else example.witness

    def _never_false(self, rule: AnyRule, formula: Formula, fired: Witness) -> Finding:
        always = self._prover.point(self._prover.rows(formula, Region.DOUBTFUL), []) is None
        when = "always fires" if always else "fires whenever its facts are known"
        return Finding(
            rule.location,
            f"rule {rule.id}",
            Code.RULE_NEVER_FALSE,
            Severity.WARNING,
            f"{when}: its condition is never false",
            "fix the condition, or delete it if that is intended",
            witness=fired,
        )

    # ── Rules that never fire ───────────────────────────────────────────────────────────────

    def _never(self, rule: AnyRule) -> Finding:
        parts = _Parts(self._prover, rule)
        clash = parts.clash
        if len(clash) == 1:
            message = f"can never fire: `{clash[0]}` is never true"
        else:
            message = f"can never fire: {joined(clash, '`')} exclude each other"
        hint = "fix the condition, or delete the rule"
        return Finding(
            rule.location, f"rule {rule.id}", Code.RULE_NEVER_FIRES, Severity.FAULT, message, hint,
            witness=self._nearly(rule, parts),
        )  # fmt: skip

    def _nearly(self, rule: AnyRule, parts: "_Parts") -> Witness | None:
        """Return facts that satisfy all that clashes but its last part, on which it is quiet."""
        *rest, last = parts.clashing
        nearly, region = (And(tuple(rest)), Region.TRUE) if rest else (last, Region.FALSE)
        try:
            rows = self._prover.rows(nearly, region)
            example = self._prover.shown(rows, [], lambda verdicts: not verdicts.fires(rule.id))
        except Unproved:
            return None
        return None if example is None else example.witness

    # ── Parts that do not matter ────────────────────────────────────────────────────────────

    def _pointless(self, rule: AnyRule, witness: Witness) -> Iterator[Finding]:
        parts = _Parts(self._prover, rule)
        for position, part in enumerate(parts.shown):
            rest = parts.without(position)
            if rest is None or not self._adds_nothing(parts.formulas[position], rest, parts.is_and):
                continue
            message = f"does not need `{part}`: the rest of its condition says as much"
            yield Finding(
                rule.location,
                f"rule {rule.id}",
                Code.CONDITION_POINTLESS,
                Severity.WARNING,
                message,
                "delete that part, or fix the other",
                witness=witness,
            )
            return  # of two parts that say the same one is needed

    def _adds_nothing(self, part: Formula, rest: Formula, is_and: bool) -> bool:  # noqa: FBT001
        """Whether the rule fires, and is false, in the same places without `part`."""
        narrow, wide = (rest, part) if is_and else (part, rest)
        return self._within(narrow, wide, Region.TRUE) and self._within(wide, narrow, Region.FALSE)

    def _within(self, formula: Formula, other: Formula, region: Region) -> bool:
        within, without = self._prover.span(formula, region)
        return self._prover.point(within, [*without, *self._prover.rows(other, region)]) is None

    # ── Rules that never count ──────────────────────────────────────────────────────────────

    @cached_property
    def _contests(self) -> Contests:
        return Contests(self._prover, self._rows)

    def _masked(self) -> Iterator[Finding]:
        for rule in self._rules:
            finding = None if rule.id in self._dead else self._overridden(rule)
            if finding is not None:
                self._dead.add(rule.id)
                yield finding

    def _overridden(self, rule: AnyRule) -> Finding | None:
        return self._contests.masked(rule)

    # ── Rules that others make redundant ────────────────────────────────────────────────────

    def _redundant(self) -> Iterator[Finding]:
        spare: set[str] = set(self._dead)
        adds = self._prover.proofs.adds
        rules = [r for r in self._rules if r.id not in self._rows and not adds(r.then)]
        groups: dict[tuple[str, str], list[AnyRule]] = {}
        for rule in rules:
            groups.setdefault(_claim(rule), []).append(rule)
        meeting = {id_: met for group in groups.values() for id_, met in self._meeting(group)}
        for rule in reversed(rules):
            if rule.id in spare:
                continue
            alike = [other for other in meeting[rule.id] if other.id not in spare]
            if not alike:
                continue
            try:
                finding = self._covered(rule, alike)
                group = [r for r in groups[_claim(rule)] if r is not rule and r.id not in spare]
                if finding is None or not self._is_spare(rule, group, spare):
                    continue
            except Unproved:
                continue  # that it can fire, or not, is said already; of this nothing is claimed
            spare.add(rule.id)
            yield finding

    def _meeting(self, group: Sequence[AnyRule]) -> Iterator[tuple[str, Sequence[AnyRule]]]:
        """Yield each rule of a group, and the others that may fire where it does."""
        pieces = list[Row]()
        owners = list[int]()
        for number, rule in enumerate(group):
            try:
                rows = self._prover.rows(self._prover.rules[rule.id], Region.TRUE)
            except Unproved:
                rows = []  # of this rule nothing is claimed
            pieces += rows
            owners += [number] * len(rows)
        index = Index(pieces) if len(group) > 1 else None
        met: list[set[int]] = [set() for _ in group]
        for owner, row in zip(owners, pieces, strict=True):
            if index is not None:
                met[owner].update(owners[position] for position in positions(index.meeting(row)))
        for number, rule in enumerate(group):
            yield rule.id, [group[other] for other in sorted(met[number] - {number})]

    def _is_spare(self, rule: AnyRule, alike: Sequence[AnyRule], spare: set[str]) -> bool:
        """Whether one of `alike` counts where a rule does, and waits or fires where it waits."""
        if not self._contests.adds_nothing(rule, spare):
            return False
        rows = self._prover.rows
        mine = rows(self._prover.rules[rule.id], Region.POSSIBLE)
        theirs = [r for o in alike for r in rows(self._prover.rules[o.id], Region.POSSIBLE)]
        return self._prover.point(mine, theirs) is None

    def _covered(self, rule: AnyRule, alike: Sequence[AnyRule]) -> Finding | None:
        mine = self._prover.rows(self._prover.rules[rule.id], Region.TRUE)
        theirs = [
            (other, row)
            for other in alike
            for row in self._prover.rows(self._prover.rules[other.id], Region.TRUE)
        ]
        if self._prover.point(mine, [row for _, row in theirs]) is not None:
            return None
        by = covering(self._prover, mine, theirs)
        names = joined([other.id for other in by])
        message = (
            f"adds nothing: whenever it fires, {names} {'fires' if len(by) == 1 else 'fire'}"
            f"{'' if len(by) == 1 else ', one or the other,'} with the same effect"
        )
        ids = [other.id for other in by]

        def confirm(verdicts: Verdicts) -> bool:
            return verdicts.fires(rule.id) and verdicts.any_fires(ids)

        finding = self._prover.shown(mine, [], confirm)
        return Finding(
            rule.location, f"rule {rule.id}", Code.RULE_REDUNDANT, Severity.WARNING, message,
            "delete it, or say what it should add",
            witness=None if finding is None else finding.witness,
        )  # fmt: skip


def _claim(rule: AnyRule) -> tuple[str, str]:
    """Return what a rule claims, and of which list: equal for rules that claim alike."""
    return repr(rule.then), "" if rule.each is None else rule.each.items.source


class _Parts:
    """The parts of a rule's condition that `&&` or, if there are none, `||` joins."""

    def __init__(self, prover: Prover, rule: AnyRule) -> None:
        self._prover = prover
        self._rule = rule
        self.is_and = True
        terms: list[Term] = []
        if rule.when is not None:
            terms = prover.conditions.terms.parts(rule.when, "_&&_", rule.each)
            if len(terms) == 1:
                either = prover.conditions.terms.parts(rule.when, "_||_", rule.each)
                self.is_and = len(either) == 1
                terms = terms if self.is_and else either
        self._terms = terms

    @cached_property
    def shown(self) -> list[str]:
        """Each part as it is written."""
        return [text(term.node) for term in self._terms]

    @cached_property
    def formulas(self) -> list[Formula]:
        """Each part as a formula."""
        return [self._prover.conditions.formula(term) for term in self._terms]

    def without(self, position: int) -> Formula | None:
        """Return the condition without one part; None if that leaves nothing."""
        rest = tuple(f for number, f in enumerate(self.formulas) if number != position)
        if not rest:
            return None
        return And(rest) if self.is_and else Or(rest)

    @cached_property
    def _clash(self) -> list[int]:
        """A smallest choice of parts that cannot all be true."""
        kept = list(range(len(self.formulas))) if self.is_and else []
        for position in list(kept):
            rest = [self.formulas[other] for other in kept if other != position]
            if rest and self._is_impossible(And(tuple(rest))):
                kept.remove(position)
        return kept

    def _is_impossible(self, formula: Formula) -> bool:
        try:
            return self._prover.point(self._prover.rows(formula, Region.TRUE), []) is None
        except Unproved:
            return False

    @property
    def clash(self) -> list[str]:
        """Those parts as they are written."""
        if not self._clash:
            return [self._rule.when.source] if self._rule.when else ["the list"]
        return [self.shown[position] for position in self._clash]

    @property
    def clashing(self) -> list[Formula]:
        """Those parts as formulas."""
        return [self.formulas[position] for position in self._clash] or [Truth(value=True)]
