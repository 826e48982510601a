"""What `dealgate check` and `dealgate test` say of signals."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dealgate.desk.verdicts import Verdicts

if TYPE_CHECKING:
    from dealgate.cases.results import Result
    from dealgate.signals.signal_folder import SignalFolder

# ruff: noqa: PLC0415 - what is known of files that did not change is printed without reading them

SIGNALS: Final = "signals"


def is_of_signals(selection: str | None) -> bool:
    """Tell whether a selection is of signals."""
    return selection is not None and selection.partition("/")[0] == SIGNALS


def name_in(selection: str | None) -> str:
    """Return the signal that is selected: "signals/pricing-visits"; empty: all of them are."""
    return (selection or "").partition("/")[2]


def check_signals(rules: Path, name: str = "") -> Sequence[Mapping[str, Any]]:
    """Return what each signal is, or one of that name, as plain data; raises RulebookFaults."""
    verdicts = Verdicts(rules)
    known = verdicts.signals
    if known is not None:
        chosen = (
            [signal for signal in known if signal["name"] == f"{SIGNALS}/{name}"] if name else known
        )
        if chosen or not name:
            return chosen
    folder = _sound(rules, name)
    documents = [
        {
            "name": f"{SIGNALS}/{signal.name}",
            "on": signal.feed,
            "pattern": type(signal.pattern).__name__.lower(),
            "digest": signal.digest,
            "text": f"{SIGNALS}/{signal.name}: {type(signal.pattern).__name__.lower()}"
            f" on {signal.feed}, {signal.digest}",
        }
        for signal in folder.signals.values()
    ]
    if not name:
        verdicts.keep(documents, SIGNALS, SIGNALS)
        verdicts.save()
    return documents


def tried_signals(rules: Path, selection: str | None, text: str) -> "Sequence[Result]":
    """Return the results of the cases of signals that have `text` in their name.

    None if the selection is of something else, or nothing is selected and there are none.
    """
    if not is_of_signals(selection) and not (selection is None and (rules / SIGNALS).is_dir()):
        return []
    from dealgate.cases.results import Result
    from dealgate.cli.shown import faults_shown
    from dealgate.desk.trials import CaseReport
    from dealgate.signals.signal_cases import try_signals

    with faults_shown():
        tried = try_signals(_read(rules, name_in(selection)), text)
    return [
        Result(
            f"{SIGNALS}/{result.signal.name}",
            result.file,
            [
                CaseReport(result.signal.name, case.name, case.location, 0.0, case.faults)
                for case in result.cases
            ],
        )
        for result in tried
    ]


def _sound(rules: Path, name: str) -> "SignalFolder":
    """Return the signals, of which the cases can be read as well."""
    from dealgate.rulebook.faults import RulebookFaults
    from dealgate.signals.signal_cases import case_faults

    folder = _read(rules, name)
    if faults := case_faults(folder):
        raise RulebookFaults(faults)
    return folder


def _read(rules: Path, name: str) -> "SignalFolder":
    from dealgate.desk.expressions import expression_checker
    from dealgate.kinds import KINDS
    from dealgate.signals.signal_folder import read_signals

    return read_signals(rules, KINDS, expression_checker(), name)
