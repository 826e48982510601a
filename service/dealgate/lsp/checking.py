"""What `dealgate check` would say if everything in the editor were saved."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from google.protobuf.descriptor import Descriptor

from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.codes import Severity
from dealgate.model.faults import Fault
from dealgate.model.rules import Checked, ExpressionFaults
from dealgate.proof.checking import analysed
from dealgate.proof.findings import Finding
from dealgate.rulebook.checking import read_folder

Answer = TypeVar("Answer")
Variables = tuple[tuple[str, str], ...]


class RememberingChecker:
    """The checker of `dealgate check`, which types no expression twice: few change at a time."""

    def __init__(self) -> None:
        """Nothing is remembered yet."""
        self._checker = CelChecker()
        self._typed = lru_cache(maxsize=20_000)(self._check)
        self._named = lru_cache(maxsize=20_000)(self._names)
        self._reserved = lru_cache(maxsize=64)(self._checker.reserved)

    def reserved(self, facts: Descriptor) -> frozenset[str]:
        """As CelChecker does."""
        return self._reserved(facts)

    def names(self, source: str) -> frozenset[str]:
        """As CelChecker does."""
        return _answer(self._named(source))

    def check(
        self,
        source: str,
        *,
        facts: Descriptor | None,
        variables: Mapping[str, str],
        expected: str | None,
    ) -> Checked:
        """As CelChecker does."""
        return _answer(self._typed(source, facts, tuple(sorted(variables.items())), expected))

    def check_constants(self, ast: bytes, constants: Mapping[str, bytes]) -> None:
        """As CelChecker does."""
        self._checker.check_constants(ast, constants)

    def _names(self, source: str) -> frozenset[str] | ExpressionFaults:
        try:
            return self._checker.names(source)
        except ExpressionFaults as faults:
            return faults

    def _check(
        self, source: str, facts: Descriptor | None, variables: Variables, expected: str | None
    ) -> Checked | ExpressionFaults:
        try:
            return self._checker.check(
                source, facts=facts, variables=dict(variables), expected=expected
            )
        except ExpressionFaults as faults:
            return faults


def _answer(answer: Answer | ExpressionFaults) -> Answer:
    if isinstance(answer, ExpressionFaults):
        raise ExpressionFaults(answer.faults)
    return answer


@dataclass(frozen=True, slots=True)
class Told:
    """What the check says: a fault, or of rules without one, what was proved of them."""

    fault: Fault
    severity: Severity = Severity.FAULT


def told_of(
    root: Path, opened: Mapping[Path, str], checker: RememberingChecker, scratch: Path
) -> Sequence[Told]:
    """Return what is said of the rules folder `root`, with what is `opened` in place of its files.

    Its files are mirrored in `scratch`, so that the check reads them the way it always does. If
    they have no fault, they are proved, as the check does. Kinds of which no file is open are
    passed over.
    """
    kinds = {path.parent.name for path in opened if path.parent.parent == root}
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        mirrored = Path(folder) / root.name
        _mirror(root, mirrored)
        for path, text in opened.items():
            if path.is_relative_to(root):
                target = mirrored / path.relative_to(root)
                target.unlink(missing_ok=True)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(text.encode("utf-8", "surrogatepass"))
        checked = read_folder(mirrored, KINDS, checker, kinds)
    told = [Told(fault, fault.severity) for fault in checked.faults.warnings]
    if checked.faults.all:
        return [*(Told(fault) for fault in checked.faults.all), *told]
    catalog, files = checked.catalog, checked.files
    accepted = {file.ruleset.name: file.accepted for file in files}
    return told + [
        _told(finding)
        for ruleset in catalog.all()
        for finding in analysed(
            ruleset, KINDS[ruleset.kind], accepted=accepted.get(ruleset.name, ())
        ).findings
    ]


def _told(finding: Finding) -> Told:
    """Return a finding as it is printed, its place apart."""
    head, _, rest = str(finding).partition("\n")
    message = head.removeprefix(f"{finding.location}: {finding.severity.value}: ")
    return Told(Fault(finding.location, message, rest, code=finding.code), finding.severity)


def _mirror(source: Path, target: Path) -> None:
    target.mkdir()
    for entry in source.iterdir() if source.is_dir() else ():
        if entry.is_dir() and not entry.name.startswith("."):
            _mirror(entry, target / entry.name)
        elif not entry.is_dir():
            (target / entry.name).symlink_to(entry.resolve())
