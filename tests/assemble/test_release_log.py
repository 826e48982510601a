"""Releases are in the audit log, however they were made."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from dealgate.assemble.release_log import ReleaseLog
from dealgate.journal.bookmarks import Claim
from dealgate.journal.evidence import audit_log, evidence_faults
from dealgate.journal.retention import DAY, Cutoff
from dealgate.journal.sqlite import pruning
from dealgate.journal.urls import open_journal, reader
from dealgate.model.errors import Unavailable
from dealgate.model.feed import Position
from dealgate.model.rules import Release
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.instants import written
from tests.journal.decisions import JULY, decision

FIRST = Release(1, JULY, "a" * 64, "ann@example.com", "the first")
SECOND = Release(2, JULY, "b" * 64, "ann@example.com", "stricter", signatures={"bob": "c2ln"})
THIRD = Release(1, JULY, "a" * 64, "eve@example.com", "back again")


class Lines:
    """A catalog, as far as its releases go."""

    def __init__(self, **lines: Sequence[Release]) -> None:
        self.lines = lines

    def all_releases(self) -> Mapping[str, Sequence[Release]]:
        """Return the lines of each kind."""
        return self.lines


def catalog(**lines: Sequence[Release]) -> Catalog:
    """Return a catalog with these lines."""
    return cast("Catalog", Lines(**lines))


async def test_each_line_is_noted_once(tmp_path: Path) -> None:
    """By one of several servers, also if it was written while none ran; older ones are not.

    Neither order nor number matters: a release that waited for signatures comes before others.
    """
    url = f"{tmp_path}/journal.db"
    journal = await open_journal(url)
    servers = [ReleaseLog(journal), ReleaseLog(journal)]
    for server in servers:
        await server.follow(catalog(qualify=[FIRST]))
    for server in servers:
        await server.follow(catalog(qualify=[FIRST, THIRD]))
    await journal.append(decision())
    await journal.close()
    journal = await open_journal(url)
    await ReleaseLog(journal).follow(catalog(qualify=[FIRST, SECOND, THIRD], score=[FIRST]))
    await journal.close()
    with reader(url).evidence() as kept:
        entries = list(audit_log(kept))
        assert evidence_faults(kept) == []
    assert {(entry.method, entry.outcome) for entry in entries} == {("releases.yaml", "in use")}
    start = written(JULY)
    assert sorted((entry.principal, entry.detail) for entry in entries) == [
        ("ann@example.com", f"qualify@2 from {start} signed by bob: stricter"),
        ("ann@example.com", f"score@1 from {start}: the first"),
        ("eve@example.com", f"qualify@1 from {start}: back again"),
    ]
    # What servers remember for themselves keeps no record back.
    old = [Cutoff(JULY + DAY)]
    pruning.archive(Path(url), tmp_path / "a.db", old)
    assert pruning.prune(Path(url), tmp_path / "a.db", old) == 1


async def test_a_server_that_dies_has_noted_a_line_or_leaves_it_to_the_next(tmp_path: Path) -> None:
    """The claim and the entry are one commit: of several servers that begin at once one makes it.

    A server that could not tell whether it was made asks again, and nothing is noted twice.
    """
    url = f"{tmp_path}/journal.db"
    journal = await open_journal(url)
    await ReleaseLog(journal).follow(catalog(qualify=[FIRST]))

    class Dying:
        """A journal whose answers are lost, before or after it has written."""

        def __init__(self, *, writes: bool) -> None:
            self._writes = writes

        async def bookmark(self, name: str) -> Position | None:
            return await journal.bookmark(name)

        async def claim(self, claim: Claim) -> Claim:
            if self._writes:
                await journal.claim(claim)
            raise Unavailable("no answer came", 1.0)

    lines = catalog(qualify=[FIRST, SECOND, THIRD])
    await ReleaseLog(Dying(writes=False)).follow(lines)
    await ReleaseLog(Dying(writes=True)).follow(catalog(qualify=[FIRST, SECOND]))
    await asyncio.gather(*(ReleaseLog(journal).follow(lines) for _ in range(4)))
    await journal.close()
    with reader(url).evidence() as kept:
        assert evidence_faults(kept) == []
        assert sorted(entry.principal for entry in audit_log(kept)) == [
            "ann@example.com",
            "eve@example.com",
        ]


async def test_lines_from_before_the_journal_are_claimed_at_once(tmp_path: Path) -> None:
    """A server that begins beside the first one notes what only it has seen."""
    url = f"{tmp_path}/journal.db"
    journal = await open_journal(url)
    first, second = ReleaseLog(journal), ReleaseLog(journal)
    await asyncio.gather(
        first.follow(catalog(qualify=[FIRST])), second.follow(catalog(qualify=[FIRST, THIRD]))
    )
    await first.follow(catalog(qualify=[FIRST, THIRD]))
    await journal.close()
    with reader(url).evidence() as kept:
        assert {entry.principal for entry in audit_log(kept)} <= {"eve@example.com"}
