"""Facts of cases that may show what is asked of a rule, by what the cases say of it.

A case that lists a rule as fired is where to look for facts on which it fires. Whether it does is
for the engine to say, by the rules as they are now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dealgate.proof.witness import Witness
from dealgate.rulebook.cases import Case

MOST = 4  # cases that are tried for one rule: if none of them will do, it is proved


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Facts of cases in which a rule fires, those in which fewest others do first; and any."""

    firing: Mapping[str, Sequence[Witness]] = field(default_factory=dict)
    other: Sequence[Witness] = ()

    def quiet(self, rule: str) -> Iterable[Witness]:
        """Return facts of cases in which a rule does not fire."""
        firing = {id(witness) for witness in self.firing.get(rule, ())}
        return [witness for witness in self.other if id(witness) not in firing][:MOST]


def case_facts(cases: Iterable[Case]) -> CaseFacts:
    """Return the facts of cases that end in an answer, by the rules that they list."""
    answered = [case for case in cases if case.error is None and case.fired is not None]
    answered.sort(key=lambda case: len(case.fired or ()))
    firing: dict[str, list[Witness]] = {}
    other: list[Witness] = []
    for case in answered:
        witness = Witness(case.facts, case.as_of)
        fresh = [rule for rule in case.fired or () if len(firing.get(rule, ())) < MOST]
        for rule in fresh:
            firing.setdefault(rule, []).append(witness)
        if fresh or len(other) < MOST:
            other.append(witness)
    # Many rules are false where much is known.
    other.sort(key=lambda witness: -witness.facts.ByteSize())
    return CaseFacts(firing, other)
