"""What an impact has seen and not counted yet: most decisions say the same, and count in bulk."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from dealgate.foresight.impact import Impact
from dealgate.foresight.segments import Segment
from dealgate.foresight.sketch import Shift
from dealgate.foresight.versions import Side

KEPT = 4096
# The name of a number, and what it was and is; None: that version does not say it.
Move: TypeAlias = tuple[str, float | None, float | None]


@dataclass(slots=True)
class Pending:
    """How often each segment, rule and move of a number was seen since they were last counted."""

    segments: Counter[Segment] = field(default_factory=Counter)
    flipped: Counter[Segment] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    moves: Counter[Move] = field(default_factory=Counter)

    @property
    def is_full(self) -> bool:
        """Whether it is time to count."""
        return len(self.moves) + len(self.segments) > KEPT

    def belong(self, segments: Sequence[Segment], *, flips: bool) -> None:
        """Note the segments of a decision."""
        self.segments.update(segments)
        if flips:
            self.flipped.update(segments)

    def exercised(self, side: Side) -> None:
        """Note which rules of the new version fired."""
        self.fired.update(side.evidence.fired_ids)

    def moved(self, old: Side, new: Side) -> None:
        """Note from what to what each number of a decision moves."""
        before, after, moves = old.numbers, new.numbers, self.moves
        for name, number in after.items():
            moves[name, before.get(name), number] += 1
        if before.keys() != after.keys():
            moves.update((name, before[name], None) for name in before.keys() - after.keys())

    def counted(self, impact: Impact) -> None:
        """Count it all into an impact, and forget it."""
        for segment, decisions in self.segments.items():
            impact.belong(segment, decisions, self.flipped[segment])
        for (name, before, after), times in self.moves.items():
            impact.shifts.setdefault(name, Shift()).add(before, after, times)
        impact.fired.update(self.fired)
        for noted in (self.segments, self.flipped, self.fired, self.moves):
            noted.clear()
