"""What came of many replays: counts that add up, and the first of those that were not equal."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dealgate.model.errors import RecordDamaged
from dealgate.model.provenance import Change
from dealgate.model.replays import Replayed, ReplayVerdict

SHOWN = 20


@dataclass(slots=True)
class Summary:
    """Counts by rule set and verdict; `position` is the id of the last decision that is in them."""

    counts: Counter[tuple[str, ReplayVerdict]] = field(default_factory=Counter)
    changes: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    shown: list[Replayed] = field(default_factory=list)
    position: str | None = None
    damaged: int = 0

    @property
    def decisions(self) -> int:
        """How many were replayed, or could not be."""
        return self.counts.total()

    @property
    def unsound(self) -> int:
        """How many came to another answer, or to none."""
        wrong = (count for (_, verdict), count in self.counts.items() if not verdict.is_sound)
        return sum(wrong) + self.damaged

    @property
    def equal(self) -> int:
        """How many came to the same bytes."""
        return self.of(ReplayVerdict.EQUAL)

    def of(self, verdict: ReplayVerdict) -> int:
        """How many came to this verdict."""
        return sum(count for (_, came), count in self.counts.items() if came is verdict)

    def add(self, replays: Iterable[Replayed | RecordDamaged]) -> None:
        """Count them in, in the order of the journal."""
        for replayed in replays:
            if isinstance(replayed, RecordDamaged):
                self.damaged += 1
                continue
            self.position = replayed.decision_id
            self.counts[replayed.ruleset, replayed.verdict] += 1
            if replayed.verdict is ReplayVerdict.EQUAL:
                continue
            self.changes.update(str(change) for change in replayed.changes)
            self.fields.update(replayed.fields)
            if len(self.shown) < SHOWN and not replayed.verdict.is_sound:
                self.shown.append(replayed)

    def document(self) -> dict[str, Any]:
        """Return it as JSON holds it; `restored` reads that."""
        return {
            "decisions": self.decisions,
            "unsound": self.unsound,
            "damaged": self.damaged,
            "position": self.position,
            "verdicts": {verdict.value: self.of(verdict) for verdict in ReplayVerdict},
            "rule_sets": [
                {"rule_set": name, "verdict": verdict.value, "decisions": count}
                for (name, verdict), count in sorted(
                    self.counts.items(), key=lambda item: (item[0][0], item[0][1].value)
                )
            ],
            "changes": dict(sorted(self.changes.items())),
            "fields": dict(sorted(self.fields.items())),
            "first": [replayed_document(replayed) for replayed in self.shown],
        }


def replayed_document(replayed: Replayed) -> dict[str, Any]:
    """Return one replay as JSON holds it."""
    return {
        "decision_id": replayed.decision_id,
        "rule_set": replayed.ruleset,
        "verdict": replayed.verdict.value,
        "recorded": replayed.recorded,
        "outcome": replayed.outcome,
        "fields": list(replayed.fields),
        "changes": [[c.subject, c.recorded, c.here] for c in replayed.changes],
        "because": replayed.because,
    }


def restored(document: Mapping[str, Any]) -> Summary:
    """Return the summary that `Summary.document` wrote."""
    counts = {
        (row["rule_set"], ReplayVerdict(row["verdict"])): row["decisions"]
        for row in document["rule_sets"]
    }
    return Summary(
        counts=Counter(counts),
        changes=Counter(document["changes"]),
        fields=Counter(document["fields"]),
        shown=[_replayed(row) for row in document["first"]],
        position=document["position"],
        damaged=document["damaged"],
    )


def _replayed(row: Mapping[str, Any]) -> Replayed:
    return Replayed(
        decision_id=row["decision_id"],
        ruleset=row["rule_set"],
        verdict=ReplayVerdict(row["verdict"]),
        recorded=row["recorded"],
        outcome=row["outcome"],
        fields=tuple(row["fields"]),
        changes=tuple(Change(*change) for change in row["changes"]),
        because=row["because"],
    )
