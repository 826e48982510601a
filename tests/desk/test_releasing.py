"""A release holds everything first, and is written whole or not at all."""

import asyncio
import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealgate.desk.appending import appended, line_of
from dealgate.desk.releasing import Releasing
from dealgate.engine.native import NativeEngine
from dealgate.language.cel import CelChecker
from dealgate.model.changes import Wanted
from dealgate.model.errors import ReleaseRefused, UnknownRuleSet
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import Location, Release
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.loading import load_catalog
from dealgate.rulebook.releases import read_releases
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

SECOND = 1_000_000_000
NOW = 1_780_315_200 * SECOND + 500_000_000  # 2026-06-01T12:00:00.5Z
SOON = 1_780_315_201 * SECOND
DIGEST = "ab" * 32
RULES = """\
ruleset: approve
version: {version}
owner: sales
because: Floor number {version}.
rules:
  - id: small
    when: deal.employees < {version}0
    then: {{points: 1}}
    because: Small deals need no look.
"""
CASES = """\
base:
  deal: {deal: {id: D1}}
cases:
  - case: one employee
    as_of: 2026-06-01T00:00:00Z
    base: deal
    facts: {deal: {employees: 1}}
    fired: [small]
  - case: a thousand
    as_of: 2026-06-01T00:00:00Z
    base: deal
    facts: {deal: {employees: 1000}}
    fired: []
"""
# Layouts authors use, each with a line that is sealed when it is written.
LINE = (
    "version: 1\n{i}  from: 2026-01-01\n{i}  sha256: {digest}\n{i}  by: ann\n{i}  because: First.\n"
)
LAYOUTS = {
    "plain": "- " + LINE,
    "comments": "# About.\n\n- " + LINE + "  # the end\n\n# more to come\n",
    "indented": "  - " + LINE,
    "no newline": ("- " + LINE).rstrip("\n"),
    "one row": "- {{version: 1, from: 2026-01-01, sha256: {digest}, by: ann, because: First.}}\n",
}

Load = Callable[[], Catalog]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A kind's folder with two drafts whose cases hold."""
    return drafts(tmp_path)


def drafts(tmp_path: Path) -> Path:
    """Write two drafts whose cases hold; return their kind's folder."""
    home = tmp_path / "rules" / "approve"
    home.mkdir(parents=True)
    for version in (1, 2):
        (home / f"v{version}.yaml").write_text(RULES.format(version=version))
        (home / f"v{version}.cases.yaml").write_text(CASES)
    return home


@pytest.fixture
def load(home: Path, approve: AnyKind, checker: CelChecker) -> Load:
    """Load that folder."""
    return lambda: load_catalog(home.parent, {"approve": approve}, checker)


@pytest.fixture
def releasing(home: Path, approve: AnyKind, checker: CelChecker) -> Releasing:
    """Release there, at noon and a half."""
    kinds, unproved = {"approve": approve}, lambda *_: ()
    return Releasing(home.parent, kinds, checker, NativeEngine(), lambda: NOW, unproved)


def wanted(version: int | None = 1, start: int | None = None, **rest: bool) -> Wanted:
    """Return a wish."""
    return Wanted("approve", "Agreed.", "ann@example.com", version, start, **rest)


async def released(releasing: Releasing, what: Wanted) -> Release:
    """Release, and return the line."""
    return (await releasing.release(what)).line


async def test_first_release_begins_the_file(releasing: Releasing, load: Load) -> None:
    """Without a releases.yaml one is begun, and "now" is the next full second."""
    made = await released(releasing, wanted())
    assert load().releases("approve") == (made,)
    assert (made.version, made.effective_from) == (1, SOON)
    assert made.sha256 == load().version("approve", 1).digest


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
async def test_a_line_fits_the_files_own_layout(
    home: Path, releasing: Releasing, load: Load, layout: str, newline: str
) -> None:
    """Whatever the layout, what stands there stays byte for byte, and the new line is read."""
    digest, path = load().version("approve", 1).digest, home / "releases.yaml"
    indent = "  " if layout == "indented" else ""
    before = LAYOUTS[layout].format(digest=digest, i=indent).replace("\n", newline).encode()
    path.write_bytes(before)
    made = await released(releasing, wanted(2))
    assert path.read_bytes().startswith(before)
    assert load().releases("approve")[1:] == (made,)
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(newline.encode())


async def test_a_layout_that_takes_no_line_is_left_as_it_was(
    home: Path, releasing: Releasing, load: Load
) -> None:
    """A list in brackets cannot be appended to: the file is as before, and the cure is told."""
    line = LAYOUTS["one row"].format(digest=load().version("approve", 1).digest)
    before = f"[{line[2:-1]}]\n"
    (home / "releases.yaml").write_text(before)
    with pytest.raises(ReleaseRefused, match="cannot be appended to"):
        await releasing.release(wanted(2))
    assert (home / "releases.yaml").read_text() == before
    assert not list(home.glob(".*"))  # noqa: ASYNC240  # a look, in a test


async def test_order_and_time(releasing: Releasing, load: Load) -> None:
    """A line comes after the last one, and not in the past unless that is what is wanted."""
    with pytest.raises(ReleaseRefused, match="has passed"):
        await releasing.release(wanted(1, NOW - SECOND))
    await releasing.release(wanted(1, NOW - SECOND, retroactive=True))
    with pytest.raises(ReleaseRefused, match="is already in effect"):
        await releasing.release(wanted(1))
    with pytest.raises(ReleaseRefused, match="lines are only appended"):
        await releasing.release(wanted(2, NOW - SECOND, retroactive=True))
    with pytest.raises(UnknownRuleSet, match="approve@3"):
        await releasing.release(wanted(3))
    assert [release.version for release in load().releases("approve")] == [1]


async def test_going_back_and_back_again(releasing: Releasing, load: Load) -> None:
    """Each roll-back names what decided before, one second after the other if need be."""
    with pytest.raises(ReleaseRefused, match="nothing to go back to"):
        await releasing.release(wanted(None))
    for version in (1, 2, None, None):
        await releasing.release(wanted(version))
    made = load().releases("approve")
    assert [release.version for release in made] == [1, 2, 1, 2]
    assert [release.effective_from for release in made] == [SOON + n * SECOND for n in range(4)]


async def test_a_release_to_come_is_not_gone_back_from(releasing: Releasing) -> None:
    """What has decided nothing yet needs no roll-back: its line may go, or a later one follow."""
    await releasing.release(wanted(1))
    await releasing.release(wanted(2, SOON + 10**6 * SECOND))
    with pytest.raises(ReleaseRefused, match="has not taken effect yet"):
        await releasing.release(wanted(None))


async def test_its_own_fault_refuses_it(home: Path, releasing: Releasing) -> None:
    """A version with a fault, or whose cases cannot be read, is not released."""
    (home / "v2.yaml").write_text(RULES.format(version=2).replace("employees", "employes"))
    (home / "v1.cases.yaml").write_text("cases: [")
    with pytest.raises(RulebookFaults, match="employes"):
        await releasing.release(wanted(2))
    with pytest.raises(RulebookFaults, match=r"v1\.cases"):
        await releasing.release(wanted(1))
    assert not (home / "releases.yaml").exists()


async def test_a_broken_draft_stops_no_release_and_no_rollback(
    home: Path, releasing: Releasing
) -> None:
    """In an incident another author's draft is in nobody's way, nor are its cases or scratch."""
    await releasing.release(wanted(1))
    await releasing.release(wanted(2))
    (home / "v3.yaml").write_text("ruleset: [")
    (home / "v3.cases.yaml").write_text("- what\n- ever")
    (home / "v4.cases.yaml").write_text(CASES)
    (home / "v2.cases.yaml").write_text("cases: [")
    made = await released(releasing, wanted(None))
    assert made.version == 1


async def test_a_broken_release_refuses_every_release(home: Path, releasing: Releasing) -> None:
    """What has decided must stand as it was released before anything else is."""
    await releasing.release(wanted(1))
    (home / "v1.yaml").write_text(RULES.format(version=1).replace("< 10", "< 11"))
    with pytest.raises(RulebookFaults, match=r"releases\.yaml|v1\.yaml"):
        await releasing.release(wanted(2))


async def test_a_failing_case_refuses_it(home: Path, releasing: Releasing) -> None:
    """The version's own cases must pass; those of another version do not matter."""
    (home / "v2.cases.yaml").write_text(CASES.replace("fired: [small]", "fired: []"))
    with pytest.raises(RulebookFaults, match="fired: expected none"):
        await releasing.release(wanted(2))
    await releasing.release(wanted(1))


async def test_what_is_proved_wrong_refuses_it(
    home: Path, approve: AnyKind, checker: CelChecker
) -> None:
    """Whatever else is found wrong about the version is said as its cases are."""
    fault = Fault(Location("rules/approve/v1.yaml", 6, 5), "rule small can never fire")
    kinds, engine = {"approve": approve}, NativeEngine()
    releasing = Releasing(home.parent, kinds, checker, engine, lambda: NOW, lambda *_: [fault])
    with pytest.raises(RulebookFaults, match="can never fire"):
        await releasing.release(wanted())
    assert not list(home.glob("releases.yaml"))  # noqa: ASYNC240  # a look, in a test


async def test_two_releases_do_not_race(home: Path, releasing: Releasing) -> None:
    """While one holds the folder another is refused, whichever process it runs in."""
    holder = os.open(home.parent, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    with pytest.raises(ReleaseRefused, match="another release is under way"):
        await releasing.release(wanted())
    os.close(holder)
    await releasing.release(wanted())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(home: Path, releasing: Releasing) -> None:
    """A read-only checkout is named, and no half file stays."""
    home.chmod(0o555)
    try:
        with pytest.raises(ReleaseRefused, match="cannot be written: Permission denied"):
            asyncio.run(releasing.release(wanted()))
    finally:
        home.chmod(0o755)


async def test_a_disk_that_fails_late(
    releasing: Releasing, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the line stands there and the disk does not confirm it, neither is told as the other."""
    calls = iter([None, OSError(errno.EIO, os.strerror(errno.EIO))])

    def failing(_descriptor: int) -> None:
        error = next(calls)
        if error is not None:
            raise error

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(ReleaseRefused, match="has the line, but may lose it"):
        await releasing.release(wanted())
    assert len(load().releases("approve")) == 1


async def test_a_disk_that_is_full(
    releasing: Releasing, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be made durable is not told as done, and leaves nothing behind."""

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ReleaseRefused, match="cannot be written: No space left"):
        await releasing.release(wanted())
    assert load().releases("approve") == ()


TEXT = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1).map(
    lambda text: " ".join(text.split()) or "x"
)


@settings(deadline=None)
@given(by=TEXT, because=TEXT, start=st.integers(0, 4 * 10**9).map(lambda s: s * SECOND))
def test_any_words_come_back_as_they_were(by: str, because: str, start: int) -> None:
    """Who and why may hold anything that can be typed: it is quoted where YAML needs it."""
    release = Release(7, start, DIGEST, by, because)
    faults: list[Fault] = []
    document = read_yaml(Source("releases.yaml", appended(None, release).decode()), faults)
    assert document is not None
    assert read_releases(document, "approve", {7: DIGEST}, faults) == (release,)
    assert faults == []


def test_common_words_stay_unquoted() -> None:
    """What people write most is written as they would."""
    line = line_of(Release(7, 0, DIGEST, "ann@example.com", "Agreed in the spring review."))
    assert '"' not in line
    assert "by: ann@example.com\n" in line
