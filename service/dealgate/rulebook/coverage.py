"""Which rules of a rule set its cases have seen fire, and seen stay quiet."""

from collections.abc import Sequence

from dealgate.model.rules import RuleSet
from dealgate.rulebook.faults import Fault
from dealgate.v1.decision_pb2 import Evidence


class Coverage:
    """Takes note of the evidence of every case."""

    def __init__(self, ruleset: RuleSet) -> None:
        self._ruleset = ruleset
        self._fired: set[str] = set()
        self._quiet: set[str] = set()

    def see(self, evidence: Evidence) -> None:
        """Take note of one decision's evidence."""
        lists = (evidence.fired, evidence.undecided, evidence.failed)
        fired, *open_ends = ({rule.rule_id for rule in rules} for rules in lists)
        self._fired |= fired
        self._quiet |= {r.id for r in self._ruleset.rules} - fired - set().union(*open_ends)

    @property
    def gaps(self) -> Sequence[Fault]:
        """The rules that no case sees fire, or none sees stay quiet though it may."""
        found = []
        for rule in self._ruleset.rules:
            if rule.id not in self._fired:
                hint = "write a case in which it fires"
                found.append(Fault(rule.place, f"rule {rule.id}: no case sees it fire", hint))
            if rule.when is not None and rule.id not in self._quiet:
                hint = "write a case in which its condition is false"
                found.append(Fault(rule.place, f"rule {rule.id}: no case sees it stay quiet", hint))
        return found
