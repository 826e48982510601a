"""A decision as callers of a sealed journal see it, and as the journal within records it."""

import base64
import struct
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from zstandard import ZstdError

from dealgate.journal.laws import damaged
from dealgate.journal.sealed.ciphers import keyed
from dealgate.journal.sealed.envelope import (
    Opened,
    RecordPart,
    open_envelope,
    pseudonyms,
    seal,
)
from dealgate.journal.sealed.keyring import Keyring, Subject
from dealgate.journal.sealed.tenants import TenantKeys
from dealgate.journal.sealed.terms import is_sealed
from dealgate.model.decision import Decision, Entity
from dealgate.model.splicing import Place
from dealgate.model.subjects import MessagesOf, record_spans

SHOWN = 16  # digits of an erased subject's pseudonym
ROTTEN = (ValueError, LookupError, TypeError, struct.error, ZstdError)


def erased_id(pseudonym: bytes) -> str:
    """Return what stands for the id of a subject that was erased."""
    return f"erased-{pseudonym.hex()[:SHOWN]}"


def sealed_key(keys: TenantKeys, key: str) -> str:
    """Return what is kept of an idempotency key."""
    return _text(keyed(keys.index, b"key", key.encode("utf-8", "surrogatepass")))


def sealed_hash(keys: TenantKeys, body_hash: bytes) -> bytes:
    """Return what is kept of the hash of a question."""
    return keyed(keys.index, b"body", body_hash)


def sealed_mark(keys: TenantKeys, mark: str) -> str:
    """Return what is kept of a mark."""
    return _text(keyed(keys.index, b"mark", mark.encode("utf-8", "surrogatepass"))[:16])


def prepared(messages: MessagesOf, decision: Decision) -> "Prepared":
    """Return whom a decision is about or names, and where."""
    spans = record_spans(messages(decision.kind), decision)
    numbers = {decision.entity: 0}
    for part in spans:
        for span in part:
            if span.owner is not None:
                numbers.setdefault(span.owner, len(numbers))
    everybody = len(numbers)
    places = [
        [
            Place(
                span.field,
                span.start,
                span.end,
                everybody if span.owner is None else numbers[span.owner],
                span.names,
            )
            for span in part
        ]
        for part in spans
    ]
    return Prepared(decision, list(numbers), places)


class Prepared:
    """A decision, whom it names, and where."""

    __slots__ = ("decision", "places", "subjects")

    def __init__(
        self, decision: Decision, subjects: Sequence[Entity], places: Sequence[Sequence[Place]]
    ) -> None:
        """See the class."""
        self.decision = decision
        self.subjects = subjects
        self.places = places

    def sealed(self, keys: TenantKeys, subjects: Sequence[Subject]) -> Decision:
        """Return the decision as it is kept: nothing in it can be read without keys."""
        decision = self.decision
        other = None if decision.trial is None else decision.trial.other
        data = (decision.facts, decision.answer, b"" if other is None else other.answer)
        parts = [RecordPart(each, places) for each, places in zip(data, self.places, strict=True)]
        about = {
            "id": decision.entity.id,
            "key": decision.key,
            "marks": decision.marks,
            "hash": decision.body_hash.hex(),
        }
        trial = decision.trial
        if trial is not None and other is not None:
            trial = replace(trial, other=replace(other, answer=b"", facts=b""))
        return replace(
            decision,
            entity=Entity(decision.entity.type, subjects[0].pseudonym.hex()),
            facts=seal(keys, subjects, about, parts, _name(decision)),
            answer=b"",
            key=None if decision.key is None else sealed_key(keys, decision.key),
            body_hash=sealed_hash(keys, decision.body_hash),
            marks=tuple(sealed_mark(keys, mark) for mark in decision.marks),
            trial=trial,
            evidence=None,
        )


def unsealed(ring: Keyring, decision: Decision) -> Decision:
    """Return a kept decision as it was recorded, without what was erased; raise RecordDamaged."""
    if not is_sealed(decision.facts):
        return decision
    try:
        return _unsealed(ring, decision)
    except ROTTEN as error:
        raise damaged(decision.id) from error


def _unsealed(ring: Keyring, decision: Decision) -> Decision:
    names = pseudonyms(decision.facts)
    known = [ring.of(decision.tenant, name) for name in names]
    erased_ids = [erased_id(name) for name in names]
    keys = ring.tenant(decision.tenant)
    opened = open_envelope(keys, decision.facts, known, erased_ids, _name(decision))
    facts, answer, other_answer = opened.parts
    trial = decision.trial
    told = _about(opened, erased_ids)
    erased = tuple(erased_ids[number] for number in opened.erased)
    if trial is not None and trial.other is not None:
        same = {**_with_type(told, decision), "marks": (), "erased": erased}
        other = replace(trial.other, facts=facts, answer=other_answer, **same)
        trial = replace(trial, other=other)
    return replace(
        decision,
        facts=facts,
        answer=answer,
        trial=trial,
        erased=erased,
        **_with_type(told, decision),
    )


def _about(opened: Opened, erased_ids: Sequence[str]) -> dict[str, Any]:
    about = opened.about
    if about is None:
        return {"id": erased_ids[0], "key": None, "marks": (), "hash": ""}
    return dict(about)


def _with_type(told: dict[str, Any], decision: Decision) -> dict[str, Any]:
    return {
        "entity": Entity(decision.entity.type, told["id"]),
        "key": told["key"],
        "marks": tuple(told["marks"]),
        "body_hash": bytes.fromhex(told["hash"]),
    }


def _name(decision: Decision) -> bytes:
    return f"{decision.tenant}\n{decision.id}\n{decision.kind}".encode("utf-8", "surrogatepass")


def _text(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
