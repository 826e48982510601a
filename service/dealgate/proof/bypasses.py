"""Gates that a deal passes by: held from the stages around one, and let through from that one.

Lists of stages repeat the order by hand. A stage that some of them name and others forget opens a
way around every gate behind those: into the stage, and out of it again. Whether a gate holds a
move is read off the regions of its rules, so it does not matter how they name stages.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dealgate.model.codes import Code, Severity
from dealgate.model.pipelines import Pipeline, Stage
from dealgate.model.proofs import StageMachine
from dealgate.model.rules import Location
from dealgate.model.sentences import joined
from dealgate.proof.findings import Finding
from dealgate.proof.hand_lists import hand_lists
from dealgate.proof.prover import Prover, Unproved
from dealgate.proof.regions import Region
from dealgate.proof.rows import Row

LEAST = 2  # stages that a gate holds deals from; one alone is singled out
MOST = 2  # how many times as many are held as pass by, or the gate is about a few
SHOWN = 3  # gates of a stage; more are counted
Moves = Sequence[tuple[int, int]]  # sources and targets that a gate holds, as masks of stages


@dataclass(frozen=True, slots=True)
class Bypass:
    """A stage that lets deals pass by `gates`: by way of it from `source` to `target`, for one.

    `before` is the stage before it, which most lists name that should name both.
    """

    stage: str
    before: str
    source: str
    target: str
    gates: list[str]


def bypass_findings(
    prover: Prover, machine: StageMachine[Any], pipeline: Pipeline
) -> Iterator[Finding]:
    """Yield the stages of a pipeline through which deals pass by gates."""
    for bypass in bypasses(prover, machine, pipeline):
        yield _finding(prover, bypass)


def bypasses(prover: Prover, machine: StageMachine[Any], pipeline: Pipeline) -> Iterable[Bypass]:
    """Return the stages of a pipeline through which deals pass by gates, each with these gates."""
    by_rule = dict[str, Bypass]()
    if {machine.source, machine.target} <= set(prover.space.column):
        for gate, moves in _held(prover, machine, pipeline.stages).items():
            for source, through, target in _around(pipeline.stages, moves):
                before = pipeline.stages[pipeline.ranks[through.name] - 1].name
                new = Bypass(through.name, before, source.name, target.name, [])
                gates = by_rule.setdefault(through.name, new).gates
                gates += [] if gate in gates else [gate]
    return by_rule.values()


def _around(stages: Sequence[Stage], moves: Moves) -> Iterator[tuple[Stage, Stage, Stage]]:
    """Yield ways that pass a gate by: from, through and to."""
    ends = [rank for rank, _ in enumerate(stages) if any(held >> rank & 1 for _, held in moves)]
    for end in ends:
        before = [rank for rank in range(end) if not stages[rank].closed]
        held = [rank for rank in before if _holds(moves, rank, end)]
        through = {
            rank: source
            for rank in before
            if rank not in held
            for source in held
            if source < rank and not _holds(moves, source, rank)
        }
        if len(ends) == 1:  # only from the stage before it may a deal come there, perhaps
            through.pop(before[-1], None)
        if len(held) >= LEAST and len(held) >= MOST * len(through):
            for rank, source in through.items():
                yield stages[source], stages[rank], stages[end]


def _holds(moves: Moves, source: int, target: int) -> bool:
    return any(start >> source & 1 and other >> target & 1 for start, other in moves)


def _held(
    prover: Prover, machine: StageMachine[Any], stages: Sequence[Stage]
) -> Mapping[str, Moves]:
    """Return the moves that each gate may hold, by what it blocks or requires."""
    held = dict[str, list[tuple[int, int]]]()
    for rule in prover.ruleset.rules:
        gate = rule.then.block or rule.then.require
        if not gate:
            continue
        try:
            rows = prover.rows(prover.rules[rule.id], Region.POSSIBLE)
        except Unproved:
            continue
        for row in rows:
            masks = [
                _stages_of(prover, key, row, stages) for key in (machine.source, machine.target)
            ]
            held.setdefault(gate, []).append((masks[0], masks[1]))
    return held


def _stages_of(prover: Prover, key: str, row: Row, stages: Sequence[Stage]) -> int:
    """Return the stages of a pipeline that a row leaves a fact, as a mask by their rank."""
    column = prover.space.column[key]
    mask = dict(row).get(column, prover.space.full[column])
    bits = {item.sample: bit for bit, item in enumerate(prover.space.classes[column])}
    return sum(1 << rank for rank, stage in enumerate(stages) if mask >> bits[stage.name] & 1)


def _finding(prover: Prover, bypass: Bypass) -> Finding:
    stage, gates = bypass.stage, bypass.gates
    rest = [f"{len(gates) - SHOWN} more"] if len(gates) > SHOWN else []
    return Finding(
        _forgetting(prover, bypass),
        f"stage {stage}",
        Code.STAGE_PASSED_BY,
        Severity.WARNING,
        f"lets deals pass by {joined([*gates[:SHOWN], *rest])}: they hold a deal that moves from "
        f"{bypass.source} to {bypass.target}, but not one that goes by way of {stage}",
        "add it to the lists that name the others; better, put the gate on `gates:` of a stage, "
        "which rules read as move.gates",
    )


def _forgetting(prover: Prover, bypass: Bypass) -> Location:
    """Return the first list that names the stage before this one, or else the move's ends."""
    lists = [hand_list for hand_list in hand_lists(prover.ruleset) if hand_list.how == "lists"]
    for name in (bypass.before, bypass.source, bypass.target):
        for listed in lists:
            if name in listed.texts and bypass.stage not in listed.texts:
                return listed.location
    return prover.ruleset.location
