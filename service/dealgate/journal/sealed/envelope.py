"""A decision sealed: what it says about somebody is under their key, the rest under the tenant's.

    0x00 "dg" 0x01, a nonce, the version of the tenant's key, how many subjects, their pseudonyms
    for each subject: a length, and its values under its key
    a length, and what quotes anybody, under a key that all subjects' keys are needed for
    facts, answer and the other answer without those values, and where they belong: under the
    tenant's key

The first subject is the one that the decision is
about: the key of the call, marks and the hash of the question are with its values.
"""

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from zstandard import ZstdCompressor, ZstdDecompressor

from dealgate.journal.sealed.ciphers import (
    NONCE_BYTES,
    decrypted,
    derived,
    encrypted,
    new_nonce,
)
from dealgate.journal.sealed.keyring import PSEUDONYM_BYTES, Subject
from dealgate.journal.sealed.tenants import TenantKeys
from dealgate.journal.sealed.terms import MAGIC
from dealgate.model.splicing import Change, Place, cut, put_back, read_places, spliced

HEAD = struct.Struct("<HI")
SIZE = struct.Struct("<I")
SIZES = struct.Struct("<6I")
PARTS = 3  # facts, answer, the other answer
MOST = 256 * 2**20  # bytes of a record: a larger one is not ours


class RecordPart(NamedTuple):
    """One message of a record, and where personal values lie in it."""

    data: bytes
    places: Sequence[Place]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a record said.

    `about` is the head of the entity's values, and None with its key. `erased` are the numbers of
    subjects whose keys are gone; their values are left out, and their ids replaced.
    """

    parts: Sequence[bytes]
    about: Mapping[str, object] | None
    erased: Sequence[int]


def seal(
    keys: TenantKeys,
    subjects: Sequence[Subject],
    about: Mapping[str, object],
    parts: Sequence[RecordPart],
    name: bytes,
) -> bytes:
    """Return the envelope; a place's owner is the index of a subject, or their number for all.

    `name` tells the record from any other: no part of it can be moved into another one.
    """
    values: list[list[bytes]] = [[] for _ in range(len(subjects) + 1)]
    head = json.dumps(about, separators=(",", ":")).encode()
    values[0] += (SIZE.pack(len(head)), head)
    rests, places = [], []
    for part in parts:
        rest, cut_out = cut(part.data, part.places)
        for place, value in zip(part.places, cut_out, strict=True):
            values[place.owner].append(value)
        rests.append(rest)
        places.append(b"".join(place.written() for place in part.places))
    return b"".join(
        _written(keys, subjects, [b"".join(value) for value in values], rests, places, name)
    )


def _written(
    keys: TenantKeys,
    subjects: Sequence[Subject],
    values: Sequence[bytes],
    rests: Sequence[bytes],
    places: Sequence[bytes],
    name: bytes,
) -> Iterator[bytes]:
    nonce = new_nonce()
    yield from (MAGIC, nonce, HEAD.pack(keys.version, len(subjects)))
    yield from (subject.pseudonym for subject in subjects)
    for key, text in zip(_keys(subjects), values, strict=True):
        sealed = encrypted(key, nonce, text, name) if text else b""
        yield from (SIZE.pack(len(sealed)), sealed)
    sizes = SIZES.pack(*map(len, places), *map(len, rests))
    packed = ZstdCompressor(level=3).compress(b"".join((sizes, *places, *rests)))
    yield encrypted(keys.data[keys.version], nonce, packed, name)


def _keys(subjects: Sequence[Subject]) -> Sequence[bytes]:
    return [*(subject.key for subject in subjects), _of_all(subjects)]


def _of_all(subjects: Sequence[Subject]) -> bytes:
    """Return a key that nobody has who lacks the key of any of them."""
    return derived(b"".join(subject.key for subject in subjects), "all subjects")


def pseudonyms(envelope: bytes) -> Sequence[bytes]:
    """Return the subjects of an envelope; raises struct.error."""
    _, count = HEAD.unpack_from(envelope, len(MAGIC) + NONCE_BYTES)
    first = len(MAGIC) + NONCE_BYTES + HEAD.size
    return [
        envelope[index : index + PSEUDONYM_BYTES]
        for index in range(first, first + count * PSEUDONYM_BYTES, PSEUDONYM_BYTES)
    ]


def open_envelope(
    keys: TenantKeys,
    envelope: bytes,
    known: Sequence[Subject | None],
    erased_ids: Sequence[str],
    name: bytes,
) -> Opened:
    """Return what an envelope holds; `known` are its subjects, None: erased.

    `erased_ids` stand for the ids of those who are. Raises ValueError, struct.error, ZstdError.
    """
    nonce = envelope[len(MAGIC) :][:NONCE_BYTES]
    version, count = HEAD.unpack_from(envelope, len(MAGIC) + NONCE_BYTES)
    index = len(MAGIC) + NONCE_BYTES + HEAD.size + count * PSEUDONYM_BYTES
    subjects = [subject for subject in known if subject is not None]
    owners: list[bytes | None] = [None if subject is None else subject.key for subject in known]
    owners.append(_of_all(subjects) if len(subjects) == count else None)
    values: list[bytes | None] = []
    for key in owners:
        (size,) = SIZE.unpack_from(envelope, index)
        sealed = envelope[index + SIZE.size :][:size]
        index += SIZE.size + size
        values.append(
            None if key is None else decrypted(key, nonce, sealed, name) if sealed else b""
        )
    packed = decrypted(keys.data[version], nonce, envelope[index:], name)
    text = ZstdDecompressor().decompress(packed, max_output_size=MOST)
    about, first = _about(values[0])
    parts = _parts(text, values, first, erased_ids)
    gone = [number for number, subject in enumerate(known) if subject is None]
    return Opened(parts, about, gone)


def _about(text: bytes | None) -> tuple[Mapping[str, object] | None, int]:
    if text is None:
        return None, 0
    (size,) = SIZE.unpack_from(text)
    first = SIZE.size + size
    return json.loads(text[SIZE.size : first]), first


def _parts(
    text: bytes, values: Sequence[bytes | None], first: int, erased_ids: Sequence[str]
) -> Sequence[bytes]:
    """Put each message together; the entity's values begin at `first`."""
    read = [first, *(0 for _ in values[1:])]

    def value_of(place: Place) -> bytes | None:
        mine = values[place.owner]
        begun = read[place.owner]
        read[place.owner] = begun + place.end - place.start
        return None if mine is None else mine[begun : read[place.owner]]

    sizes = SIZES.unpack_from(text)
    index, cuts = SIZES.size, []
    for size in sizes:
        cuts.append(text[index : index + size])
        index += size
    parts = []
    for written, rest in zip(cuts[:PARTS], cuts[PARTS:], strict=True):
        places = read_places(written)
        whole = put_back(rest, places, value_of)
        parts.append(spliced(whole, list(_changes(places, values, erased_ids))))
    return parts


def _changes(
    places: Sequence[Place], values: Sequence[bytes | None], erased_ids: Sequence[str]
) -> Iterator[Change]:
    for place in places:
        if values[place.owner] is None:
            erased = erased_ids[place.owner].encode() if place.names else None
            yield Change(place.field, place.end, erased)
