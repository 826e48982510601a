"""What `dealgate check` would say if everything in the editor were saved, from what it said before.

A folder is read as a whole when a file is opened, closed or changed by somebody else. While a file
of one version is typed in, that version alone is read, beside what all share; what was said of
others stays. Proofs are left for when nobody types; those of a version are kept for as long as it
means the same, and those of a rule as long as nothing changes that they follow from.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from dealgate.kinds import KINDS
from dealgate.lsp.checking import CheckVerdict, RememberingChecker, told_of
from dealgate.lsp.file_names import (
    OF_VERSION,
    RELEASES,
    Version,
    files_of,
    has_scopes,
    is_of,
    laid,
    matters,
)
from dealgate.lsp.folder_contents import FolderContents, FolderDiagnosis, OfCases, Outrun
from dealgate.lsp.meaning import Meaning, meaning
from dealgate.lsp.signals import opened_signals, told_of_signals
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.proof.case_facts import case_facts
from dealgate.proof.checking import analysed
from dealgate.proof.remembered import Memory
from dealgate.rulebook.acceptance import Accepted
from dealgate.rulebook.cases import read_case_files
from dealgate.rulebook.loading import read_catalog
from dealgate.rulebook.regular import regular_bytes
from dealgate.rulebook.spoiling import sort_faults
from dealgate.rulebook.strays import SIGNALS


class Folder:
    """What is known of one rules folder between keystrokes."""

    def __init__(self, root: Path, checker: RememberingChecker, scratch: Path) -> None:
        """Its files are mirrored in `scratch`, so that they are read as the check reads them."""
        self._root = root
        self._checker = checker
        self._scratch = scratch
        self.memory = Memory()
        self._opened: dict[Path, str] | None = None
        self._faults: dict[str, list[Fault]] = {}
        self._rulesets: dict[Version, tuple[AnyRuleSet, Sequence[Accepted]]] = {}
        self._kinds: Mapping[str, AnyKind] = KINDS
        self._findings: dict[Version, Sequence[CheckVerdict]] = {}
        self._proved: dict[Version, tuple[Meaning, Sequence[CheckVerdict]]] = {}
        self._cases: dict[str, OfCases] = {}
        self._of_signals: Sequence[CheckVerdict] = ()

    def told(
        self,
        opened: Mapping[Path, str],
        stale: Callable[[], bool] = lambda: False,
        *,
        prove: bool = True,
    ) -> FolderDiagnosis:
        """Return what is said with what is `opened` in place of files; raises Outrun once `stale`.

        Kinds of which no file is open are passed over. Without `prove` nothing new is proved.
        """
        texts = {path: text for path, text in opened.items() if path.is_relative_to(self._root)}
        signals, before = opened_signals(texts, self._root), self._opened
        versions = self._typed_in(texts)
        if versions is None:
            self._read_all(texts)
        for version in versions or ():
            self._read_version(version, texts)
        if versions is None or signals != opened_signals(before or {}, self._root):
            self._of_signals = self._read_signals(texts) if signals else ()
        self._opened = texts
        said = self._said(stale, prove=prove)
        return FolderDiagnosis([*said.told, *self._of_signals], said.whole)

    def forget(self) -> None:
        """Read everything again next time: somebody else changed a file."""
        self._opened = None

    def _typed_in(self, texts: Mapping[Path, str]) -> set[Version] | None:
        """Return the versions whose files changed since the last time; None: more did."""
        if self._opened is None or self._opened.keys() != texts.keys():
            return None
        changed = [
            path
            for path, text in texts.items()
            if self._opened[path] != text and path.parent != self._root / SIGNALS
        ]
        matches = [OF_VERSION.fullmatch(path.name) for path in changed]
        versions = set[Version]()
        for path, match in zip(changed, matches, strict=True):
            if match is None or path.parent.parent != self._root or has_scopes(path.parent):
                return None
            versions.add((path.parent.name, int(match[1])))
        return versions

    def _read_all(self, texts: Mapping[Path, str]) -> None:
        below = (path.relative_to(self._root).parts for path in texts)
        # Of a kind's own rules, or of a scope's, which are read with them.
        kinds = {parts[0] for parts in below if len(parts) in {2, 3}} - {SIGNALS}
        checked = self._read(texts, kinds, lambda _: True)
        self._faults, self._rulesets, self._findings = {}, {}, {}
        self._take(checked)

    def _read_version(self, version: Version, texts: Mapping[Path, str]) -> None:
        kind, number = version
        checked = self._read(texts, {kind}, lambda path: matters(path, self._root, version))
        own = f"{kind}@{number} "
        for file in list(self._faults):
            if is_of(file, version):
                del self._faults[file]
            elif PurePosixPath(file).parts[-2:] == (kind, RELEASES):
                lines = self._faults[file]
                self._faults[file] = [line for line in lines if not line.message.startswith(own)]
        self._rulesets.pop(version, None)
        self._findings.pop(version, None)
        self._take(checked, version)

    def _take(self, checked: FolderContents, version: Version | None = None) -> None:
        """Keep what was read; of a folder with one `version` alone, what is said of that."""
        for fault in (*checked.faults.all, *checked.faults.warnings):
            file = fault.location.file
            own = version is None or is_of(file, version)
            released = version and fault.message.startswith(f"{version[0]}@{version[1]} ")
            if own or (released and file.endswith(RELEASES)):
                self._faults.setdefault(file, []).append(fault)
        for ruleset in checked.catalog.all():
            key = ruleset.shelf, ruleset.version
            self._rulesets[key] = ruleset, checked.accepted.get(ruleset.name, ())

    def _said(self, stale: Callable[[], bool], *, prove: bool) -> FolderDiagnosis:
        faults = [fault for faults in self._faults.values() for fault in faults]
        told = [CheckVerdict(fault, fault.severity) for fault in sorted(set(faults))]
        if any(item.severity is item.fault.severity.FAULT for item in told):
            return FolderDiagnosis(told, whole=True)
        self.memory.between = lambda: _stop(stale)
        whole = True
        for version in sorted(self._rulesets):
            if version not in self._findings:
                findings = self._known_or_proved(version, prove=prove)
                if findings is None:
                    whole = False
                    continue
                self._findings[version] = findings
            told += self._findings[version]
        return FolderDiagnosis(told, whole)

    def _known_or_proved(self, version: Version, *, prove: bool) -> Sequence[CheckVerdict] | None:
        """Return what is proved of a version; None if that is not known and not to be proved."""
        ruleset, accepted = self._rulesets[version]
        means = meaning(ruleset, accepted)
        known = self._proved.get(version)
        kept = None if known is None else means.moved(known[1], known[0])
        if kept is None:
            if not prove:
                return None
            kind = self._kinds[ruleset.kind]
            of_cases = self._cases.get(ruleset.name)
            facts = None if of_cases is None else of_cases.facts
            report = analysed(ruleset, kind, accepted=accepted, memory=self.memory, shown_by=facts)
            kept = [told_of(finding) for finding in report.findings]
        self._proved[version] = means, kept
        return kept

    def _read(
        self, texts: Mapping[Path, str], kinds: set[str], wanted: Callable[[Path], bool]
    ) -> FolderContents:
        with self._mirrored(texts, kinds, wanted) as mirrored:
            faults: list[Fault] = []
            catalog = read_catalog(mirrored, KINDS, self._checker, faults, only=kinds)
            self._kinds = catalog.kinds
            accepted = {
                ruleset.name: self._tried(mirrored, ruleset, faults) for ruleset in catalog.all()
            }
        spoiled = sort_faults(faults, catalog)
        return FolderContents(catalog.without(spoiled.spoiled, spoiled.strays), accepted, spoiled)

    def _read_signals(self, texts: Mapping[Path, str]) -> Sequence[CheckVerdict]:
        with self._mirrored(texts, {SIGNALS}, lambda _: True) as mirrored:
            return told_of_signals(mirrored, self._checker)

    @contextmanager
    def _mirrored(
        self, texts: Mapping[Path, str], kinds: set[str], wanted: Callable[[Path], bool]
    ) -> Iterator[Path]:
        """Return a folder in which open files replace those on disk."""
        with tempfile.TemporaryDirectory(dir=self._scratch) as folder:
            mirrored = Path(folder) / self._root.name
            mirrored.mkdir()
            for path in files_of(self._root, kinds):
                if wanted(path):
                    laid(mirrored / path.relative_to(self._root)).symlink_to(path.resolve())
            for path, text in texts.items():
                if wanted(path):
                    target = laid(mirrored / path.relative_to(self._root))
                    target.unlink(missing_ok=True)
                    target.write_bytes(text.encode("utf-8", "surrogatepass"))
            yield mirrored

    def _tried(self, folder: Path, ruleset: AnyRuleSet, faults: list[Fault]) -> Sequence[Accepted]:
        """Return what the cases of a version accept; adds their faults.

        They are read again if they, or the rules that they may name, have changed.
        """
        path = folder / ruleset.shelf / f"v{ruleset.version}.cases.yaml"
        try:
            text = regular_bytes(path)
        except OSError:
            text = b""
        key = ruleset.name, text, tuple(rule.id for rule in ruleset.rules), ruleset.vocabulary
        known = self._cases.get(ruleset.name)
        if known is None or known.key != key:
            told: list[Fault] = []
            files = read_case_files(folder, self._kinds, [ruleset], told)
            accepted = [accepted for file in files for accepted in file.accepted]
            facts = case_facts(case for file in files for case in file.cases)
            known = self._cases[ruleset.name] = OfCases(key, told, accepted, facts)
        faults += known.faults
        return known.accepted


def _stop(stale: Callable[[], bool]) -> None:
    if stale():
        raise Outrun
