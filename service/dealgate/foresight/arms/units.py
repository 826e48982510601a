"""Entities, each by its first decision, and the arm it was assigned to."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dealgate.journal.port import Recorded
from dealgate.model.challengers import Challenger
from dealgate.model.decision import Trial
from dealgate.model.errors import RecordDamaged
from dealgate.model.results import Result


@dataclass(frozen=True, slots=True)
class Unit:
    """The first decision about an entity; `share` is that of arm 1 when it was assigned."""

    arm: int
    share: float
    as_of: int
    result: Result | None


@dataclass(slots=True)
class Experiment:
    """What an experiment has met so far.

    `strayed` are entities that met the other arm later, as happens when a share grows. `pairs`
    count what both versions made of the same facts: the champion's word, the challenger's.
    `refused` counts what the challenger could not answer.
    """

    versions: tuple[int, int]
    challenger: Challenger | None = None
    decisions: int = 0
    refused: int = 0
    units: dict[str, Unit] = field(default_factory=dict)
    strayed: set[str] = field(default_factory=set)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def in_order(self) -> Sequence[Unit]:
        """The units, in the order in which they were assigned."""
        return sorted(self.units.values(), key=lambda unit: unit.as_of)

    def meet(self, entity: str, unit: Unit) -> None:
        """Count a decision about an entity."""
        self.decisions += 1
        if self.units.setdefault(entity, unit).arm != unit.arm:
            self.strayed.add(entity)


def by_versions(
    records: Iterable[Recorded | RecordDamaged],
    versions: tuple[int, int],
    share: float,
    scope: str = "",
) -> Experiment:
    """Return the experiment of callers who assigned entities by naming one of two versions.

    They are of a scope, or of the kind's own rules: both count their versions from 1.
    """
    experiment = Experiment(versions)
    for record in records:
        if isinstance(record, RecordDamaged) or record[0].scope != scope:
            continue
        if record[0].version in versions:
            decision, result = record
            arm = versions.index(decision.version)
            unit = Unit(arm, share, decision.as_of, result)
            experiment.meet(str(decision.entity), unit)
    return experiment


def experiments(records: Iterable[Recorded | RecordDamaged]) -> dict[str, Experiment]:
    """Return what was journalled of experiments, by seed; the one met last comes last."""
    known: dict[str, Experiment] = {}
    for record in records:
        if isinstance(record, RecordDamaged):
            continue
        decision, result = record
        trial = decision.trial
        if trial is None:
            continue
        experiment = known.pop(trial.challenger.seed, None) or _begun(trial)
        known[trial.challenger.seed] = experiment
        experiment.challenger = trial.challenger
        share = trial.challenger.share
        unit = Unit(int(trial.is_challenged), float(share or 0), decision.as_of, result)
        experiment.meet(str(decision.entity), unit)
        if trial.other is None:
            experiment.refused += 1
        else:
            words = decision.outcome, trial.other.outcome
            experiment.pairs[words[::-1] if decision.is_challengers else words] += 1
    return known


def _begun(trial: Trial) -> Experiment:
    return Experiment((trial.champion, trial.challenger.version))
