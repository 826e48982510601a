"""The signals of a rules folder: rules/signals/<name>.yaml, and <name>.cases.yaml beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dealgate.model.codes import Code
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.location import Location
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.faults import RulebookFaults, did_you_mean
from dealgate.rulebook.loading import usable_kinds
from dealgate.rulebook.read_files import named, read_document
from dealgate.rulebook.scratch import is_scratch
from dealgate.rulebook.strays import SIGNALS
from dealgate.signals.contexts import Contexts
from dealgate.signals.declared import Signal
from dealgate.signals.signal_file import read_signal

CASES: Final = ".cases.yaml"
BESIDE = frozenset({"README.md"})


@dataclass(frozen=True, slots=True)
class SignalFolder:
    """The signals of a folder by their names, what their expressions read, and their cases."""

    signals: Mapping[str, Signal]
    contexts: Contexts
    cases: Mapping[str, Path]
    folder: Path


def has_signals(rules: Path) -> bool:
    """Tell whether a rules folder declares signals."""
    return (rules / SIGNALS).is_dir()


def read_signals(
    rules: Path, kinds: Mapping[str, AnyKind], checker: ExpressionChecker, only: str = ""
) -> SignalFolder:
    """Return the signals of a rules folder; raise RulebookFaults with every fault in any file.

    Of `only` one signal, whatever is wrong with others.
    """
    faults: list[Fault] = []
    home = rules / SIGNALS
    known = usable_kinds(rules, kinds, faults)
    contexts = Contexts(known)
    files, cases = _files(rules, home, faults if not only else [])
    if only:
        files = _only(rules, only, files)
    signals: dict[str, Signal] = {}
    for name, path in files.items():
        document = read_document(rules, path, faults)
        signal = None
        if document is not None:
            signal = read_signal(document, name, contexts, checker, faults)
        if signal is not None:
            signals[name] = signal
    if faults:
        raise RulebookFaults(faults)
    return SignalFolder(signals, contexts, cases, rules)


def _only(rules: Path, name: str, files: Mapping[str, Path]) -> Mapping[str, Path]:
    if name in files:
        return {name: files[name]}
    text, hint = f"there is no signal '{name}'", did_you_mean(name, files)
    raise RulebookFaults([Fault(Location(named(rules, rules / SIGNALS), 1, 1), text, hint)])


def _files(
    rules: Path, home: Path, faults: list[Fault]
) -> tuple[Mapping[str, Path], Mapping[str, Path]]:
    """Return the files that declare signals and that try them, by the signals' names."""
    files: dict[str, Path] = {}
    cases: dict[str, Path] = {}
    if not home.is_dir():
        text, hint = "there are no signals in this folder", "write signals/pricing-visits.yaml"
        raise RulebookFaults([Fault(Location(named(rules, rules), 1, 1), text, hint)])
    for path in sorted(home.iterdir()):
        if path.name.endswith(CASES):
            cases[path.name.removesuffix(CASES)] = path
        elif path.suffix == ".yaml":
            files[path.stem] = path
        elif path.name not in BESIDE and not is_scratch(path.name):
            faults.append(_misplaced(rules, path, "this file does not declare a signal"))
    faults += [
        _misplaced(rules, cases[name], f"these cases try {name}.yaml, which is missing")
        for name in sorted(cases.keys() - files.keys())
    ]
    return files, cases


def _misplaced(rules: Path, path: Path, message: str) -> Fault:
    location = Location(named(rules, path), 1, 1)
    hint = "signals are called pricing-visits.yaml, their cases pricing-visits.cases.yaml"
    return Fault(location, message, hint, code=Code.FILE_MISPLACED)
