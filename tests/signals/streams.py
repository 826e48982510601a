"""Streams of activities, as they come, and what they mean by the plainest definition."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dealgate.inbox.incoming import Incoming
from dealgate.rulebook.instants import written
from dealgate.signals.arriving import ACTIVITY_RECORDED
from dealgate.signals.declared import Signal
from dealgate.signals.patterns import Occurrence
from tests.signals.brute import fires

SECOND = 10**9
BEGIN = 1_780_000_000 * SECOND
PRICING, REPLY, BLOG = (f"ACTIVITY_TYPE_{word}" for word in ("PRICING_PAGE", "REPLY", "BLOG"))


@dataclass(frozen=True)
class Told:
    """An activity: when it happened (seconds), what it was (None: not said), about whom."""

    number: int
    at: int
    type: str | None
    lead: str = "L1"

    @property
    def event(self) -> Incoming:
        """As it comes."""
        data: dict[str, Any] = {"type": self.type} if self.type else {}
        seconds = BEGIN // SECOND + self.at
        data["at"] = instant(seconds)
        return Incoming(
            f"e{self.number:03}",
            "/web",
            ACTIVITY_RECORDED,
            {"subject": f"lead/{self.lead}"},
            json.dumps(data).encode(),
        )

    def occurrence(self, name: str) -> Occurrence:
        """As the definition has it, for the signals of conftest.py."""
        visit = None if self.type is None else self.type == PRICING
        answer = None if self.type is None else self.type == REPLY
        key = f"/web#e{self.number:03}"
        answers = answer if name == "silence" else False
        return Occurrence(key, BEGIN + self.at * SECOND, visit, answers=answers)


def instant(seconds: int) -> str:
    """Return it as JSON has it."""
    return written(seconds * SECOND)


def expected(
    signals: Sequence[Signal], told: Sequence[Told], watermark: int
) -> set[tuple[str, str, int]]:
    """Return what must fire: the signal's name, the entity, and the instant."""
    return {
        (signal.name, f"lead/{lead}", at)
        for signal in signals
        if signal.feed == "activity"
        for lead in {one.lead for one in told}
        for at in fires(
            signal.pattern,
            [one.occurrence(signal.name) for one in told if one.lead == lead],
            watermark,
        )
    }
