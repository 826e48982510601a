"""Which rules come out differently for changed facts."""

from dealgate.model.decision import (
    AnyEvidence,
    AnyFailed,
    AnyFired,
    AnyUndecided,
    Fired,
)
from dealgate.model.flips import RuleChange


def causes(before: AnyEvidence, after: AnyEvidence) -> list[RuleChange]:
    """Return the rules that came out differently: first those that fire now."""
    lists = (
        (after.fired, before.fired, "fires"),
        (before.fired, after.fired, "no longer fires"),
        (after.failed, before.failed, "goes wrong"),
        (after.undecided, before.undecided, "can no longer be judged"),
        (before.undecided, after.undecided, "can be judged now"),
    )
    changes: dict[str, RuleChange] = {}
    for these, those, effect in lists:
        known = {_hit(entry) for entry in those}
        for entry in these:
            if _hit(entry) not in known:
                changes.setdefault(
                    entry.rule.id, RuleChange(entry.rule.id, entry.rule.because, effect)
                )
    return list(changes.values())


def _hit(entry: AnyFired | AnyUndecided | AnyFailed) -> tuple[object, ...]:
    return entry.rule.id, entry.elements, entry.ids if isinstance(entry, Fired) else ()
