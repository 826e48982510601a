"""Rule sets of which every mutant is known to be noticed, in a file that is committed.

Each stands under a digest of all that this follows from: the bytes of its files and of those that
all kinds share, and the code that judges them. Whatever differs is mutated again, so an outdated
file only costs time. Only rule sets with nothing missing are written down.
"""

import hashlib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from dealgate.desk.cache import code_version
from dealgate.desk.followed import OF_VERSION, digests
from dealgate.model.rules import AnyRuleSet

ROOMS = ("v1", "model", "language", "kinds", "judge.py", "engine", "rulebook", "desk", "cases")
# Kinds look things up in these, besides what all findings depend on.
PACKAGES = ("holidays", "phonenumbers", "rapidfuzz", "tldextract")
LINE = re.compile(r"([a-z0-9_/]+@[0-9]+): ([0-9]+) mutants, ([0-9]+) accepted, ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Noticed:
    """How many mutants a rule set has; all are noticed but those that are accepted."""

    mutants: int
    accepted: int
    digest: str

    def __str__(self) -> str:
        """As it is written in the file."""
        return f"{self.mutants} mutants, {self.accepted} accepted, {self.digest}"


class KnownMutants:
    """What such a file says of a rules folder, as it stood when this was made."""

    def __init__(self, file: Path, folder: Path) -> None:
        """Read the file; a new one is empty."""
        self._file = file
        self._folder = folder
        self._before = {name: self._digest(name) for name in _names(folder)}
        self._entries = _read(file)

    def of(self, ruleset: AnyRuleSet) -> Noticed | None:
        """Return what is known of a rule set; None if it has to be disturbed."""
        entry = self._entries.get(ruleset.name)
        return entry if entry and entry.digest == self._before.get(ruleset.name) else None

    def keep(self, ruleset: AnyRuleSet, mutants: int, accepted: int) -> None:
        """Remember that nothing is missing, unless a file was edited meanwhile."""
        digest = self._digest(ruleset.name)
        if digest == self._before[ruleset.name]:
            self._entries[ruleset.name] = Noticed(mutants, accepted, digest)

    def save(self, rulesets: Iterable[AnyRuleSet]) -> None:
        """Write it, if that changes it: of the kinds of `rulesets` nothing else is left in it."""
        names = {ruleset.name for ruleset in rulesets}
        kinds = {_kind(name) for name in names}
        left = {n: e for n, e in self._entries.items() if n in names or _kind(n) not in kinds}
        if left != _read(self._file):
            lines = (f"{name}: {left[name]}\n" for name in sorted(left))
            self._file.write_text("".join(lines), encoding="utf-8")

    def _digest(self, name: str) -> str:
        kind, _, version = name.rpartition("@")
        text = "\0".join((self._code, name, *digests(self._folder, "version", kind, version)))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def _code(self) -> str:
        python = f"{sys.version_info.major}.{sys.version_info.minor}"
        return code_version(*ROOMS, packages=PACKAGES, python=python)


def _names(folder: Path) -> set[str]:
    """Return the rule sets of a folder, those of scopes included, by the names of their files."""
    files = [*folder.glob("*/v*.yaml"), *folder.glob("*/*/v*.yaml")]
    matches = [(file.parent, OF_VERSION.fullmatch(file.name)) for file in files]
    return {f"{home.relative_to(folder).as_posix()}@{m[1]}" for home, m in matches if m}


def _kind(name: str) -> str:
    return re.split("[/@]", name)[0]


def _read(file: Path) -> dict[str, Noticed]:
    """Return what the file says; a line that is not in our format says nothing."""
    text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
    matches = filter(None, map(LINE.fullmatch, text.splitlines()))
    return {m[1]: Noticed(int(m[2]), int(m[3]), m[4]) for m in matches}
