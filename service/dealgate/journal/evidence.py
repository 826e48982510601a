"""Whether a journal is what was written: its chains, and every row against them."""

import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, Protocol

from dealgate.journal.chain import Head, Link, digest_of, genesis, link_digest
from dealgate.journal.ranges import covers, merged
from dealgate.journal.record import id_text
from dealgate.journal.signing import Verifier
from dealgate.model.audit import Audited

MOST = 100  # faults reported


class EvidenceSnapshot(Protocol):
    """A journal as its evidence is read; all of it as of one instant."""

    def heads(self) -> Sequence[Head]:
        """Return the end of each chain that has begun."""

    def rulesets(self) -> Sequence[tuple[str, int, str]]:
        """Return kind, version and digest of every rule set that decided."""

    def count_decisions(self, last: int | None = None) -> int:
        """Return how many decisions there are, or those up to the one of this number."""

    def derived_faults(self) -> Iterator[str]:
        """Return what does not fit the records, of rows that lead to them (`derived.py`)."""

    def chains(self) -> Sequence[str]:
        """Return the names of the chains."""

    def notes(self) -> Sequence[str]:
        """Return the notes of all links that have one."""

    def links(self, chain: str) -> Iterator[Link]:
        """Return the links of a chain, in order."""

    def decisions(self) -> Iterator[Sequence[Any]]:
        """Return every decision by number: the number, then the row as record.py makes it."""

    def result(self, decision: bytes, revision: int) -> Sequence[Any] | None:
        """Return a result's row as results.py makes it, if it is there."""

    def has_decision(self, decision: bytes) -> bool:
        """Tell whether the decision is there."""

    def count_results(self) -> int:
        """Return how many results there are."""


@dataclass
class _Notes:
    """What links say of the journal itself: what is older, what was archived, other chains."""

    is_begun: bool = False
    older: int = 0
    older_results: int = 0
    gone: list[tuple[int, int]] = field(default_factory=list)
    gone_results: int = 0
    heads: list[Head] = field(default_factory=list)

    def read(self, note: str) -> None:
        """Take in one note; raises ValueError and LookupError if it is not valid."""
        told = json.loads(note)
        if "older" in told:
            self.is_begun = True
            self.older = max(self.older, told["older"]["last"])
            self.older_results = max(self.older_results, told["older"]["results"])
        self.gone += [(first, last) for first, last in told.get("gone", ())]
        self.gone_results += told.get("results", 0)
        self.heads += [Head(n, i, bytes.fromhex(d)) for n, i, d in told.get("follows", ())]


def audit_log(kept: EvidenceSnapshot) -> Iterator[Audited]:
    """Return the entries of the audit log, in the order of each chain; other notes are left out."""
    return entries_of(kept.notes())


def entries_of(notes: Iterable[str]) -> Iterator[Audited]:
    """Return the entries of the audit log in these notes."""
    for note in notes:
        with suppress(ValueError, TypeError, AttributeError):
            for entry in json.loads(note).get("audit", ()):
                yield Audited.read(entry)


def evidence_faults(
    kept: EvidenceSnapshot, verifier: Verifier | None = None, heads: Sequence[Head] = ()
) -> Sequence[str]:
    """Return what of a journal was changed since it was written, as far as chains can tell.

    With `verifier` every link must be signed; each of the `heads` must be in its chain.
    """
    return list(islice(_faults(kept, verifier, heads), MOST))


def count_older(kept: EvidenceSnapshot) -> int:
    """Return how many decisions the chain only counts, as it began, or restarted, after them."""
    notes = _Notes()
    for note in kept.notes():
        with suppress(ValueError, LookupError, TypeError):
            notes.read(note)
    if not notes.older:
        return 0
    gone = list(merged(notes.gone))
    rows = (row for name in kept.chains() for row in _rows_of(kept.links(name)))
    linked = sum(seq <= notes.older and not covers(gone, seq) for seq, _ in rows)
    return max(0, kept.count_decisions(notes.older) - linked)


def _faults(
    kept: EvidenceSnapshot, verifier: Verifier | None, heads: Sequence[Head]
) -> Iterator[str]:
    notes = _Notes()
    for note in kept.notes():
        try:
            notes.read(note)
        except (ValueError, LookupError, TypeError):
            yield "the chain: a note in it cannot be read"
    notes.gone = list(merged(notes.gone))
    if not notes.is_begun:
        if heads or next(kept.decisions(), None) is not None:
            yield "the chain: is missing, so forged records cannot be detected"
        return
    wanted = {(head.chain, head.number): head.digest for head in (*notes.heads, *heads)}
    for name in kept.chains():
        for link in _sound(kept.links(name), name, verifier):
            if isinstance(link, str):
                yield link
            elif wanted.pop((name, link.number), link.digest) != link.digest:
                yield f"link {_named(link)}: is not the one that was known before"
    for name, number in wanted:
        yield f"link {number}{name and f' of chain {name}'}: is missing, and was known before"
    yield from _row_faults(kept, notes)
    yield from _result_faults(kept, notes)


def _sound(links: Iterator[Link], chain: str, verifier: Verifier | None) -> Iterator[Link | str]:
    """Return each link, after what is wrong with it."""
    number, digest = 0, genesis(chain)
    for link in links:
        if link.number != number + 1:
            yield f"link {number + 1}{chain and f' of chain {chain}'}: is missing"
        elif link.previous != digest:
            yield f"link {_named(link)}: does not follow the one before"
        told = (link.number, link.previous, link.sealed_at, link.rows, link.results, link.note)
        if link.digest != link_digest(*told):
            yield f"link {_named(link)}: was changed"
        elif verifier is not None and not verifier.is_signed(link.digest, link.signature):
            yield f"link {_named(link)}: is not signed by a key that was given"
        yield link
        number, digest = link.number, link.digest


def _rows_of(links: Iterator[Link]) -> Iterator[tuple[int, bytes]]:
    for link in links:
        yield from link.of_rows()


def _row_faults(kept: EvidenceSnapshot, notes: _Notes) -> Iterator[str]:
    # Each chain's numbers ascend, so that all of them can be merged without being held at once.
    expected = heapq.merge(*(_rows_of(kept.links(name)) for name in kept.chains()))
    wanted = next(expected, None)
    for seq, *row in kept.decisions():
        while wanted is not None and wanted[0] < seq:
            yield from _missing(wanted[0], notes)
            wanted = next(expected, None)
        if wanted is None or wanted[0] > seq:
            if not 0 < seq <= notes.older:
                yield f"{_decision(row[0])}: is in no link; it was added by somebody else"
            continue
        if digest_of((seq, *row)) != wanted[1]:
            yield f"{_decision(row[0])}: was changed after it was recorded"
        wanted = next(expected, None)
    for seq, _ in chain([] if wanted is None else [wanted], expected):
        yield from _missing(seq, notes)


def _missing(seq: int, notes: _Notes) -> Iterator[str]:
    if not covers(notes.gone, seq):
        yield f"record {seq}: was taken away"


def _result_faults(kept: EvidenceSnapshot, notes: _Notes) -> Iterator[str]:
    linked = missing = 0
    for link in (link for name in kept.chains() for link in kept.links(name)):
        for decision, revision, digest in link.of_results():
            linked += 1
            row = kept.result(decision, revision)
            named = f"revision {revision} of the result of {_decision(decision)}"
            if row is None:
                missing += 1
                if kept.has_decision(decision):
                    yield f"{named}: was taken away"
            elif digest_of(row) != digest:
                yield f"{named}: was changed after it was recorded"
    surplus = kept.count_results() + missing - linked - notes.older_results
    if missing > notes.gone_results:
        yield f"{missing - notes.gone_results} results: were taken away"
    if surplus > 0:
        yield f"{surplus} results: are in no link of the chain; they were added by somebody else"


def _named(link: Link) -> str:
    return f"{link.number}{link.chain and f' of chain {link.chain}'}"


def _decision(identity: bytes) -> str:
    try:
        return f"decision {id_text(identity)}"
    except ValueError:
        return "a decision whose id is not valid"
