"""A score's history: questions that ask what a lead would have scored at some instants."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from dealgate_client.questions import question
from dealgate_client.v1.decision_service_pb2 import Question
from dealgate_client.v1.score_pb2 import ScoreFacts
from dealgate_client.values import timestamp

POINTS_MAX = 256


def known_at(facts: ScoreFacts, instant: dt.datetime) -> ScoreFacts:
    """Return what of the facts was there at `instant`: nothing that happened later.

    An activity without an instant stays; nobody knows when it was.
    """
    until = timestamp(instant).ToNanoseconds()
    known = ScoreFacts()
    known.CopyFrom(facts)
    happened = [
        activity
        for activity in facts.activities
        if not activity.HasField("at") or activity.at.ToNanoseconds() <= until
    ]
    del known.activities[:]
    known.activities.extend(happened)
    messages: tuple[tuple[Any, str], ...] = (
        (known.lead, "created_at"),
        (known.history, "engagement_reset_at"),
        (known.history, "rejected_at"),
        (known.history, "last_attempt_at"),
    )
    for message, name in messages:
        if message.HasField(name) and getattr(message, name).ToNanoseconds() > until:
            message.ClearField(name)
    earlier = [
        lead
        for lead in facts.account_leads
        if not lead.HasField("scored_at") or lead.scored_at.ToNanoseconds() <= until
    ]
    del known.account_leads[:]
    known.account_leads.extend(earlier)
    return known


def history_questions(
    facts: ScoreFacts, instants: Iterable[dt.datetime], version: int | None
) -> Sequence[Question]:
    """Return a dry run for each instant, by the rules of then, or by one version.

    Raises ValueError for more than 256 instants.
    """
    points = list(instants)
    if len(points) > POINTS_MAX:
        raise ValueError(f"a history has at most {POINTS_MAX} instants")
    return [
        question(known_at(facts, instant), as_of=instant, dry_run=True, rule_set_version=version)
        for instant in points
    ]
