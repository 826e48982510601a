"""Expressions checked before are remembered, and nobody else can say what they were found to be."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor

from dealgate.language.cel import CelChecker
from dealgate.model.fields import descriptor_of
from dealgate.model.rules import Checked, ExpressionFaults
from dealgate.rulebook.remembering import RememberingChecker
from dealgate.rulebook.store import KEY, MAGIC, SIGNATURE, Store
from dealgate.v1.qualify_pb2 import QualifyFacts

FACTS = descriptor_of(QualifyFacts)
SOUND = "lead.company.employees < 50"


class Counting(CelChecker):
    """Counts what it is asked."""

    def __init__(self) -> None:
        """Start at none."""
        self.asked = 0

    def check(
        self,
        source: str,
        *,
        facts: Descriptor | None,
        variables: Mapping[str, str],
        expected: str | None,
    ) -> Checked:
        """Count, and check."""
        self.asked += 1
        return super().check(source, facts=facts, variables=variables, expected=expected)


class Process:
    """What one process finds, and remembers for the next."""

    def __init__(self, folder: Path, version: str = "1") -> None:
        """Files lie in `folder`."""
        self.checker = Counting()
        self.store = Store(folder / "cache" / "expressions", folder / "state" / "key")
        self._remembering = RememberingChecker(lambda: self.checker, self.store, version)

    def check(self, source: str = SOUND, expected: str | None = "bool") -> Checked:
        """Check an expression over the facts of qualify."""
        found = self._remembering.check(source, facts=FACTS, variables={}, expected=expected)
        self.store.save()
        return found


def test_what_was_found_is_not_asked_again(tmp_path: Path) -> None:
    """By the next process, as long as the expression, its type and all versions are the same."""
    first = Process(tmp_path)
    assert first.check() == first.check()
    assert first.checker.asked == 1
    second = Process(tmp_path)
    assert second.check() == first.check()
    assert second.checker.asked == 0
    second.check("lead.company.employees < 51")
    second.check(expected=None)
    assert second.checker.asked == 2
    other = Process(tmp_path, version="2")
    other.check()
    assert other.checker.asked == 1


def test_faults_are_found_each_time(tmp_path: Path) -> None:
    """An expression that is wrong is not remembered."""
    for _ in range(2):
        process = Process(tmp_path)
        with pytest.raises(ExpressionFaults):
            process.check("lead.company.employes < 50")
        assert process.checker.asked == 1


def _swap_entries(folder: Path) -> None:
    """Say that an expression is what another one is, with a signature by a key of our own."""
    other = folder / "other"
    forged = Process(other)
    forged.check("lead.company.employees >= 50")
    (entry,) = [value for value in forged.store._used.values() if len(value) == 3]
    mine = Process(folder)
    mine.check()
    (key,) = mine.store._used
    store = Store(folder / "cache" / "expressions", other / "state" / "key")
    store.put(key, entry)
    store.save()


def _cut(folder: Path) -> None:
    path = folder / "cache" / "expressions"
    path.write_bytes(path.read_bytes()[:-10])


def _flip(folder: Path) -> None:
    path = folder / "cache" / "expressions"
    data = bytearray(path.read_bytes())
    data[len(MAGIC) + SIGNATURE + 40] ^= 1
    path.write_bytes(data)


def _open_to_others(folder: Path) -> None:
    (folder / "cache" / "expressions").chmod(0o666)


def _link(folder: Path) -> None:
    path = folder / "cache" / "expressions"
    path.rename(folder / "elsewhere")
    path.symlink_to(folder / "elsewhere")


def _delete_key(folder: Path) -> None:
    (folder / "state" / "key").unlink()


def _publish_key(folder: Path) -> None:
    (folder / "state" / "key").chmod(0o644)


def _other_key(folder: Path) -> None:
    (folder / "state" / "key").write_bytes(os.urandom(KEY))


def _empty(folder: Path) -> None:
    (folder / "cache" / "expressions").write_bytes(b"")


def _folder_in_its_place(folder: Path) -> None:
    path = folder / "cache" / "expressions"
    path.unlink()
    path.mkdir()


def _folder_for_a_key(folder: Path) -> None:
    path = folder / "state" / "key"
    path.unlink()
    path.mkdir()


def _pipe(folder: Path) -> None:
    path = folder / "cache" / "expressions"
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "harm",
    [
        *(_swap_entries, _cut, _flip, _open_to_others, _link),
        *(_delete_key, _publish_key, _other_key, _empty),
        *(_folder_in_its_place, _folder_for_a_key, _pipe),
    ],
)
def test_what_is_not_to_be_believed_costs_time_and_no_answer(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """Damaged, forged, writable by others: it is checked again, and remembered again."""
    found = Process(tmp_path).check()
    harm(tmp_path)
    process = Process(tmp_path)
    assert process.check() == found
    assert process.checker.asked == 1
    again = Process(tmp_path)
    assert again.check() == found


def test_a_folder_that_cannot_be_written_to_remembers_nothing(tmp_path: Path) -> None:
    """A cache folder that cannot be written to is not used, and stops nobody."""
    (tmp_path / "cache").write_text("a file, not a folder")
    for _ in range(2):
        process = Process(tmp_path)
        process.check()
        assert process.checker.asked == 1


def test_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    """Both of them, whatever the umask."""
    Process(tmp_path).check()
    for path in (tmp_path / "cache" / "expressions", tmp_path / "state" / "key"):
        assert path.stat().st_mode & 0o777 == 0o600
