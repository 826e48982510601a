"""A hash chain over what a journal keeps, so that nobody can change the past unnoticed.

Each commit adds one link: the SHA-256 of every row that it wrote, and the digest of the link
before. To change, move, add or remove a row, all links since then have to be rewritten; signed
links, or a digest that was kept elsewhere, reveal that.

A file has one chain. In a database that many servers write, each has a chain for each of its
connections, so that none waits for another; a new chain says where the others stand.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

GENESIS = bytes(32)
DOMAIN = b"dealgate journal link 1\n"
ROW = struct.Struct(">q32s")  # seq, digest
RESULT = struct.Struct(">16si32s")  # the decision's id, revision, digest
HEAD = struct.Struct(">q32sq")  # number, the link before, sealed at (ns since the epoch)

# Returns an Ed25519 signature.
Sign: TypeAlias = Callable[[bytes], bytes]


def genesis(chain: str) -> bytes:
    """Return what the first link of a chain follows."""
    return hashlib.sha256(chain.encode()).digest() if chain else GENESIS


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain, as it was at some time."""

    chain: str
    number: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """What one commit added. `note` is JSON about the journal itself, usually empty."""

    chain: str
    number: int
    previous: bytes
    sealed_at: int
    rows: bytes
    results: bytes
    note: str
    digest: bytes
    signature: bytes

    def of_rows(self) -> Iterator[tuple[int, bytes]]:
        """Return the number and digest of each decision's row."""
        return ROW.iter_unpack(self.rows)

    def of_results(self) -> Iterator[tuple[bytes, int, bytes]]:
        """Return decision, revision and digest of each result's row."""
        return RESULT.iter_unpack(self.results)


def linked(
    before: Head,
    sealed_at: int,
    rows: Iterable[tuple[int, Sequence[Any]]],
    results: Iterable[Sequence[Any]],
    note: str,
    sign: Sign | None,
) -> Link:
    """Return the link that comes after `before`: rows by number, and results."""
    number, previous = before.number + 1, before.digest
    packed = b"".join(ROW.pack(seq, digest_of((seq, *row))) for seq, row in rows)
    told = b"".join(RESULT.pack(row[1], row[2], digest_of(row)) for row in results)
    digest = link_digest(number, previous, sealed_at, packed, told, note)
    signature = b"" if sign is None else sign(digest)
    return Link(before.chain, number, previous, sealed_at, packed, told, note, digest, signature)


def link_digest(
    number: int, previous: bytes, sealed_at: int, rows: bytes, results: bytes, note: str
) -> bytes:
    """Return the SHA-256 of a link."""
    digest = hashlib.sha256(DOMAIN)
    digest.update(HEAD.pack(number, previous, sealed_at))
    for part in (rows, results, note.encode()):
        digest.update(struct.pack(">q", len(part)))
        digest.update(part)
    return digest.digest()


def digest_of(row: Sequence[Any]) -> bytes:
    """Return the SHA-256 of a row's values: integers, texts, bytes, nulls, all distinguishable."""
    parts: list[bytes] = []
    # One loop: this is paid for each decision.
    for value in row:
        kind = type(value)
        if kind is str:
            text = value.encode("utf-8", "surrogatepass")
            parts += (b"t%d:" % len(text), text)
        elif kind is int:
            parts.append(b"i%d;" % value)
        elif kind is bytes:
            parts += (b"b%d:" % len(value), value)
        elif value is None:
            parts.append(b"n")
        else:
            raise TypeError(f"a journal keeps no {kind.__name__}")
    return hashlib.sha256(b"".join(parts)).digest()
