"""What each room of each kind costs on a sample question."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.samples import Sample, samples
from bench.series import measured
from dealgate.engine.native import NativeEngine, Program
from dealgate.kinds import KINDS
from dealgate.model.answer import Answers
from dealgate.model.decision import Question
from dealgate.rulebook.catalog import Catalog

NO_ID = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Rooms:
    """One question on its way through the rooms, with what each room makes of it."""

    sample: Sample
    program: Program

    def operations(self) -> dict[str, Callable[[], object]]:
        """Return what each room does with it."""
        sample, program, ruleset = self.sample, self.program, self.program.ruleset
        kind, at, parameters = KINDS[sample.kind], sample.as_of, ruleset.parameters
        facts: Any = sample.facts
        known = kind.derived(facts, parameters, at)
        evidence = program.fire(known, at, explain=False)
        conclusion = kind.conclude(known, ruleset, evidence, at)
        question = Question(NO_ID, sample.kind, facts, at, at)
        answers, data = Answers(kind, ruleset, "native"), facts.SerializeToString()
        rooms = {
            "parse": lambda: kind.facts.FromString(data),
            "check": lambda: kind.admitted(facts, parameters, at),
            "derive": lambda: kind.derived(facts, parameters, at),
            "fire": lambda: program.fire(known, at, explain=False),
            "conclude": lambda: kind.conclude(known, ruleset, evidence, at),
            "answer": lambda: answers.answered(question, evidence, conclusion),
        }
        if kind.derive is None:
            del rooms["derive"]
        return {f"{sample.kind}: {name}": room for name, room in rooms.items()}


def compared(catalog: Catalog, rounds: int) -> dict[str, Any]:
    """Return the CPU µs of every room of every kind."""
    engine, told = NativeEngine(), dict[str, Any]()
    for sample in samples(catalog):
        program = engine.prepare(catalog.version(sample.kind, 2))
        series = measured(Rooms(sample, program).operations(), rounds)
        told |= series.told()
        whole = sum(series.median(name) for name in series.values)
        told[sample.kind] = {"unit": "µs", "median": whole, "facts": sample.facts.ByteSize()}
    return told
