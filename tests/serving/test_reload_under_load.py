"""Rules change under a server that decides all the while: no decision fails or mixes catalogs."""

import asyncio
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from dealgate.assemble.server import Running, serving
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.editions import Outcome
from dealgate.model.instants import timestamp
from dealgate.rulebook.loading import read_catalog
from dealgate.settings import Settings
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.v1.decision_pb2 import DecisionOptions
from dealgate.v1.decision_service_pb2_grpc import DecisionServiceStub
from tests.shipped import cases_of, catalog

if TYPE_CHECKING:
    from dealgate.v1.decision_service_pb2_grpc import DecisionServiceAsyncStub

ROOT = Path(__file__).parents[2]
ASKED = ("score", "qualify", "advance", "attribute")
GENERATIONS, THOROUGH = 36, 150  # besides the broken ones; the latter in `make chaos`
BROKEN = 3  # each third one is broken at first
RELEASED = 12  # after each 12th a version of every kind is released that takes effect at once
PAUSE = 0.05  # seconds between a caller's batches: without, reading waits for the processor
DRAFT = 999  # this version is another one in each generation
FIRST = 1000  # and from this number on each release has its own
TORN = "- {version: 2, from: 20"


def text_of(kind: str) -> str:
    """Return a rule file of one rule, with `version` and `because` left open.

    Its parameters, and what its rule claims, are the shipped ones: to read a long file again and
    again would prove nothing more, and take minutes.
    """
    shipped = (ROOT / f"rules/{kind}/v2.yaml").read_text()
    parameters = re.search(r"^parameters:.*\n(?:[ #].*\n|\n)+", shipped, re.MULTILINE)
    assert parameters is not None
    effect = catalog().version(kind, 2).rules[0].then.model_dump_json(exclude_unset=True)
    head = f"ruleset: {kind}\nversion: {{version}}\nowner: sales\nbecause: {{because}}\n"
    body = f"{parameters[0]}rules:\n  - id: only\n    then: {effect}\n    because: It is so.\n"
    return head + body.replace("{", "{{").replace("}", "}}")


class Author:
    """Writes whole trees of rules, one a generation, and swaps them in as a checkout does."""

    def __init__(self, folder: Path) -> None:
        """Begin with the shipped rules and generation 0."""
        self.rules = folder / "rules"
        self._next = folder / "next"
        self._texts = {kind: text_of(kind) for kind in ASKED}
        self._releases: list[tuple[int, dict[str, str]]] = []
        beside = shutil.ignore_patterns("*.cases.yaml", "*.json", "README.md")
        self.rules.mkdir()
        for shared in (ROOT / "rules").glob("pipelines.v*.yaml"):
            shutil.copy(shared, self.rules)
        for kind in ASKED:
            shutil.copytree(ROOT / "rules" / kind, self.rules / kind, ignore=beside)
            # One version to begin with: reading is what takes the time here.
            for path in (self.rules / kind).glob("v*"):
                path.unlink()
            (self.rules / kind / "releases.yaml").unlink()
            self._version(self.rules / kind, kind, FIRST, "The first")
        self._write(self.rules, 0)
        self.release(FIRST)

    def change(self, generation: int, *, broken: bool = False) -> None:
        """Swap in a new generation of every kind's draft; broken: one kind's releases are."""
        shutil.copytree(self.rules, self._next)
        self._write(self._next, generation)
        for path in self._next.glob("*/releases.yaml"):
            path.write_text(path.read_text().removesuffix(TORN))
        if broken:
            path = self._next / ASKED[generation % len(ASKED)] / "releases.yaml"
            path.write_text(path.read_text() + TORN)
        shutil.rmtree(self.rules)
        self._next.rename(self.rules)

    def release(self, number: int) -> None:
        """Let a new version of every kind decide from an instant on that has passed."""
        for kind in ASKED:
            self._version(self.rules / kind, kind, number, f"Released as {number}")
        kinds = {kind: KINDS[kind] for kind in ASKED}
        written = read_catalog(self.rules, kinds, CelChecker(), [])
        for kind in ASKED:
            start = f"2026-08-01T00:00:00.{number:09d}Z"
            digest = written.version(kind, number).digest
            with (self.rules / kind / "releases.yaml").open("a") as file:
                file.write(f"- {{version: {number}, from: {start}, sha256: {digest}, ")
                file.write("by: ann, because: Agreed.}\n")

    def _write(self, rules: Path, generation: int) -> None:
        for kind in ASKED:
            self._version(rules / kind, kind, DRAFT, f"Generation {generation}")

    def _version(self, home: Path, kind: str, number: int, because: str) -> None:
        text = self._texts[kind].format(version=number, because=because)
        (home / f"v{number}.yaml").write_text(text)


@dataclass
class Callers:
    """Ask on and on, and keep what they saw: for each answer its kind, version and digest."""

    stub: "DecisionServiceAsyncStub"
    questions: dict[str, Any]
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    batches: list[list[tuple[str, int, str]]] = field(default_factory=list)
    runs: list[list[list[tuple[str, int, str]]]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    async def ask(self, size: int, **options: Any) -> None:
        """Ask batches of each kind in turn, one batch after the other."""
        run: list[list[tuple[str, int, str]]] = []
        self.runs.append(run)
        asked = [self._question(ASKED[n % len(ASKED)], options) for n in range(size)]
        while not self.stop.is_set():
            reply = await self.stub.BatchDecide(pb.BatchDecideRequest(questions=asked))
            run.append([self._seen(answer) for answer in reply.answers])
            await asyncio.sleep(PAUSE)

    def _question(self, kind: str, options: dict[str, Any]) -> pb.Question:
        question = pb.Question()
        request: Any = getattr(question, kind)
        request.facts.CopyFrom(self.questions[kind].facts)
        as_of = timestamp(self.questions[kind].as_of)
        request.options.CopyFrom(DecisionOptions(**{"as_of": as_of, **options}))
        return question

    def _seen(self, answer: pb.Answer) -> tuple[str, int, str]:
        if answer.HasField("error"):
            self.failures.append(answer.error.message)
            return ("", 0, "")
        kind = answer.WhichOneof("answer") or ""
        header = getattr(answer, kind).header
        return kind, header.rule_set_version, header.rule_set_digest


def questions() -> dict[str, Any]:
    """Return, for each kind, the first case of ours that ends in an answer."""
    return {
        kind: next(case for case in cases_of(kind, 2).cases if case.error is None) for kind in ASKED
    }


@dataclass
class Story:
    """Everything the author did and the server said."""

    outcomes: list[Outcome] = field(default_factory=list)
    generations: dict[tuple[str, str], int] = field(default_factory=dict)

    def note(self, running: Running, generation: int) -> None:
        """Write down which digests belong together."""
        for kind in ASKED:
            digest = running.live.edition.catalog.version(kind, DRAFT).digest
            self.generations[kind, digest] = generation


async def rewrite(author: Author, running: Running, story: Story, generations: int) -> None:
    """Change the rules again and again; each broken change must leave the edition as it is."""
    live, released = running.live, FIRST
    story.note(running, 0)
    for generation in range(1, generations + 1):
        before = live.edition
        if generation % BROKEN == 0:
            await asyncio.to_thread(author.change, generation, broken=True)
            story.outcomes.append((await live.reload()).outcome)
            assert live.edition is before
        await asyncio.to_thread(author.change, generation)
        if generation % RELEASED == 0:
            released += 1
            await asyncio.to_thread(author.release, released)
        story.outcomes.append((await live.reload()).outcome)
        assert live.edition.number == before.number + 1
        story.note(running, generation)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A server that looks when it is told to, so that every reload is counted."""
    return Settings(
        rules=tmp_path / "rules",
        address="127.0.0.1:0",
        journal=f"{tmp_path}/journal.db",
        lame_duck=0,
        reload="off",
    )


async def test_hot_reload_under_load(
    tmp_path: Path, settings: Settings, request: pytest.FixtureRequest
) -> None:
    """Fifty reloads, broken ones among them: no failure, no mixture, no way back.

    `make chaos` reloads two hundred times.
    """
    generations = THOROUGH if request.config.getoption("--chaos") else GENERATIONS
    author, story = Author(tmp_path), Story()
    async with serving(settings) as running:
        running.live._settle = 0  # the author here swaps whole trees
        async with grpc.aio.insecure_channel(f"127.0.0.1:{running.port}") as channel:
            callers = Callers(DecisionServiceStub(channel), questions())
            draft = {"rule_set_version": DRAFT, "dry_run": True}
            now = {"as_of": timestamp(1_790_000_000_000_000_000)}  # September 2026
            async with asyncio.TaskGroup() as group:
                for size, options in ((1, draft), (4, draft), (8, draft), (1, now), (4, now)):
                    group.create_task(callers.ask(size, **options))
                await rewrite(author, running, story, generations)
                callers.stop.set()
    assert callers.failures == []
    assert_one_catalog_each(callers, story)
    assert story.outcomes.count(Outcome.REFUSED) == generations // BROKEN
    assert story.outcomes.count(Outcome.TAKEN) == generations


def assert_one_catalog_each(callers: Callers, story: Story) -> None:
    """Each batch has one generation, or one version, and a caller's next batch no earlier one."""
    for number, run in enumerate(callers.runs):
        drafts = number < 3
        seen = []
        for batch in run:
            what = {story.generations[kind, d] if drafts else v for kind, v, d in batch}
            assert len(what) == 1, batch
            seen.append(what.pop())
        assert seen == sorted(seen)
        assert len(set(seen)) > (GENERATIONS // 10 if drafts else GENERATIONS // RELEASED // 2)
