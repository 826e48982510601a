"""What is found of rules: taken from what is known of files that did not change, else proved."""

import gc
import re
from collections.abc import Sequence
from pathlib import Path
from time import time_ns
from typing import Any, NamedTuple

from dealgate.cli.of_signals import SIGNALS, check_signals, is_of_signals, name_in
from dealgate.cli.verdicts import Document
from dealgate.desk.verdicts import Verdicts, deciding
from dealgate.model.errors import OperatorError

KIND = re.compile("[a-z][a-z0-9_]*(/[a-z][a-z0-9_]*)?")
# How many objects more than were freed make the collector look for cycles; Python's own are 700.
YOUNG_OBJECTS = 100_000
Documents = Sequence[tuple[Document, Sequence[Document]]]


class CheckedSelection(NamedTuple):
    """What is found of kinds and of signals, what is wrong with files, and what that spoils."""

    kinds: Documents
    signals: Sequence[Document]
    faults: Sequence[Any]
    passed_over: Sequence[str]


def found_in(rules: Path, selection: str | None) -> CheckedSelection:
    """Return what is found; a file with a fault keeps nothing else from being proved."""
    faults: list[Any] = []
    documents: Documents = []
    passed_over: Sequence[str] = []
    signals: Sequence[Document] = []
    try:
        if not is_of_signals(selection):
            documents, faults, passed_over = _checked_documents(rules, selection)
    except OperatorError as error:
        faults += _faults_of(error)
    try:
        wanted = is_of_signals(selection) or (selection is None and (rules / SIGNALS).is_dir())
        signals = check_signals(rules, name_in(selection)) if wanted else []
    except OperatorError as error:
        faults += _faults_of(error)
    return CheckedSelection(documents, signals, faults, passed_over)


def _faults_of(error: OperatorError) -> Sequence[Any]:
    """Return the faults of a RulebookFaults, which is not loaded where there are none."""
    faults: Sequence[Any] | None = getattr(error, "faults", None)
    if faults is None:
        raise error
    return faults


def _checked_documents(
    rules: Path, selection: str | None
) -> tuple[Documents, list[Any], Sequence[str]]:
    """Return what is found of each kind and its versions, faults, and the names they spoil.

    Raises RulebookFaults if it is about one version.
    """
    verdicts = Verdicts(rules)
    kind, _, number = (selection or "").partition("@")
    kinds = verdicts.kinds if selection is None else [kind] if KIND.fullmatch(kind) else []
    known = {kind: _known(verdicts, kind, number) for kind in kinds or ()}
    if selection is not None and not number:
        within = [scope for checked in known.values() if checked for scope in checked[0]["scopes"]]
        known |= {document: _known(verdicts, document, "") for document in within}
    needed = [name for name, documents in known.items() if documents is None]
    if kinds and not needed:
        return [documents for documents in known.values() if documents is not None], [], []
    # What reads and proves rules takes its time to load, and stays: hardly any of it is garbage.
    gc.set_threshold(YOUNG_OBJECTS)
    from dealgate.cli.checking import check_kinds  # noqa: PLC0415

    fresh = check_kinds(verdicts, rules, selection, needed if kinds else None)
    all_ = [*fresh.kinds, *(documents for documents in known.values() if documents is not None)]
    kinds_ = sorted(all_, key=lambda documents: str(documents[0]["kind"]))
    return kinds_, [*fresh.faults], fresh.passed_over


def _known(
    verdicts: Verdicts, kind: str, number: str
) -> tuple[Document, Sequence[Document]] | None:
    """Return what is known of a kind, or of one of its versions; None: not everything is."""
    document = verdicts.of_kind(kind)
    if document is None or (number and number not in map(str, document["versions"])):
        return None
    now, versions = deciding(document, time_ns()), list[Document]()
    for version in [int(number)] if number else document["versions"]:
        known = verdicts.of_version(kind, version)
        unread = verdicts.unread(kind, version) if version == now else None
        if known is None or (version == now and unread is None):
            return None
        versions.append({**known, "unread": unread})
    return document, versions
