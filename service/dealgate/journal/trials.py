"""A decision's part in an experiment, as its record keeps it: both arms lie in one record.

So they are durable together or not at all, and no count of decisions meets one question twice.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dealgate.model.challengers import read_challenger
from dealgate.model.decision import Decision, Trial
from dealgate.model.provenance import read_provenance


def written_trial(trial: Trial) -> Mapping[str, Any]:
    """Return what a record's head keeps; `beside` is the length of the other answer."""
    other = trial.other
    head: dict[str, Any] = {
        "challenger": trial.challenger.written(),
        "champion": trial.champion,
        "challenged": trial.is_challenged,
        "refusal": trial.refusal,
        "beside": 0 if other is None else len(other.answer),
    }
    if other is not None:
        made = other.provenance
        head["other"] = {
            "version": other.version,
            "digest": other.digest,
            "outcome": other.outcome,
            "fired": other.fired,
            "provenance": None if made is None else made.written(),
        }
    return head


def read_trial(decision: Decision, head: Mapping[str, Any], beside: bytes) -> Decision:
    """Return the decision with its part in an experiment; `beside` is the other answer."""
    other, kept = None, head.get("other")
    if kept is not None:
        other = other_of(
            replace(
                decision,
                version=kept["version"],
                digest=kept["digest"],
                outcome=kept["outcome"],
                fired=tuple(kept["fired"]),
                provenance=read_provenance(kept["provenance"]),
                answer=beside,
            )
        )
    terms = read_challenger(head["challenger"])
    trial = Trial(terms, head["champion"], head["challenged"], other, head["refusal"])
    return replace(decision, trial=trial)


def other_of(decision: Decision) -> Decision:
    """Return a decision that answered nobody: it takes no turn and is found by nothing."""
    return replace(decision, marks=(), turn=None, trial=None)
