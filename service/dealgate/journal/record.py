"""A decision as a row: columns for what is looked up, one body for the rest.

A body is two lengths (4 bytes each, little endian), then the head in JSON and the facts, which
have these lengths, then the answer; of a decision in an experiment, what the other version would
have answered comes after that, and its length is in the head. All are kept verbatim: replays are
exact.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from zstandard import ZstdError

from dealgate.journal.body import Bodies
from dealgate.journal.laws import damaged
from dealgate.journal.trials import read_trial, written_trial
from dealgate.model.decision import Decision, Entity, Turn
from dealgate.model.provenance import read_provenance

COLUMNS = "id, tenant, decided_at, kind, version, entity, outcome, dictionary, body"
LENGTHS = struct.Struct("<II")
UUID_BYTES = 16
# Kept, for to make one costs as much as to use it.
encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# What decoding rotten bytes raises: the checksum's own error, or that of whatever lacks a part.
ROTTEN = (ZstdError, ValueError, LookupError, TypeError, struct.error)

Row: TypeAlias = tuple[bytes, str, int, str, int, str, str, int | None, bytes]


def to_row(decision: Decision, bodies: Bodies) -> Row:
    """Return the values of COLUMNS; raise ValueError if the id is not a canonical UUID."""
    return (
        id_bytes(decision.id),
        decision.tenant,
        decision.decided_at,
        decision.kind,
        decision.version,
        str(decision.entity),
        decision.outcome,
        *bodies.pack(_body(decision)),
    )


def from_row(row: Sequence[Any], bodies: Bodies) -> Decision:
    """Return exactly the decision that was recorded, or raise RecordDamaged.

    `row` holds the values of COLUMNS.
    """
    try:
        return _decision(row, bodies)
    except ROTTEN as error:
        raise damaged(_id_or_rubble(row[0])) from error


def _decision(row: Sequence[Any], bodies: Bodies) -> Decision:
    identity, tenant, decided_at, kind, version, entity, outcome, dictionary, packed = row
    head, facts, answer = _parts(bodies.unpack(dictionary, packed))
    entity_type, _, entity_id = entity.partition("/")
    trial, beside = head.get("trial"), b""
    if trial is not None and trial["beside"]:
        answer, beside = answer[: -trial["beside"]], answer[-trial["beside"] :]
    decision = Decision(
        id=id_text(identity),
        tenant=tenant,
        kind=kind,
        entity=Entity(entity_type, entity_id),
        version=version,
        digest=head["digest"],
        engine=head["engine"],
        as_of=head["as_of"],
        decided_at=decided_at,
        trace_id=head["trace_id"],
        facts=facts,
        answer=answer,
        outcome=outcome,
        fired=tuple(head["fired"]),
        key=head["key"],
        body_hash=bytes.fromhex(head["body_hash"]),
        marks=tuple(head.get("marks", ())),
        turn=Turn(*head["turn"]) if "turn" in head else None,
        provenance=read_provenance(head.get("provenance")),
        scope=head.get("scope", ""),
    )
    return decision if trial is None else read_trial(decision, trial, beside)


def _id_or_rubble(identity: Any) -> str:
    try:
        return id_text(identity)
    except (ValueError, TypeError):
        return "of an id that can no longer be read"


def id_bytes(decision_id: str) -> bytes:
    """Return the 16 bytes of a UUID in canonical form; raise ValueError on other text."""
    identity = bytes.fromhex(decision_id.replace("-", ""))
    if id_text(identity) != decision_id:
        raise ValueError("a decision id is a UUID in lower case with hyphens")
    return identity


def id_text(identity: bytes) -> str:
    """Return the canonical form of a UUID; raise ValueError if it is not one."""
    if len(identity) != UUID_BYTES:
        raise ValueError("a decision id is 16 bytes")
    digits = identity.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _body(decision: Decision) -> bytes:
    head = encoded(_head(decision)).encode()
    lengths = LENGTHS.pack(len(head), len(decision.facts))
    other = decision.trial.other if decision.trial else None
    beside = b"" if other is None else other.answer
    return b"".join((lengths, head, decision.facts, decision.answer, beside))


def _head(decision: Decision) -> dict[str, Any]:
    head = {
        "digest": decision.digest,
        "engine": decision.engine,
        "as_of": decision.as_of,
        "trace_id": decision.trace_id,
        "fired": decision.fired,
        "key": decision.key,
        "body_hash": decision.body_hash.hex(),
    }
    if decision.marks:
        head["marks"] = decision.marks
    if decision.turn is not None:
        head["turn"] = (decision.turn.series, decision.turn.number)
    if decision.provenance is not None:
        head["provenance"] = decision.provenance.written()
    if decision.scope:
        head["scope"] = decision.scope
    if decision.trial is not None:
        head["trial"] = written_trial(decision.trial)
    return head


def _parts(body: bytes) -> tuple[Mapping[str, Any], bytes, bytes]:
    head_length, facts_length = LENGTHS.unpack_from(body)
    facts_at = LENGTHS.size + head_length
    answer_at = facts_at + facts_length
    head = json.loads(body[LENGTHS.size : facts_at])
    return head, body[facts_at:answer_at], body[answer_at:]
