"""Stage machines: stages that no deal can reach, and stages that no deal can leave.

The pipeline's own laws say which moves there are; a move is possible if on some facts no rule
blocks it, nor might block it if more were known. Blocks that an override can set aside do not
count: somebody may.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import Any

from dealgate.model.codes import Code, Severity
from dealgate.model.gates.effects import GateEffect
from dealgate.model.kind import AnyKind
from dealgate.model.pipelines import Pipeline, Pipelines, Stage
from dealgate.model.proofs import StageMachine
from dealgate.model.rules import AnyRule, AnyRuleSet
from dealgate.model.sentences import joined
from dealgate.proof.bypasses import bypass_findings
from dealgate.proof.findings import Finding, Unknown
from dealgate.proof.prover import Prover, Unproved
from dealgate.proof.regions import Region
from dealgate.proof.rows import Row
from dealgate.proof.witness import Witness

# So many times as many stages are named as are not, where rules list them by hand.
MOST = 3


def machine_of(kind: AnyKind) -> StageMachine[Any] | None:
    """Return the stage machine that a kind declares, if any."""
    return None if kind.proofs is None else kind.proofs.machine


def stage_words(ruleset: AnyRuleSet, kind: AnyKind) -> Mapping[str, Sequence[str]]:
    """Return the words that the facts about stages may be: those of the pipelines."""
    machine = machine_of(kind)
    if machine is None:
        return {}
    names = machine.pipelines(ruleset.parameters).names
    return {machine.source: names, machine.target: names}


def stage_findings(prover: Prover, kind: AnyKind, unknown: list[Unknown]) -> Iterator[Finding]:
    """Yield what is wrong with the pipelines of a rule set that has some."""
    machine = machine_of(kind)
    if machine is None:
        return
    pipelines = machine.pipelines(prover.ruleset.parameters)
    yield from waivers(prover, machine.own_codes)
    forgotten = [*unguarded(prover, pipelines)]
    yield from forgotten
    for pipeline in pipelines.all.values():
        passed = bypass_findings(prover, machine, pipeline)
        yield from (
            finding for finding in passed if finding.subject not in {f.subject for f in forgotten}
        )
        try:
            yield from Moves(prover, machine, pipeline).findings()
        except Unproved as error:
            location = prover.ruleset.location
            about = f"the pipeline {pipeline.name}".rstrip()
            unknown.append(Unknown(location, about, error.reason, error.detail))


def waivers(prover: Prover, own_codes: AbstractSet[str]) -> Iterator[Finding]:
    """Yield overrides of blocks that nothing raises."""
    rules = prover.ruleset.rules
    raised = own_codes | {rule.then.block for rule in rules if rule.then.block}
    raised |= {rule.then.require for rule in rules if rule.then.require}
    for rule in rules:
        for code in rule.then.waive:
            if code not in raised:
                message = f"sets {code} aside, which nothing blocks with"
                yield Finding(
                    rule.location,
                    f"rule {rule.id}",
                    Code.WAIVER_POINTLESS,
                    Severity.WARNING,
                    message,
                )


def unguarded(prover: Prover, pipelines: Pipelines) -> Iterator[Finding]:
    """Yield stages that no list and no rule names, where others are named by hand.

    Whatever such lists guard, a deal passes by through a stage that is in none of them. Gates of
    `parameters` cannot be passed by: they belong to the order of the stages.
    """
    only = pipelines.all.get("")
    stages = only.stages if only else ()
    if not stages or any(stage.gates for stage in stages):
        return
    texts = [*_sources(prover.ruleset)]
    named = {stage.name for stage in stages if any(_quoted(stage.name, text) for text in texts)}
    # Rules that single out a stage or two are not lists of all of them.
    listed = len(named) >= MOST * (len(stages) - len(named))
    for stage in stages if listed else ():
        if stage.name not in named:
            yield Finding(
                prover.ruleset.location,
                f"stage {stage.name}",
                Code.STAGE_UNGUARDED,
                Severity.FAULT,
                "is in no list and no rule, so every gate lets a deal pass by through it",
                "hang what guards it on `gates:` of a stage, which rules read as move.gates; "
                "or add it to the lists that name the others",
            )


def _sources(ruleset: AnyRuleSet) -> Iterator[str]:
    expressions = [*ruleset.constants.values(), *ruleset.facts.values()]
    yield from (expression.source for expression in expressions)
    yield from (rule.when.source for rule in ruleset.rules if rule.when is not None)


def _quoted(name: str, text: str) -> bool:
    return f'"{name}"' in text or f"'{name}'" in text


class Moves:
    """The stages of one pipeline, and the moves that its rules leave."""

    def __init__(self, prover: Prover, machine: StageMachine[Any], pipeline: Pipeline) -> None:
        self._prover = prover
        self._machine = machine
        self._stages: Sequence[Stage] = pipeline.stages
        self._possible = dict[tuple[tuple[int | bool, ...], ...], bool]()

    def findings(self) -> Iterator[Finding]:
        """Yield unreachable stages and dead ends; raises Unproved."""
        reached = self._reached(self._stages[0])
        can_win = any(stage.closed == "won" for stage in reached)
        for stage in self._stages:
            if stage not in reached:
                yield self._unreachable(stage, reached)
            elif not stage.closed and not self._next(stage):
                message = "is a dead end: every move out of it is blocked"
                yield self._finding(stage, Code.STAGE_DEAD_END, message, self._first(0, stage.name))
            elif not stage.closed and can_win and not self._can_win(stage):
                message = "leads nowhere: no deal in it can be won any more"
                yield self._finding(
                    stage, Code.STAGE_NEVER_WON, message, self._first(0, stage.name)
                )

    def _can_win(self, stage: Stage) -> bool:
        return any(other.closed == "won" for other in self._reached(stage))

    def _first(self, end: int, name: str) -> tuple[str, str] | None:
        """Return the first move of the pipeline that starts (end 0) or ends (1) in a stage."""
        return next(
            (
                pair
                for pair, is_possible in self._moves.items()
                if pair[end] == name and not is_possible
            ),
            None,
        )

    def _reached(self, start: Stage) -> list[Stage]:
        """Return every stage that a deal in `start` can reach, itself included."""
        stages = [start]
        for stage in stages:
            stages += [other for other in self._next(stage) if other not in stages]
        return stages

    def _next(self, stage: Stage) -> list[Stage]:
        return [other for other in self._stages if self._moves.get((stage.name, other.name))]

    @cached_property
    def _moves(self) -> Mapping[tuple[str, str], bool]:
        """Every move that the pipeline allows, and whether the rules leave it possible."""
        return {
            (source.name, target.name): self._is_possible(source, target)
            for source in self._stages
            for target in self._stages
            if self._machine.allows(source, target, self._stages)
        }

    def _is_possible(self, source: Stage, target: Stage) -> bool:
        within = self._between(source, target)
        alike = tuple((column, *self._told_apart(column, mask)) for column, mask in within)
        if alike not in self._possible:
            point = self._prover.point([within], self._blocking)
            self._possible[alike] = point is not None
        return self._possible[alike]

    def _told_apart(self, column: int, mask: int) -> Iterator[bool]:
        """Tell in which rows a stage is: rules tell few apart, and the rest need no proof each."""
        for row in self._limiting.get(column, ()):
            yield bool(row & mask)

    @cached_property
    def _limiting(self) -> Mapping[int, Sequence[int]]:
        """The sets of classes that rows limit a column to."""
        masks = dict[int, dict[int, None]]()
        asked = self._between(self._stages[0], self._stages[0])
        for row in [*self._blocking, *self._prover.links([*self._blocking, asked])]:
            for column, mask in row:
                masks.setdefault(column, {})[mask] = None
        return {column: [*of] for column, of in masks.items()}

    def _between(self, source: Stage, target: Stage) -> Row:
        """Return the region of moves from `source` to `target`, as far as rules ask for them."""
        space = self._prover.space
        row = []
        for key, stage in ((self._machine.source, source), (self._machine.target, target)):
            if key in space.column:
                column = space.column[key]
                names = [point.sample for point in space.classes[column]]
                row.append((column, 1 << names.index(stage.name)))
        return tuple(sorted(row))

    @cached_property
    def _blockers(self) -> list[AnyRule]:
        rules = self._prover.ruleset.rules
        waived = {code for rule in rules for code in rule.then.waive}
        return [rule for rule in rules if _blocks(rule.then) and rule.then.block not in waived]

    @cached_property
    def _blocking(self) -> list[Row]:
        """Where a rule blocks, or may once more is known."""
        blocking = []
        for rule in self._blockers:
            stops = Region.POSSIBLE if rule.then.unknown == "block" else Region.TRUE
            blocking += self._prover.rows(self._prover.rules[rule.id], stops)
        return blocking

    def _unreachable(self, stage: Stage, reached: Sequence[Stage]) -> Finding:
        names = [other.name for other in reached]
        pairs = [pair for pair in self._moves if pair[1] == stage.name and pair[0] in names]
        by = dict.fromkeys(name for pair in pairs for name in self._who_blocks(*pair))
        why = "every way to it is blocked before"
        if pairs:
            why = f"moves to it are blocked{f' by {joined(list(by))}' if by else ''}"
        message = f"can never be reached from {names[0]}: {why}"
        return self._finding(stage, Code.STAGE_UNREACHABLE, message, pairs[0] if pairs else None)

    def _who_blocks(self, source: str, target: str) -> Iterator[str]:
        """Yield the rules that block a move all by themselves, whatever the facts."""
        stages = {stage.name: stage for stage in self._stages}
        within = self._between(stages[source], stages[target])
        for rule in self._blockers:
            rows = self._prover.rows(self._prover.rules[rule.id], Region.POSSIBLE)
            if self._prover.point([within], rows) is None:
                yield rule.id

    def _finding(
        self, stage: Stage, code: Code, message: str, blocked: tuple[str, str] | None
    ) -> Finding:
        """`blocked` is a move that shows it."""
        return Finding(
            self._prover.ruleset.location,
            f"stage {stage.name}",
            code,
            Severity.FAULT,
            message,
            "fix the rules that block the way, or remove the stage from the pipeline",
            witness=None if blocked is None else self._shown(*blocked),
        )

    def _shown(self, source: str, target: str) -> Witness | None:
        stages = {stage.name: stage for stage in self._stages}
        within = self._between(stages[source], stages[target])
        ids = [rule.id for rule in self._blockers]
        try:
            example = self._prover.shown([within], [], lambda verdicts: verdicts.any_fires(ids))
        except Unproved:
            return None
        return None if example is None else example.witness


def _blocks(effect: GateEffect) -> bool:
    return effect.block is not None
