"""What the editor gets about signals: faults in their files and cases, and what conditions read."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from google.protobuf.descriptor import Descriptor

from dealgate.kinds import KINDS
from dealgate.lsp.checking import CheckVerdict, RememberingChecker
from dealgate.lsp.outline import outline
from dealgate.model.faults import Fault
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.strays import SIGNALS
from dealgate.signals.contexts import Contexts
from dealgate.signals.declared import ACTIVITY
from dealgate.signals.signal_cases import case_faults
from dealgate.signals.signal_folder import has_signals, read_signals


def told_of_signals(rules: Path, checker: RememberingChecker) -> Sequence[CheckVerdict]:
    """Return what `dealgate check signals` says of a folder."""
    return [CheckVerdict(fault) for fault in sorted(set(_faults(rules, checker)))]


def _faults(rules: Path, checker: RememberingChecker) -> Sequence[Fault]:
    if not has_signals(rules):
        return []
    try:
        return case_faults(read_signals(rules, KINDS, checker))
    except RulebookFaults as error:
        return error.faults


def opened_signals(texts: Mapping[Path, str], root: Path) -> Mapping[Path, str]:
    """Return those of the open files that declare or try signals."""
    return {path: text for path, text in texts.items() if path.parent == root / SIGNALS}


def read_by(text: str, contexts: Contexts) -> Descriptor:
    """Return what the conditions of a half-typed signal read: those of what it is seen in."""
    written = (
        text[entry.value : entry.close].partition("\n")[0].partition(" #")[0].strip(" \"'")
        for entry in outline(text)
        if entry.path == ("on",)
    )
    feed = next(written, ACTIVITY)
    known = feed if feed in contexts.feeds else ACTIVITY
    return contexts.of(known).DESCRIPTOR  # type: ignore[return-value]
