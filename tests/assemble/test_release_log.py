"""Releases are in the audit log, however they were made."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

from dealgate.assemble.release_log import ReleaseLog
from dealgate.journal.evidence import audit_log, evidence_faults
from dealgate.journal.retention import DAY, Cutoff
from dealgate.journal.sqlite import upkeep
from dealgate.journal.urls import open_journal, reader
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
    upkeep.archive(Path(url), tmp_path / "a.db", old)
    assert upkeep.prune(Path(url), tmp_path / "a.db", old) == 1
