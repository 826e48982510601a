"""What cannot change by its nature, or by the rule set, is in no flip; it is told what is held."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice, zip_longest
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from dealgate.explain.explaining import explain
from dealgate.explain.fact_positions import changed
from dealgate.explain.flip_results import Bounds, Flips
from dealgate.explain.flips import Search
from dealgate.explain.verdicts import WhatIfJudge
from dealgate.kinds import KINDS
from dealgate.model.fields import fields_of, message_of
from dealgate.model.fixed import is_event, mark_of
from dealgate.model.instants import SECOND
from dealgate.v1 import activity_pb2, lead_pb2
from dealgate.v1 import qualify_pb2 as pb
from dealgate.v1.fixed_pb2 import FIXED_PAST, FIXED_UNSPECIFIED
from tests.explain.build import AS_OF, judge, saying, search, told
from tests.shipped import ENGINE, newest_cases

NOW = AS_OF // SECOND
DAY = 86_400
DEMO = activity_pb2.ACTIVITY_TYPE_DEMO_REQUEST
TESTS = {"verify": (2, 10)}  # of a kind whose verdicts are dear: cases, and verdicts of each
USUAL = (3, 60)


def _paths(found: Flips) -> set[str]:
    return {path for _, changes in told(found) for path in changes}


@pytest.mark.parametrize("name", KINDS)
def test_no_flip_of_a_shipped_case_rewrites_what_is_fixed(name: str) -> None:
    """Facts after a flip have every fixed fact as it was, and nothing new in the past."""
    cases, tries = TESTS.get(name, USUAL)
    file = newest_cases(name)
    answered = [case for case in file.cases if case.error is None]
    for case in islice(answered, 0, None, max(1, len(answered) // cases)):
        judging = WhatIfJudge(KINDS[name], ENGINE.prepare(file.ruleset), case.as_of)
        base = judging.judge(case.facts)
        assert base is not None
        found = Search(judging, case.facts, base, Bounds(tries=tries)).run()
        for flip in [*found.flips, *([found.mended] if found.mended else [])]:
            made = [(change.spot, change.after) for change in flip.changes]
            after = changed(case.facts, made)
            removed = any(spot.removable and value is None for spot, value in made)
            wrong = [] if removed else [*_rewritten(case.facts, after, case.as_of // SECOND, "")]
            assert not wrong, f"{case.name}: {[spot.path for spot, _ in made]}"
            assert not [
                spot.path
                for spot, value in made
                if spot.removable and value is None and _is_record(spot.fact.field)
            ]


def test_a_country_is_in_no_flip() -> None:
    """A known country stays; one that nobody sent is told among what is not known."""
    judging = judge({"here": 'lead.country == "DE" || scores.fit > 10'})
    known = pb.QualifyFacts(lead=lead_pb2.Lead(country="AT"), scores=pb.LeadScores(fit=1))
    found = search(judging, known)
    assert told(found) == [("here", {"scores.fit": 11})]
    assert found.fixed == ("lead.country",)
    unknown = pb.QualifyFacts(scores=pb.LeadScores(fit=1))
    assert "lead.country" not in _paths(search(judging, unknown))
    base = judging.judge(unknown)
    assert base is not None
    (missing,) = explain(judging, unknown, base, Bounds()).missing
    assert (missing.path, missing.flips_to) == ("lead.country", ("here",))


def test_what_holds_something_fixed_is_not_forgotten() -> None:
    """A lead is not taken away, because its country would go with it; scores may be unknown."""
    judging = judge({"both": "has(lead.country) && has(lead.company) && has(scores.fit)"})
    company = lead_pb2.Company(country="DE")
    facts = pb.QualifyFacts(
        lead=lead_pb2.Lead(country="DE", company=company), scores=pb.LeadScores(fit=1)
    )
    assert _paths(search(judging, facts)) == {"scores.fit"}


def test_the_past_is_not_rewritten_and_may_go_on() -> None:
    """An activity that was stays; another may happen now, and not a month ago."""
    recent = 'a.type == ACTIVITY_TYPE_DEMO_REQUEST && as_of - a.at < duration("240h")'
    judging = judge({"recent": recent}, each={"recent": ("a", "activities")})
    long_ago = Timestamp(seconds=NOW - 30 * DAY)
    old = activity_pb2.Activity(id="a", type=DEMO, at=long_ago)
    flips = told(search(judging, pb.QualifyFacts(activities=[old])))
    assert [set(changes) for _, changes in flips] == [{"activities[+]"}]
    (added,) = [changes["activities[+]"] for _, changes in flips]
    assert isinstance(added, activity_pb2.Activity)
    assert (added.type, added.at.seconds) == (DEMO, NOW)
    new = activity_pb2.Activity(id="b", type=DEMO, at=Timestamp(seconds=NOW - DAY))
    assert not told(search(judging, pb.QualifyFacts(activities=[new])))


def test_what_happened_last_may_happen_again_now() -> None:
    """The instant of the last attempt moves to the instant judged at, and nowhere else."""
    judging = judge({"fresh": 'as_of - history.last_attempt_at < duration("240h")'})
    facts = pb.QualifyFacts()
    facts.history.last_attempt_at.seconds = NOW - 30 * DAY
    assert told(search(judging, facts)) == [
        ("fresh", {"history.last_attempt_at": Timestamp(seconds=NOW)})
    ]
    facts.history.last_attempt_at.seconds = NOW - DAY
    assert not told(search(judging, facts))


@pytest.mark.parametrize(("attempts", "after"), [(2, 4), (4, None), (None, 4)])
def test_what_is_counted_only_grows(attempts: int | None, after: int | None) -> None:
    """More attempts can be made; those that were made cannot be taken back."""
    judging = judge({"enough": "history.attempts_without_response > 3"})
    facts = pb.QualifyFacts()
    if attempts is not None:
        facts.history.attempts_without_response = attempts
    expected = {"history.attempts_without_response": after}
    found = [changes for word, changes in told(search(judging, facts))]
    assert found == ([expected] if after is not None else [])


def test_what_is_true_of_the_past_stays_true() -> None:
    """Mail that came back does not come back less; mail that did not yet may."""
    judging = judge({"bounced": "lead.has_hard_bounced"})
    for bounced, flips in ((True, []), (False, [("bounced", {"lead.has_hard_bounced": True})])):
        facts = pb.QualifyFacts(lead=lead_pb2.Lead(has_hard_bounced=bounced))
        assert told(search(judging, facts)) == flips


def test_a_rule_set_says_otherwise() -> None:
    """What is `changeable` there is changed, whatever the contract says; `fixed` there adds."""
    judging = judge({"here": 'lead.country == "DE" || scores.fit > 10'})
    facts = pb.QualifyFacts(lead=lead_pb2.Lead(country="AT"), scores=pb.LeadScores(fit=1))
    for changeable in ("lead.country", "lead"):
        free = search(saying(judging, changeable=(changeable,)), facts)
        assert "lead.country" in _paths(free)
        assert free.fixed == ()
    assert not told(search(saying(judging, fixed=("scores",)), facts))
    both = saying(judging, changeable=("lead",), fixed=("lead.country",))
    assert _paths(search(both, facts)) == {"scores.fit"}


def test_a_past_that_is_changeable_is_changed() -> None:
    """With its activities `changeable`, a flip may say that one was of another type, or was not."""
    asked = "activities.exists(a, a.type == ACTIVITY_TYPE_DEMO_REQUEST)"
    judging = judge({"any": asked})
    facts = pb.QualifyFacts(activities=[activity_pb2.Activity(id="a", type=DEMO)])
    assert not told(search(judging, facts))
    free = search(saying(judging, changeable=("activities",)), facts)
    assert _paths(free) == {"activities[0]", "activities[0].type"}


def _rewritten(before: Message, after: Message, now: int, path: str) -> Iterator[str]:
    """Yield what is fixed and came out otherwise; no element was removed, new ones stand last."""
    for field in fields_of(before):
        here = f"{path}.{field.name}"
        old, new = _values(before, field), _values(after, field)
        mark = mark_of(field)
        for left, right in zip_longest(old, new):
            if left == right:
                continue
            known = left if left is not None else right
            if isinstance(known, Message) and not _is_value(known):
                if left is not None:
                    yield from _rewritten(left, type(left)() if right is None else right, now, here)
                elif field.is_repeated:
                    yield from _past(right, now, here)
            elif mark == FIXED_PAST:
                instant = _seconds(right)
                goes_on = instant >= now if instant is not None else _grows(left, right)
                if not goes_on:
                    yield here
            elif mark != FIXED_UNSPECIFIED:
                yield here


def _is_record(field: FieldDescriptor) -> bool:
    return field.message_type is not None and is_event(message_of(field))


def _past(added: Message, now: int, path: str) -> Iterator[str]:
    """Yield the fixed instants of a new element that lie in the past."""
    for field, value in added.ListFields():
        instant = None if field.is_repeated else _seconds(value)
        if instant is not None and instant < now and mark_of(field) != FIXED_UNSPECIFIED:
            yield f"{path}[+].{field.name}"


def _values(message: Message, field: Any) -> list[Any]:
    if field.is_repeated:
        return [*getattr(message, field.name)]
    known = not field.has_presence or message.HasField(field.name)
    return [getattr(message, field.name) if known else None]


def _is_value(message: Message) -> bool:
    return message.DESCRIPTOR.full_name.startswith("google.")


def _grows(left: Any, right: Any) -> bool:
    return right is not None and (left is None or isinstance(left, Message) or right > left)


def _seconds(value: Any) -> int | None:
    """Return an instant, or the last second of a date; None: it is neither."""
    if value is None or not isinstance(value, Message):
        return None
    name = value.DESCRIPTOR.name
    if name == "Timestamp":
        return int(getattr(value, "seconds"))  # noqa: B009 - of a message known by its name
    if name != "Date":
        return None
    date: Any = value
    end = dt.datetime(date.year, date.month, date.day, 23, 59, 59, tzinfo=dt.UTC)
    return int(end.timestamp())
