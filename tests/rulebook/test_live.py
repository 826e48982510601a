"""The catalog in use follows its folder from one sound state to the next, never in between."""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dealgate.language.cel import CelChecker
from dealgate.model.editions import Edition, Outcome, Reload
from dealgate.model.kind import AnyKind
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.fingerprint import fingerprint
from dealgate.rulebook.live import LiveCatalog
from dealgate.rulebook.loading import load_catalog
from dealgate.rulebook.watching import following

NOW = 1_780_315_200_000_000_000  # 2026-06-01T12:00:00Z
PATIENCE = 60  # seconds, for a machine that is busy with something else
SELDOM = 20.0  # seconds between looks: what is seen in less was told of
RULES = """\
ruleset: approve
version: {version}
owner: sales
because: {because}
rules:
  - id: small
    when: deal.employees < {version}0
    then: {{points: 1}}
    because: Small deals need no look.
"""

Read = Callable[[], Catalog]


def write(rules: Path, version: int, because: str = "A floor.") -> Path:
    """Write a version."""
    home = rules / "approve"
    home.mkdir(parents=True, exist_ok=True)
    path = home / f"v{version}.yaml"
    path.write_text(RULES.format(version=version, because=because))
    return path


def release(rules: Path, catalog: Catalog, *lines: tuple[int, str]) -> None:
    """Write releases.yaml."""
    text = "".join(
        f"- {{version: {version}, from: {start}, by: ann, because: Agreed., "
        f"sha256: {catalog.version('approve', version).digest}}}\n"
        for version, start in lines
    )
    (rules / "approve" / "releases.yaml").write_text(text)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder with one draft."""
    write(tmp_path / "rules", 1)
    return tmp_path / "rules"


@pytest.fixture
def read(rules: Path, approve: AnyKind, checker: CelChecker) -> Read:
    """Load that folder."""
    return lambda: load_catalog(rules, {"approve": approve}, checker)


@pytest.fixture
def live(rules: Path, read: Read) -> LiveCatalog:
    """The catalog of that folder, at noon."""
    return LiveCatalog(rules, read, lambda: NOW, settle=0.01)


def versions(live: LiveCatalog) -> list[int]:
    """Return the versions on file, as the catalog in use has them."""
    return [ruleset.version for ruleset in live.edition.catalog.all()]


async def test_a_change_is_taken(live: LiveCatalog, rules: Path) -> None:
    """A new file decides from the next look on, in a new edition with another digest."""
    first = live.edition
    write(rules, 2)
    reload = await live.reload()
    assert reload.outcome is Outcome.TAKEN
    assert reload.seconds > 0
    assert versions(live) == [1, 2]
    assert live.edition.number == first.number + 1
    assert live.edition.catalog.digest != first.catalog.digest
    assert [ruleset.version for ruleset in first.catalog.all()] == [1]


async def test_nothing_new_is_nothing(live: LiveCatalog) -> None:
    """A look that finds what is known changes nothing and tells nobody."""
    heard: list[Reload] = []
    live.tell(hears(heard))
    before = (live.edition, live.last)
    assert await live.reload() is before[1]
    assert (live.edition, live.last) == before
    assert heard == []


def hears(heard: list[Reload]) -> Callable[[Edition[Catalog], Reload], "asyncio.Future[None]"]:
    """Return a listener that writes down what it hears."""

    def hear(_: Edition[Catalog], reload: Reload) -> "asyncio.Future[None]":
        heard.append(reload)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    return hear


async def test_a_broken_change_is_refused_whole(
    live: LiveCatalog, rules: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """One bad file and nothing of the change decides; it is told and logged once, with places."""
    heard: list[Reload] = []
    live.tell(hears(heard))
    before = live.edition
    write(rules, 2)
    bad = write(rules, 3)
    bad.write_text(bad.read_text().replace("employees", "employes"))
    for _ in range(3):
        assert (await live.reload()).outcome is Outcome.REFUSED
    assert live.edition is before
    assert [str(fault.location) for fault in live.last.faults] == ["rules/approve/v3.yaml:7:16"]
    assert len(heard) == 1
    (logged,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "rules/approve/v3.yaml:7:16" in logged.getMessage()
    assert "did you mean 'employees'?" in logged.getMessage()


async def test_what_was_broken_is_mended(live: LiveCatalog, rules: Path) -> None:
    """Mended, the change is taken; taken back, the edition in use stays what it is."""
    before = live.edition
    bad = write(rules, 2)
    good = bad.read_text()
    for mend, outcome in ((bad.unlink, Outcome.REVERTED), (write_(bad, good), Outcome.TAKEN)):
        bad.write_text("ruleset: [")
        assert (await live.reload()).outcome is Outcome.REFUSED
        mend()
        assert (await live.reload()).outcome is outcome
        assert (live.edition is before) == (outcome is Outcome.REVERTED)
        assert live.last.faults == ()


def write_(path: Path, text: str) -> Callable[[], object]:
    """Return what writes the file."""
    return lambda: path.write_text(text)


async def test_a_release_in_effect_cannot_vanish(
    live: LiveCatalog, rules: Path, read: Read
) -> None:
    """Half a releases.yaml, or a rewritten one, is refused: what it says no more has decided.

    A release to come has decided nothing, and may be taken out again.
    """
    write(rules, 2)
    lines = [(1, "2026-01-01"), (2, "2026-05-01"), (1, "2026-07-01")]
    release(rules, read(), *lines)
    assert (await live.reload()).outcome is Outcome.TAKEN
    for fewer in (lines[:1], [lines[0], (2, "2026-05-02")], []):
        release(rules, read(), *fewer) if fewer else (rules / "approve/releases.yaml").unlink()
        assert (await live.reload()).outcome is Outcome.REFUSED
    assert "approve@1 from 2026-01-01T00:00:00Z" in str(live.last.faults[0])
    assert len(live.last.faults) == 2
    release(rules, read(), *lines[:2])
    assert (await live.reload()).outcome is Outcome.TAKEN


async def test_a_torn_write_is_never_served(rules: Path, read: Read) -> None:
    """If a file changes while the folder is read, what was read is thrown away and read again."""
    reads = 0

    def slow() -> Catalog:
        nonlocal reads
        reads += 1
        catalog = read()
        if reads == 2:  # somebody writes on, behind the reader's back
            write(rules, 3)
        return catalog

    live = LiveCatalog(rules, slow, lambda: NOW, settle=0)
    write(rules, 2)
    assert (await live.reload()).outcome is Outcome.TAKEN
    assert versions(live) == [1, 2, 3]
    assert live.edition.number == 2


async def test_a_folder_that_never_stands_still_is_not_read(
    rules: Path, read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    """A writer that does not stop gets a line in the log; the edition in use stays."""
    count = 0

    def restless() -> Catalog:
        nonlocal count
        count += 1
        write(rules, 2, because=f"Writing number {count}.")
        return read()

    live = LiveCatalog(rules, restless, lambda: NOW, settle=0)
    before = live.edition
    await live.reload()
    assert live.edition is before
    assert "changes too often" in caplog.text


async def test_a_fault_of_ours_is_no_end(
    rules: Path, read: Read, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong while rules are read or compiled, they are refused and logged."""
    fail = False

    def failing() -> Catalog:
        if fail:
            raise ZeroDivisionError
        return read()

    live = LiveCatalog(rules, failing, lambda: NOW, settle=0)
    fail = True
    write(rules, 2)
    assert (await live.reload()).outcome is Outcome.REFUSED
    assert "ZeroDivisionError" in live.last.faults[0].message
    assert "Traceback" in caplog.text
    fail = False
    write(rules, 3)
    assert (await live.reload()).outcome is Outcome.TAKEN


def test_broken_rules_are_no_beginning(rules: Path, read: Read) -> None:
    """There is nothing to fall back on at the start, so faults are raised."""
    (rules / "approve" / "v1.yaml").write_text("ruleset: [")
    with pytest.raises(RulebookFaults):
        LiveCatalog(rules, read, lambda: NOW)


class Sight:
    """Waits for what becomes of changes."""

    def __init__(self) -> None:
        """Nothing is seen yet."""
        self._seen: asyncio.Queue[Reload] = asyncio.Queue()
        self.look_now: Callable[[], None] = lambda: None

    async def see(self, _: Edition[Catalog], reload: Reload) -> None:
        """Take note."""
        await self._seen.put(reload)

    async def next(self) -> Outcome:
        """Return what became of the next change."""
        return (await asyncio.wait_for(self._seen.get(), PATIENCE)).outcome


@asynccontextmanager
async def followed(live: LiveCatalog, rules: Path, every: float | None) -> AsyncIterator[Sight]:
    """Let the catalog follow the folder."""
    sight = Sight()
    live.tell(sight.see)
    async with following(live, rules, every) as sight.look_now:
        await asyncio.sleep(0.3)  # the watch is being set up; the slow look finds what it misses
        yield sight


async def test_the_system_tells_of_changes(live: LiveCatalog, rules: Path) -> None:
    """An edited file, a renamed one, a new folder: each is seen without being asked for."""
    async with followed(live, rules, SELDOM) as sight:
        path = write(rules, 2)
        assert await sight.next() is Outcome.TAKEN
        path.rename(path.with_name("v3.yaml"))
        assert await sight.next() is Outcome.REFUSED  # it says version: 2 inside
        path.with_name("v3.yaml").unlink()
        assert await sight.next() is Outcome.TAKEN
        (rules / "aprove").mkdir()
        assert await sight.next() is Outcome.REFUSED
        (rules / "aprove").rmdir()
        assert await sight.next() is Outcome.REVERTED


async def test_a_swapped_tree_is_followed(live: LiveCatalog, rules: Path) -> None:
    """A checkout that replaces the whole folder is found by the slow look, and followed again."""
    async with followed(live, rules, 0.2) as sight:
        for version in (2, 3):
            fresh = rules.with_name("fresh")
            shutil.copytree(rules, fresh)
            write(fresh, version)
            shutil.rmtree(rules)
            fresh.rename(rules)
            async with asyncio.timeout(PATIENCE):
                while await sight.next() is not Outcome.TAKEN or version not in versions(live):
                    pass


async def test_a_link_that_leads_elsewhere_is_followed(
    tmp_path: Path, rules: Path, read: Read
) -> None:
    """Kubernetes and release scripts swap a link: the system tells nothing, the look finds it."""
    trees = (tmp_path / "one", tmp_path / "two")
    rules.rename(trees[0])  # noqa: ASYNC240  # as any writer of files
    shutil.copytree(trees[0], trees[1])
    write(trees[1], 2)
    rules.symlink_to(trees[0])  # noqa: ASYNC240
    live = LiveCatalog(rules, read, lambda: NOW, settle=0.01)
    async with followed(live, rules, 0.2) as sight:
        swap = tmp_path / "swap"
        swap.symlink_to(trees[1])
        swap.rename(rules)
        assert await sight.next() is Outcome.TAKEN
        assert versions(live) == [1, 2]
        write(trees[1], 3)
        assert await sight.next() is Outcome.TAKEN


async def test_switched_off_it_looks_when_told_to(
    live: LiveCatalog, rules: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is followed, but one may ask; and who asks for nothing new is told so."""
    caplog.set_level(logging.INFO)
    async with followed(live, rules, None) as sight:
        sight.look_now()
        async with asyncio.timeout(PATIENCE):
            while "nothing is new" not in caplog.text:  # noqa: ASYNC110  # a log has no event
                await asyncio.sleep(0.01)
        write(rules, 2)
        sight.look_now()
        assert await sight.next() is Outcome.TAKEN


def test_fingerprints_differ_as_files_do(rules: Path) -> None:
    """Content counts, names count; hidden files, times and links do not."""
    path = write(rules, 2)
    before = fingerprint(rules)
    (rules / "approve" / ".v2.yaml.swp").write_text("an editor was here")
    path.touch()
    assert fingerprint(rules) == before
    content = path.read_text()
    path.write_text(content.replace("A floor.", "A roof.."))
    assert fingerprint(rules) != before
    path.write_text(content)
    assert fingerprint(rules) == before
    path.rename(path.with_name("v4.yaml"))
    assert fingerprint(rules) != before
    (rules / "approve" / "v2.yaml").symlink_to("v4.yaml")
    (rules / "approve" / "v4.yaml").rename(rules / "approve" / ".v4.yaml")
    (rules / "approve" / "v2.yaml").unlink()
    (rules / "approve" / "v2.yaml").symlink_to(".v4.yaml")
    assert fingerprint(rules) == before
    assert fingerprint(rules.with_name("nowhere")) != before
