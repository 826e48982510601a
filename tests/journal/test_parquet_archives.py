"""Archives in Parquet: every row of the journal's file, for nobody without its keys."""

import asyncio
import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import pytest

from dealgate.assemble.sealing import kind_messages
from dealgate.assemble.subjects import erased
from dealgate.journal.archiving import upkeep_of
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.limits import DEFAULTS
from dealgate.journal.parquet import upkeep
from dealgate.journal.parquet.archive import ParquetArchive
from dealgate.journal.retention import DAY, Cutoff
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.master import FileKms, new_master_key
from dealgate.journal.sealed.rotation import rotate_data, rotate_master
from dealgate.journal.sealed.stores import lend
from dealgate.journal.sealed.terms import Sealing
from dealgate.journal.urls import open_journal, reader
from dealgate.model.decision import Entity, Turn
from dealgate.model.erasure import Erasure
from dealgate.model.results import Result
from tests.cli.saying import said
from tests.journal.decisions import JULY, decision
from tests.journal.test_sealed import SECRETS, about_ann

pytest.importorskip("pyarrow")
writing = pytest.importorskip("dealgate.journal.parquet.writing")
restoring = pytest.importorskip("dealgate.journal.parquet.restoring")

OLD = [Cutoff(JULY + DAY)]
HOSTILE = "won\x00'\";--\u202e\n"


class Kept(NamedTuple):
    """An encrypted journal, and its archive in both forms."""

    url: str
    parquet: Path
    sqlite: Path


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """A journal of everything that a journal holds."""
    url = str(tmp_path / "j.db")
    asyncio.run(_fill(url, tmp_path / "master.key"))
    archives = Kept(url, tmp_path / "a.parquet", tmp_path / "a.db")
    said(f"journal archive {archives.sqlite} --before 2100-01-01 --journal {url}")
    writing.write_archive(archives.sqlite, archives.parquet, KeysAt.file(Path(f"{url}.keys")))
    lend(KeysAt.file(Path(f"{url}.keys")), archives.parquet)
    return archives


async def _fill(url: str, master: Path) -> None:
    new_master_key(master)
    journal = await open_journal(url, DEFAULTS, Sealing(kind_messages, master))
    first = await journal.append(about_ann())
    await journal.append(decision(3, turn=Turn("s", 1), decided_at=-(2**40)))
    await journal.append(decision(2, key="k", marks=("m",), tenant="zeta", decided_at=4 * 10**18))
    told = Result("default", first.id, 1, "WON", JULY, JULY, -(2**62), "EUR", HOSTILE, "crm", "")
    await journal.attach(told)
    await journal.close()


def test_nothing_is_lost(kept: Kept) -> None:
    """Every table of the archive in Parquet is the same as in SQLite, its definition included."""
    archive = ParquetArchive(kept.parquet, KeysAt.file(Path(f"{kept.url}.keys")))
    with closing(archive.opened()) as restored, closing(apsw.Connection(str(kept.sqlite))) as db:
        assert _tables(restored) == _tables(db)
        assert restored.pragma("integrity_check") == "ok"
        with pytest.raises(apsw.ReadOnlyError):
            restored.execute("DELETE FROM decisions")


def test_large_archives_come_in_parts(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row group ends by rows or by bytes, and batches of reading do not follow row groups."""
    keys = KeysAt.file(Path(f"{kept.url}.keys"))
    for limit, size in (("ROWS", 2), ("BYTES", 1)):
        with monkeypatch.context() as patch:
            patch.setattr(writing, limit, size)
            patch.setattr(restoring, "ROWS", 3)
            parts = kept.parquet.with_name(f"{limit}.parquet")
            writing.write_archive(kept.sqlite, parts, keys)
            restored = ParquetArchive(parts, keys).opened()
            with closing(restored), closing(apsw.Connection(str(kept.sqlite))) as db:
                assert _tables(restored) == _tables(db)


def test_others_read_columns_with_the_key(kept: Kept) -> None:
    """Kinds, outcomes and instants are columns; people and bodies remain encrypted in them."""
    with restoring.opened_archive(kept.parquet, KeysAt.file(Path(f"{kept.url}.keys"))) as file:
        table = file.read()
    decisions = table.filter([name == "decisions" for name in table["table_name"].to_pylist()])
    assert decisions["kind"].to_pylist()[0] == "verify"
    assert sorted(decisions["tenant"].to_pylist()) == ["default", "default", "zeta"]
    assert str(table.schema.field("decided_at").type) == "timestamp[ns, tz=UTC]"
    whole = b"".join(
        cell if isinstance(cell, bytes) else cell.encode()
        for name in ("body", "entity", "cells", "reason", "recorded_by")
        for cell in table[name].to_pylist()
        if cell
    )
    assert not [secret for secret in SECRETS if secret.encode() in whole]


def test_no_byte_tells_anything(kept: Kept) -> None:
    """Neither who it is about nor what was decided, when or for whom is in the file."""
    content = kept.parquet.read_bytes()
    told = (*SECRETS, "verify", "qualify", "zeta", "default", "decisions", "outcome", "WON", "lead")
    assert [word for word in told if word.encode() in content] == []
    assert stat.S_IMODE(kept.parquet.stat().st_mode) == 0o600


def test_no_change_is_taken(kept: Kept) -> None:
    """A file of which a byte was changed, added or cut off is refused, or reads the same."""
    whole, before = kept.parquet.read_bytes(), said(f"journal verify --journal {kept.parquet}")
    assert before == "3 records are sound, 0 faults\n"
    for changed in _changed(whole):
        kept.parquet.write_bytes(changed)
        told = said(f"journal verify --journal {kept.parquet}")
        assert told == before or told.endswith("[exit status 2]\n"), told
        assert "Traceback" not in told


def _changed(whole: bytes) -> Iterator[bytes]:
    for at in range(0, len(whole), len(whole) // 20):
        yield whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
    yield whole[:-1]
    yield whole[: len(whole) // 2] + whole[-8:]
    yield whole + b"\x00"
    yield whole[:5]
    yield b""


def test_what_is_no_archive_is_refused(kept: Kept, tmp_path: Path) -> None:
    """Parquet in the clear, forged by anybody, is not read in place of what is encrypted."""
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    pq.write_table(pa.table({"table_name": ["decisions"]}), kept.parquet)
    told = said(f"journal stats --journal {kept.parquet}")
    assert "is Parquet in the clear" in told
    (tmp_path / "none.parquet").symlink_to(tmp_path / "nothing")
    assert "there is no journal here" in said(f"journal stats --journal {tmp_path}/none.parquet")


def test_other_keys_are_refused(kept: Kept, tmp_path: Path) -> None:
    """Another journal's store, an empty one, and none at all are told by name; none is made."""
    other = tmp_path / "other" / "j.db"
    asyncio.run(_fill(str(other), tmp_path / "other.key"))
    beside = Path(f"{kept.parquet}.keys")
    beside.unlink()
    named = f"journal verify --journal 'sqlite:///{kept.parquet}?keys="
    assert "encrypted with keys of another store" in said(f"{named}{other}.keys'")
    upkeep_of(str(other)).archive(tmp_path / "other.parquet", OLD)
    assert "encrypted with keys of another store" in said(f"{named}{other}.keys'")
    assert "is not there; name the journal's" in said(f"journal verify --journal {kept.parquet}")
    assert not beside.exists()
    assert said(f"{named}{kept.url}.keys'") == "3 records are sound, 0 faults\n"


def test_keys_are_rotated_and_archives_remain(kept: Kept, tmp_path: Path) -> None:
    """New master key, new keys of subjects, new data keys: old archives and new ones are read."""
    new_master_key(tmp_path / "second.key")
    with closing(Keyring.open(KeysAt.file(Path(f"{kept.url}.keys")))) as ring:
        assert rotate_master(ring, FileKms(tmp_path / "second.key"), subjects=True)[0] == 2
        assert rotate_data(ring) == 2
    (tmp_path / "master.key").unlink()
    later = tmp_path / "later.parquet"
    upkeep_of(kept.url).archive(later, [Cutoff(2**62)])
    for archive in (kept.parquet, later):
        keys = f"sqlite:///{archive}?keys={kept.url}.keys"
        assert said(f"journal verify --journal '{keys}'") == "3 records are sound, 0 faults\n"


async def test_who_is_erased_is_erased_from_archives(kept: Kept) -> None:
    """The archive does not change, and can no longer be read about them."""
    journal = await open_journal(kept.url, DEFAULTS, Sealing(kind_messages))
    (before,) = _named(kept.parquet)
    assert before.facts
    await erased(journal, Erasure("default", before.entity, "dpo", "request", JULY))
    await journal.close()
    (after,) = _named(kept.parquet)
    assert after.entity.id.startswith("erased-")
    assert b"ann@secret" in before.facts
    assert b"ann@secret" not in after.facts
    assert said(f"journal verify --journal {kept.parquet}") == "3 records are sound, 0 faults\n"


def _named(archive: Path) -> Sequence[Any]:
    records = [record for record, _ in reader(str(archive)).of_tenant("default")(["verify"])]  # type: ignore[misc]
    return [record for record in records if isinstance(record.entity, Entity)]


def test_what_is_pruned_is_in_the_archive(kept: Kept) -> None:
    """Byte for byte: an archive of less is refused by its own name, and nothing is left behind."""
    less = kept.parquet.with_name("less.parquet")
    upkeep_of(kept.url).archive(less, [Cutoff(JULY + DAY, "zeta")])
    with pytest.raises(JournalUnusable, match=f"{less}: lacks"):
        upkeep_of(kept.url).prune(less, [Cutoff(2**62)], unread=True)
    before = _names(kept)
    prune = f"journal prune --before 2100-01-01 --archive {kept.parquet} --journal {kept.url}"
    assert f"decisions, which remain in {kept.parquet}" in said(f"{prune} --unread")
    assert before == _names(kept)
    assert "0 faults" in said(f"journal verify --journal {kept.url}")


def _names(kept: Kept) -> Sequence[str]:
    index = "j.db.index"  # which pruning deletes, to be built anew
    return sorted(path.name for path in kept.parquet.parent.iterdir() if path.name != index)


def test_an_archive_is_made_a_file_of_sqlite_again(kept: Kept, tmp_path: Path) -> None:
    """`backup` of an archive is the file it was made of, with its keys beside it."""
    said(f"journal backup {tmp_path}/back.db --journal {kept.parquet}")
    assert said(f"journal verify --journal {tmp_path}/back.db") == "3 records are sound, 0 faults\n"
    back = apsw.Connection(f"{tmp_path}/back.db")
    with closing(back), closing(apsw.Connection(str(kept.sqlite))) as db:
        assert _tables(back) == _tables(db)


async def test_nobody_writes_an_archive(kept: Kept) -> None:
    """Servers do not start on it, and it is neither archived nor pruned."""
    with pytest.raises(JournalUnusable, match="is an archive in Parquet, which no server can"):
        await open_journal(str(kept.parquet))
    again = f"journal archive x.parquet --before 2100-01-01 --journal {kept.parquet}"
    assert "is an archive, and archives are never pruned" in said(again)


def test_a_journal_in_the_clear_has_no_such_archives(tmp_path: Path) -> None:
    """There are no keys to encrypt them with: it says what to do."""
    asyncio.run(_clear(f"{tmp_path}/j.db"))
    told = said(
        f"journal archive {tmp_path}/a.parquet --before 2100-01-01 --journal {tmp_path}/j.db"
    )
    assert "DEALGATE_JOURNAL_MASTER_KEY" in told
    assert not list(tmp_path.glob("*a.parquet*"))


async def _clear(url: str) -> None:
    journal = await open_journal(url)
    await journal.append(decision(1))
    await journal.close()


def test_who_lacks_the_extra_is_told(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """To write, to read and to prune."""
    for module in ("writing", "restoring"):
        monkeypatch.setitem(sys.modules, f"dealgate.journal.parquet.{module}", None)
    cure = "pip install 'dealgate[archives]'"
    assert cure in said(f"journal stats --journal {kept.parquet}")
    assert cure in said(f"journal archive n.parquet --before 2100-01-01 --journal {kept.url}")
    prune = f"journal prune --before 2100-01-01 --archive {kept.parquet} --journal {kept.url}"
    assert cure in said(prune)


def test_modes_do_not_depend_on_the_umask(kept: Kept, tmp_path: Path) -> None:
    """Nobody else may read an archive, or what it is made of meanwhile."""
    modes: list[int] = []
    before = os.umask(0)
    try:
        with upkeep._scratch(tmp_path / "x.parquet") as folder:
            modes.append(stat.S_IMODE(folder.stat().st_mode))
        said(f"journal archive {tmp_path}/x.parquet --before 2100-01-01 --journal {kept.url}")
    finally:
        os.umask(before)
    modes.append(stat.S_IMODE((tmp_path / "x.parquet").stat().st_mode))
    assert modes == [0o700, 0o600]


def _tables(db: apsw.Connection) -> dict[str, Any]:
    made: Any = db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
    return {
        name: (sql, sorted(map(repr, db.execute(f"SELECT * FROM {name}"))))
        for name, sql in made
        if (sql or "").startswith("CREATE TABLE")
    }
