"""Rules that compete where their kind lets one claim stand: those that never do, or add nothing."""

from collections.abc import Hashable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property

from dealgate.model.codes import Code, Severity
from dealgate.model.proofs import Stake
from dealgate.model.rules import AnyRule
from dealgate.model.sentences import joined
from dealgate.proof.covers import covering
from dealgate.proof.findings import Finding
from dealgate.proof.formulas import Truth
from dealgate.proof.judging import Confirm, Verdicts
from dealgate.proof.prover import Prover, Unproved
from dealgate.proof.ranking import Ranking
from dealgate.proof.regions import Region
from dealgate.proof.witness import Witness

NEVER = Truth(value=False)  # means: too hard to decide


class Contest:
    """All rules that compete for one part of the outcome, the best first."""

    def __init__(self, prover: Prover, entries: Sequence[tuple[Stake, AnyRule]]) -> None:
        """`entries` are in the order of the file."""
        self._prover = prover
        self._entries = sorted(entries, key=lambda entry: entry[0].rank)
        self.rules = [rule for _, rule in self._entries]
        self.number = {rule.id: number for number, rule in enumerate(self.rules)}
        self.is_total = all(stake.first for stake, _ in entries)

    def over(self, rule: AnyRule) -> Sequence[tuple[Stake, AnyRule]]:
        """Return the rules before a rule, and itself: whether it counts follows from these."""
        number = self.number[rule.id]
        rank = self._entries[number][0].rank
        return [e for e in self._entries[: number + 1] if e[0].rank < rank or self.is_total] + [
            self._entries[number]
        ]

    def before(self, rule: AnyRule) -> Sequence[tuple[str, bool]]:
        """Return the rules before one, and whether it waits for each."""
        number = self.number[rule.id]
        first = number if self.is_total else self._tied[number]
        return [
            (other.id, self._heeds and self._waits(ahead, number))
            for ahead, other in enumerate(self.rules[:first])
        ]

    @cached_property
    def ranking(self) -> Ranking:
        """Its claims, the best first."""
        ranks = [*range(len(self.rules))] if self.is_total else self._tied
        formulas = [
            self._prover.rules[rule.id] if self._is_known(rule) else NEVER for rule in self.rules
        ]
        claims = [rule.then for rule in self.rules]
        waits = self._waits if self._heeds else None
        return Ranking(self._prover, formulas, claims, ranks, waits)

    @property
    def _heeds(self) -> bool:
        return any(stake.waits for stake, _ in self._entries)

    def _is_known(self, rule: AnyRule) -> bool:
        """Whether it is known where a rule fires and, if that matters, where it may."""
        try:
            for region in (Region.TRUE, Region.POSSIBLE)[: 1 + self._heeds]:
                self._prover.rows(self._prover.rules[rule.id], region)
        except Unproved:
            return False
        return True

    @property
    def _tied(self) -> list[int]:
        order = [stake.rank for stake, _ in self._entries]
        return [order.index(rank) for rank in order]

    def _waits(self, ahead: int, behind: int) -> bool:
        stake = self._entries[behind][0]
        return stake.waits and self._entries[ahead][0].rank not in stake.unmoved_by


@dataclass(frozen=True)
class Contests:
    """All contests of a rule set; rows of tables are left to their hit policies."""

    prover: Prover
    rows: AbstractSet[str]

    @cached_property
    def _of(self) -> dict[str, list[Contest]]:
        """Return the contests that each rule takes part in, if all that it claims is contested."""
        parts: dict[Hashable, list[tuple[Stake, AnyRule]]] = {}
        ruleset, proofs = self.prover.ruleset, self.prover.proofs
        for rule in ruleset.rules:
            over = rule.each.items.source if rule.each else ""
            stakes = [] if rule.id in self.rows else proofs.stakes(rule.then, ruleset.parameters)
            for stake in stakes:
                parts.setdefault((stake.part, over), []).append((stake, rule))
        of: dict[str, list[Contest]] = {}
        for entries in parts.values():
            contest = Contest(self.prover, entries)
            for rule in contest.rules:
                of.setdefault(rule.id, []).append(contest)
        return of

    def of(self, rule: AnyRule) -> Sequence[Contest]:
        """Return the contests that a rule takes part in; none if some of it counts always."""
        return self._of.get(rule.id, ())

    def adds_nothing(self, rule: AnyRule, spare: AbstractSet[str]) -> bool:
        """Tell whether without it a rule to the same effect would always count; raises Unproved.

        Where nobody comes between two rules to the same effect that is not asked.
        """
        for contest in self.of(rule):
            ranking, number = contest.ranking, contest.number[rule.id]
            if not contest.is_total:
                continue
            gone = {contest.number[id_] for id_ in spare if id_ in contest.number}
            alike = ranking.alike(number, gone)
            if not (alike and ranking.adds_nothing(number, alike, gone)):
                return False
        return True

    def masked(self, rule: AnyRule) -> Finding | None:
        """Return that a rule never counts, if that is so."""
        try:
            never = all(c.ranking.is_masked(c.number[rule.id]) for c in self.of(rule))
            return self._finding(rule) if never and self.of(rule) else None
        except Unproved:
            return None  # that it can fire is said already; of this nothing is claimed

    def free(self, rule: AnyRule) -> Confirm:
        """Confirm that facts show a rule that counts: it fires, and nothing before it stands."""
        contest = self.of(rule)[0]
        before = contest.before(rule)
        held = [id_ for id_, waits in before if waits]

        def confirm(verdicts: Verdicts) -> bool:
            if not verdicts.fires(rule.id) or not verdicts.is_false(*held):
                return False
            return not any(verdicts.fires(id_) for id_, waits in before if not waits)

        return confirm

    def counting(self, rule: AnyRule) -> Witness | None:
        """Return facts on which a rule counts, those of a case first; None: none were found."""
        confirm = self.free(rule)
        seen = self.prover.seen(confirm)
        if seen is not None:
            return seen
        contest = self.of(rule)[0]
        ranking, number = contest.ranking, contest.number[rule.id]
        ahead = [piece for _, piece in ranking.ahead(number)]
        try:
            example = self.prover.shown(ranking.true.of(number), ahead, confirm)
        except Unproved:
            return None
        return None if example is None else example.witness

    def _finding(self, rule: AnyRule) -> Finding:
        contest = self.of(rule)[0]
        ranking, number = contest.ranking, contest.number[rule.id]
        mine, ahead = ranking.true.of(number), ranking.ahead(number)
        by = covering(self.prover, mine, [(contest.rules[owner], row) for owner, row in ahead])
        ids = [other.id for other in by]
        either = "" if len(by) == 1 else ", one or the other,"
        waits = ranking.is_kept_waiting(number)
        verb = "fires" if len(by) == 1 else "fire"
        lacks = f" or {'waits' if len(by) == 1 else 'wait'} for a missing fact" if waits else ""
        take = "takes" if len(by) == 1 else "take"

        def confirm(verdicts: Verdicts) -> bool:
            return verdicts.fires(rule.id) and not verdicts.is_false(*ids)

        shown = self.prover.shown(mine, [], confirm)
        return Finding(
            rule.location,
            f"rule {rule.id}",
            Code.RULE_MASKED,
            Severity.WARNING,
            f"never counts: whenever it fires, {joined(ids)}{either} {verb}{lacks}, "
            f"and {take} precedence",
            "move it up, let the others leave its facts out, or delete it",
            witness=None if shown is None else shown.witness,
        )
