"""Each signal once: whatever order events come in, and wherever what follows them dies."""

import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw
import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.inbox.asking import Request, options
from dealgate.inbox.deciding import Deciding
from dealgate.inbox.incoming import Incoming
from dealgate.inbox.outgoing import AnswerWriter
from dealgate.journal.signals.port import Limits, State, StateUnusable
from dealgate.journal.signals.sqlite import IN_MEMORY
from dealgate.journal.signals.urls import open_state
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.signals.arriving import ACTIVITY_RECORDED
from dealgate.signals.declared import Signal
from dealgate.signals.signal_folder import SignalFolder, read_signals
from dealgate.signals.telling import Places, Telling
from dealgate.signals.tracking import Tracker
from dealgate.streams.event import DECISION
from dealgate.streams.formats import as_json
from dealgate.streams.port import Outgoing
from dealgate.v1 import signal_pb2 as pb
from dealgate.v1.decision_pb2 import DecisionHeader
from dealgate.v1.decision_service_pb2 import WatchedEvent
from dealgate.v1.score_pb2 import ScoreLeadResponse
from tests.serving.zygote import Forked, fork
from tests.signals.streams import BEGIN, BLOG, PRICING, REPLY, SECOND, Told, expected

ROOT = Path(__file__).parents[2]
LATENESS = 10
LIMITS = Limits(LATENESS * SECOND)
NOW = BEGIN + 1000 * SECOND
streams = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from([PRICING, PRICING, REPLY, BLOG, None]),
        st.sampled_from(["L1", "L2"]),
        st.integers(0, LATENESS),
    ),
    max_size=16,
)


def tracker(
    followed: SignalFolder, state: Any, limits: Limits = LIMITS, tenant: str = "acme"
) -> Tracker:
    """Return what follows the signals of conftest.py."""
    return Tracker(tenant, followed.signals, followed.contexts, state, limits, lambda: NOW)


def fired(following: Tracker) -> list[tuple[str, str, int]]:
    """Return what has fired: names, entities and instants."""
    told = [pb.Signal.FromString(one.signal) for one in following.untold(1000)]
    return [(one.name, one.entity, one.at.ToNanoseconds()) for one in told]


@settings(max_examples=60)
@given(streams, st.integers(1, 5), st.data())
def test_any_order_within_the_lateness_gives_the_same_signals(
    followed: SignalFolder, stream: Any, page: int, data: Any
) -> None:
    """Delayed, doubled and in pages of any size: what fires is what the definition says."""
    state = open_state(IN_MEMORY)
    fires_as_defined(tracker(followed, state), followed, stream, page, data)
    state.close()


def fires_as_defined(
    following: Tracker, followed: SignalFolder, stream: Any, page: int, data: Any
) -> None:
    """Hold what fires against the definition, whatever keeps the state."""
    told = [Told(n, at, type_, lead) for n, (at, type_, lead, _) in enumerate(stream)]
    delays = [delay for *_, delay in stream]
    arriving = sorted(told, key=lambda one: (one.at + delays[one.number], one.number))
    for one in data.draw(st.lists(st.sampled_from(told), max_size=3)) if told else ():
        first = arriving.index(one)
        arriving.insert(data.draw(st.integers(first + 1, len(arriving))), one)
    for start in range(0, len(arriving), page):
        following.take([one.event for one in arriving[start : start + page]])
        following.settle()
    end = BEGIN + 100 * SECOND
    following.pass_time(end + LIMITS.lateness)
    following.settle()
    assert following.counts.arrived["late"] == 0
    wanted = expected(list(followed.signals.values()), told, end)
    assert sorted(fired(following)) == sorted(wanted)


class Died(Exception):
    """The process is gone."""


class Mortal:
    """A state whose process dies before or after its nth call; what is committed stays."""

    def __init__(self, state: State, dies: int) -> None:
        self._state, self._left = state, dies

    def __getattr__(self, name: str) -> Any:
        """Call it, unless it dies."""
        call = getattr(self._state, name)

        def mortal(*arguments: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                raise Died
            result = call(*arguments)
            self._left -= 1
            if self._left == 0:
                raise Died
            return result

        return mortal


class World:
    """A sink and a server, which live on."""

    def __init__(self) -> None:
        self.published: list[dict[str, Any]] = []
        self.decided: dict[str, bytes] = {}
        self.asked: Counter[str] = Counter()

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Take what is published."""
        self.published += [json.loads(event.body) for event in events]

    async def close(self) -> None:
        """Stay."""

    async def decide(self, requests: Sequence[Request]) -> Sequence[Message]:
        """Decide each key once; the same key with another body is wrong."""
        answers = []
        for request in requests:
            key = options(request).idempotency_key
            body = request.SerializeToString(deterministic=True)
            assert self.decided.setdefault(key, body) == body
            header = DecisionHeader(decision_id=key, kind="score")
            answers.append(ScoreLeadResponse(header=header))
        return answers


async def lived(followed: SignalFolder, name: str, world: World, told: Any, dies: int) -> bool:
    """Follow the stream from its beginning in one life; tell whether it came to its end."""
    state = open_state(name)
    assert state.take_turn("acme")  # whoever had it died
    following = tracker(followed, Mortal(state, dies))
    answered = AnswerWriter("acme", as_json)
    places = Places(world, world, None)
    telling = Telling(following, "acme", places, as_json, Deciding(world), answered)
    try:
        for start in range(0, len(told), 2):
            following.take([one.event for one in told[start : start + 2]])
            await telling.all()
        following.pass_time(BEGIN + 100 * SECOND + LIMITS.lateness)
        await telling.all()
    except Died:
        return False
    finally:
        state.close()
    return True


async def test_whatever_dies_each_signal_is_told_and_asked_once(
    followed: SignalFolder, tmp_path: Path
) -> None:
    """The process dies at every single step, before and after each commit; events come again."""
    await tells_each_once(followed, str(tmp_path / "state.db"))


async def tells_each_once(followed: SignalFolder, name: str, stride: int = 1) -> None:
    """Let it die at every step, or at some, wherever the state is kept."""
    told = [Told(n, n, PRICING if n < 7 else REPLY) for n in range(8)]
    wanted = expected(list(followed.signals.values()), told, BEGIN + 100 * SECOND)
    assert wanted
    world, lives = World(), 1
    while not await lived(followed, name, world, told, lives):
        lives += stride
    seen = [one for one in world.published if one["type"] == "dealgate.v1.signal.fired"]
    ids = {one["id"]: (one["signal"], one["subject"], one["time"]) for one in seen}
    assert lives > 10
    assert len(ids) == len(wanted) == len(set(ids.values()))
    assert len(world.decided) == sum(name == "visits" for name, *_ in wanted)


async def test_a_question_that_cannot_be_made_is_told(tmp_path: Path, checker: CelChecker) -> None:
    """The signal is published all the same; the dead letter says why nothing was asked."""
    (tmp_path / "signals").mkdir()
    text = "signal: visits\nowner: tests\nbecause: tests\non: activity\n"
    text += "count: {at_least: 1, within: 8s}\nask:\n  kind: score\n  facts:\n    lead:\n"
    text += "      id: string(int(entity.id))\n"
    (tmp_path / "signals/visits.yaml").write_text(text)
    folder, state, world, letters = (
        read_signals(tmp_path, KINDS, checker),
        open_state(IN_MEMORY),
        World(),
        World(),
    )
    following = tracker(folder, state)
    following.take([told_of("A", 5, 1), told_of("7", 5, 2)])
    following.pass_time(NOW)
    places = Places(world, None, letters)
    answered = AnswerWriter("acme", as_json)
    await Telling(following, "acme", places, as_json, Deciding(world), answered).all()
    assert {one["subject"] for one in world.published} == {"lead/A", "lead/7"}
    assert len(world.decided) == 1
    assert [one["dealgatereason"] for one in letters.published] == ["MAPPING_FAILED"]
    assert following.standing().untold == 0
    state.close()


def told_of(lead: str, at: int, number: int = 0) -> Incoming:
    """Return an activity."""
    return Told(number, at, PRICING, lead).event


def test_what_is_kept_is_bounded(followed: SignalFolder) -> None:
    """Events of an entity, entities, events of the past and of the future; and it forgets."""
    state = open_state(IN_MEMORY)
    keeps_bounds(followed, state)
    state.close()


def keeps_bounds(followed: SignalFolder, state: State) -> None:
    """Hold the bounds, whatever keeps the state."""
    following = tracker(followed, state, Limits(10 * SECOND, entities=2, waiting=2))
    events = [told_of("A", 50, 1), told_of("A", 51, 2), told_of("A", 52, 3), told_of("B", 50, 4)]
    events += [told_of("C", 50, 5), told_of("A", 39, 6), told_of("A", 2000, 7)]
    events += [Incoming("x", "/web", ACTIVITY_RECORDED, {}, b"{}"), told_of("\0", 51, 8)]
    reasons = [rejection and rejection.reason for rejection in following.take(events)]
    assert reasons == [
        *(None, None, "TOO_MANY_EVENTS", None, "TOO_MANY_ENTITIES", "LATE", "FUTURE"),
        *("INVALID_ACTIVITY", "INVALID_ACTIVITY"),
    ]
    standing = following.standing()
    assert (standing.entities, standing.waiting) == (2, 3)
    following.pass_time(BEGIN + 900 * SECOND)
    following.settle()
    standing = following.standing()
    assert (standing.entities, standing.waiting, standing.untold) == (0, 0, 2)


def test_a_signal_whose_meaning_changed_begins_anew(followed: SignalFolder) -> None:
    """What was counted under another definition does not count."""
    state = open_state(IN_MEMORY)
    before = tracker(followed, state)
    before.take([told_of("A", n, n) for n in (1, 2)])
    before.pass_time(BEGIN + 15 * SECOND)
    before.settle()
    visits = followed.signals["visits"]
    other = Signal(
        **{
            **{name: getattr(visits, name) for name in Signal.__slots__},
            "digest": "0" * 64,
        }
    )
    after = Tracker("acme", {"visits": other}, followed.contexts, state, LIMITS, lambda: NOW)
    after.take([told_of("A", 5, 5)])
    after.pass_time(BEGIN + 100 * SECOND)
    after.settle()
    assert fired(after) == []
    state.close()


def test_decisions_are_followed_by_their_outcomes(followed: SignalFolder) -> None:
    """What an outbox publishes with records is read; without, the event says what it lacks."""
    state = open_state(IN_MEMORY)
    following = tracker(followed, state)

    def decided(number: int, fit: int | None) -> Incoming:
        told = WatchedEvent()
        told.decision.decision_id, told.decision.kind = f"d{number}", "score"
        told.decision.evaluated_at.FromNanoseconds(BEGIN + number * SECOND)
        if fit is not None:
            told.record.answer.score.outcome.fit = fit
        data = told.SerializeToString()
        return Incoming(
            f"d{number}",
            "/dealgate/acme",
            DECISION,
            {"subject": "lead/A"},
            data,
            "application/protobuf",
        )

    rejections = following.take([decided(1, 40), decided(3, None), decided(2, 60)])
    assert [one and one.reason for one in rejections] == [None, "INVALID_ACTIVITY", None]
    following.pass_time(BEGIN + 50 * SECOND)
    following.settle()
    assert fired(following) == [("better", "lead/A", BEGIN + 2 * SECOND)]
    state.close()


KIND = """\
kind: listing
because: How good is this listing?
entity: {type: product, id: product.id}
facts:
  product:
    id: {type: text, required: true, because: The id.}
outcome:
  word: grade
  fields:
    grade: {type: enum, values: [a, b], fold: gravest, because: The grade.}
    points: {type: int, fold: sum, because: Of 100.}
    price: {type: decimal, fold: max, because: In euros.}
unknown: open
nothing: none
"""
RICH = """\
signal: rich
owner: tests
because: tests
on: listing
when: outcome.grade == "a" && outcome.price > decimal("9.5")
crossing: {of: outcome.points, above: 50}
"""


def test_decisions_of_declared_kinds_are_followed(tmp_path: Path, checker: CelChecker) -> None:
    """Their outcomes are read by name, whatever order kind.yaml has when they are judged."""
    for name, text in (("listing/kind.yaml", KIND), ("signals/rich.yaml", RICH)):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    state = open_state(IN_MEMORY)
    before = tracker(read_signals(tmp_path, KINDS, checker), state)

    def decided(number: int, **outcome: Any) -> Incoming:
        told = WatchedEvent()
        told.decision.decision_id, told.decision.kind = f"d{number}", "listing"
        told.decision.evaluated_at.FromNanoseconds(BEGIN + number * SECOND)
        told.record.answer.declared.outcome.update(outcome)
        data, subject = told.SerializeToString(), {"subject": "product/P1"}
        return Incoming(
            f"d{number}", "/dealgate/acme", DECISION, subject, data, "application/protobuf"
        )

    grades = [("a", 40), ("b", 60), ("a", 61)]
    events = [
        decided(number, grade=grade, points=points, price="10")
        for number, (grade, points) in enumerate(grades, 1)
    ]
    assert before.take([*events, decided(4, grade="a")]) == [None] * 4
    lines = KIND.splitlines(keepends=True)
    lines[10], lines[11] = lines[11], lines[10]
    (tmp_path / "listing/kind.yaml").write_text("".join(lines))
    after = tracker(read_signals(tmp_path, KINDS, checker), state)
    after.pass_time(BEGIN + 50 * SECOND)
    after.settle()
    assert fired(after) == [("rich", "product/P1", BEGIN + 3 * SECOND)]
    assert after.counts.undecided == {"rich": 1}
    state.close()


def test_a_state_belongs_to_one_process(tmp_path: Path) -> None:
    """Two that follow one state would each believe half; and other files stay as they are."""
    state = open_state(str(tmp_path / "state.db"))
    with pytest.raises(StateUnusable, match="another process"):
        open_state(str(tmp_path / "state.db"))
    state.close()
    (tmp_path / "other.db").write_text("not a database, but a text of some length, twice over")
    with pytest.raises(StateUnusable):
        open_state(str(tmp_path / "other.db"))
    journal = apsw.Connection(str(tmp_path / "journal.db"))
    journal.execute("CREATE TABLE decisions(id)")
    journal.close()
    before = (tmp_path / "journal.db").read_bytes()
    with pytest.raises(StateUnusable, match="contains something else"):
        open_state(str(tmp_path / "journal.db"))
    assert (tmp_path / "journal.db").read_bytes() == before


def test_a_state_of_the_first_format_goes_on(tmp_path: Path, followed: SignalFolder) -> None:
    """Its tables had other names; nothing of what they hold is lost."""
    state = open_state(str(tmp_path / "state.db"))
    tracker(followed, state).take([told_of("A", n, n) for n in (1, 2, 3)])
    state.close()
    file = apsw.Connection(str(tmp_path / "state.db"))
    names = {"watermarks": "watermarks", "events": "events", "entities": "entities"}
    for before, after in {**names, "firings": "fired"}.items():
        file.execute(f"ALTER TABLE signal_{before} RENAME TO {after}")
    for index in ("events_due", "events_of", "events_past", "entities_due"):
        file.execute(f"DROP INDEX signal_{index}")
        file.execute(f"CREATE INDEX {index} ON {index.partition('_')[0]}(tenant)")
    file.execute("DROP TABLE signal_schema")
    file.close()
    state = open_state(str(tmp_path / "state.db"))
    following = tracker(followed, state)
    following.pass_time(BEGIN + 50 * SECOND)
    following.settle()
    assert ("visits", "lead/A", BEGIN + 3 * SECOND) in fired(following)
    state.close()


def changed(path: Path) -> int:
    """Return when a file was changed; 0: it is not there, SQLite's log goes with its last user."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def logged(arguments: Sequence[str], log: Path) -> Forked:
    """Start `dealgate`, which writes its lines to the end of a file."""
    with log.open("ab") as file:
        return fork(arguments, os.environ, file.fileno())


def test_kill_9(tmp_path: Path, kills: int) -> None:
    """`dealgate consume --signals`, killed with SIGKILL: in the end each signal is told once."""
    lines = [
        {
            "specversion": "1.0",
            "id": f"e{n}",
            "source": "/web",
            "type": ACTIVITY_RECORDED,
            "subject": f"lead/L{n % 100}",
            "time": f"2026-06-01T{n // 60 % 24:02}:{n // 5 % 60:02}:00Z",
            "data": {"type": PRICING},
        }
        for n in range(600)
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = ["consume", f"jsonl://{tmp_path}/in.jsonl"]
    command += ["--signals", str(ROOT / "rules"), "--state", str(tmp_path / "state.db")]
    command += ["--signals-to", f"jsonl://{tmp_path}/out.jsonl", "--lateness", "1d"]
    command += ["--until", "2026-06-04T00:00:00Z"]
    written = tmp_path / "state.db-wal"
    for turn in range(kills):
        before = changed(written)
        process = logged(command, tmp_path / "log")
        while process.poll() is None:
            if changed(written) not in {0, before}:
                time.sleep(0.05 * (turn % 5))
                process.kill()
                break
            time.sleep(0.02)
        process.wait(60)
    assert logged(command, tmp_path / "log").wait(60) == 0, (tmp_path / "log").read_text()
    told = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert {one["subject"] for one in told} == {f"lead/L{n}" for n in range(100)}
    assert len({one["id"] for one in told}) == 100


def test_what_is_in_memory_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that is named as one in memory makes no file of that name."""
    monkeypatch.chdir(tmp_path)
    open_state(IN_MEMORY).close()
    assert not list(tmp_path.iterdir())
