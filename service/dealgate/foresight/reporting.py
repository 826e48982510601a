"""An impact as a document: what text, JSON, JUnit and the page all say."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from dealgate.foresight.assessing import idle_rules
from dealgate.foresight.causes import FACTS, PARAMETERS, Cause
from dealgate.foresight.concluding import TransitionRate, known_of, overall, segments_hit
from dealgate.foresight.impact import CauseKey, Example, Impact, Weight
from dealgate.foresight.measures import date_of, dated, outcome_of
from dealgate.foresight.pasting import case_of
from dealgate.foresight.sketch import Shift, Sketch
from dealgate.foresight.versions import REFUSED
from dealgate.model.kind import AnyKind
from dealgate.model.money import exponent
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.instants import written

SEGMENTS, CASES = 12, 20


@dataclass(frozen=True, slots=True)
class AssessedVersions:
    """What was compared, on which decisions; `treated` are outcomes that are acted upon."""

    kind: AnyKind
    old: AnyRuleSet
    new: AnyRuleSet
    tenant: str
    since: int | None
    sample: int | None
    window_days: int
    treated: Collection[str] | None


def document(asked: AssessedVersions, impact: Impact) -> dict[str, Any]:
    """Return the impact as JSON holds it."""
    bounds = overall(impact)
    dates = dated(outcome_of(asked.kind))
    return {
        **_asked(asked),
        "decisions": impact.decisions,
        "damaged": impact.damaged,
        "erased": impact.erased,
        "decided_from": None if impact.first is None else written(impact.first),
        "decided_to": None if impact.last is None else written(impact.last),
        "flips": {**_weight(impact.flips), "share": round(impact.share, 6)},
        "same_word_other_rules": impact.same_word,
        "old_is_not_what_was_recorded": impact.not_as_recorded,
        "transitions": [
            {"old": transition.old, "new": transition.new, **_weight(weight)}
            for transition, weight in sorted(impact.matrix.items())
        ],
        "causes": [
            _cause(asked, key, impact.causes[key], impact.examples[key]) for key in ranked(impact)
        ],
        "lacking": [
            {"fact": path, "decisions": count} for path, count in _lacking(impact).most_common()
        ],
        "segments": [
            {"fact": path, "value": value, "decisions": decisions, "flips": flips}
            for path, value, decisions, flips in segments_hit(impact, SEGMENTS)
        ],
        "measures": [
            {"measure": name, **_shift(shift, dated=name in dates)}
            for name, shift in sorted(impact.shifts.items())
            if not shift.is_unmoved
        ],
        "what_happened": [_happened(known) for known in known_of(impact, asked.treated)],
        "overall": None if bounds is None else asdict(bounds),
        "not_exercised": list(idle_rules(impact, asked.new)),
        "undecided": dict(sorted(impact.undecided.items())),
    }


def _asked(asked: AssessedVersions) -> dict[str, Any]:
    return {
        "kind": asked.kind.name,
        "old": {"rule_set": asked.old.name, "digest": asked.old.digest},
        "new": {"rule_set": asked.new.name, "digest": asked.new.digest},
        "tenant": asked.tenant,
        "since": None if asked.since is None else written(asked.since),
        "sample": asked.sample,
        "window_days": asked.window_days,
    }


def _happened(known: TransitionRate) -> dict[str, Any]:
    return {
        "old": known.transition.old,
        "new": known.transition.new,
        "treatment": known.treatment.value,
        "mature": known.happened.mature,
        "open": known.happened.open,
        "successes": known.happened.successes,
        "failures": known.happened.failures,
        "at_least": None if known.rate is None else float(known.rate.low),
        "at_most": None if known.rate is None else float(known.rate.high),
        "won": amounts(known.happened.won),
        "says": str(known),
    }


def ranked(impact: Impact) -> Sequence[CauseKey]:
    """Return the causes, those of the most decisions first."""
    return sorted(impact.causes, key=lambda key: (-impact.causes[key].decisions, key))


def cause_words(cause: Cause) -> str:
    """Say what a cause is: a rule, or what takes the place of one."""
    if cause.unit == REFUSED:
        return "one version refuses the facts"
    if cause.unit == FACTS:
        return "more or fewer facts are read: completeness"
    if cause.unit == PARAMETERS:
        names = ", ".join(cause.parameters)
        return f"parameters: {names}" if names else "how the kind concludes"
    also = f", together with {', '.join(cause.together)}" if cause.together else ""
    lacks = f", undecided: missing {', '.join(cause.lacks)}" if cause.lacks else ""
    return f"{cause.unit}{lacks}{also}"


def amounts(money: Any) -> dict[str, str]:
    """Return amounts by currency, as decimals."""
    return {currency: amount(minor, currency) for currency, minor in sorted(money.items())}


def amount(minor: int, currency: str) -> str:
    """Return an amount in units, exactly; sums may be larger than a message can hold."""
    return f"{Decimal(minor).scaleb(-(exponent(currency) or 0)):f}"


def _weight(weight: Weight) -> dict[str, Any]:
    return {"decisions": weight.decisions, "money": amounts(weight.money)}


def _cause(
    asked: AssessedVersions, key: CauseKey, weight: Weight, example: Example
) -> dict[str, Any]:
    return {
        "old": key.transition.old,
        "new": key.transition.new,
        "cause": cause_words(key.cause),
        "rule": key.cause.unit if key.cause.is_rule else None,
        "how": key.cause.how,
        "lacks": list(key.cause.lacks),
        "condition": key.condition,
        **_weight(weight),
        "example": example.decision_id,
        "case": case_of(asked.kind, key, example),
    }


def _shift(shift: Shift, *, dated: bool) -> dict[str, Any]:
    return {
        "up": shift.up,
        "down": shift.down,
        "mean_change": _mean(shift),
        "is_date": dated,
        "old": _distribution(shift.before, date_of if dated else _rounded),
        "new": _distribution(shift.after, date_of if dated else _rounded),
    }


def _mean(shift: Shift) -> float | None:
    both = min(shift.before.count, shift.after.count)
    return round(shift.moved / both, 6) if both else None


def _distribution(sketch: Sketch, shown: Callable[[float], Any]) -> dict[str, Any]:
    if not sketch.count:
        return {"count": 0}
    said = {name: shown(value) for name, value in _quantiles(sketch)}
    return {"count": sketch.count, **said}


def _quantiles(sketch: Sketch) -> Iterator[tuple[str, float]]:
    yield "least", sketch.least
    for name, share in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
        yield name, sketch.quantile(share) or 0.0
    yield "most", sketch.most
    yield "mean", sketch.mean or 0.0


def _rounded(value: float) -> float:
    return round(value, 6)


def _lacking(impact: Impact) -> Counter[str]:
    """Count, by fact, the flips whose cause is undecided: missing it."""
    lacking: Counter[str] = Counter()
    for key, weight in impact.causes.items():
        for path in key.cause.lacks:
            lacking[path] += weight.decisions
    return lacking
