"""Records of which many differ in a few values of fixed length alone: the rest is encoded once."""

import struct
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from dealgate.telemetry import otlp
from dealgate.telemetry.otlp import IS_REMOTE_KNOWN, SAMPLED

Filling: TypeAlias = bytes | int | float


class Hole(NamedTuple):
    """Where a value goes: how `struct` writes it, and what stands there in the sample."""

    form: str
    sample: bytes


def words(length: int, number: int = 0) -> Hole:
    """Return a hole for so many bytes; holes of one record differ by `number`."""
    return Hole(f"{length}s", bytes((0x10 + number,)) * length)


def number(index: int) -> Hole:
    """Return a hole for a float; holes of one record differ by `index`."""
    return Hole("d", bytes((0x18 + index,)) * 8)


TRACE, SPAN, ABOVE = Hole("16s", b"\x01" * 16), Hole("8s", b"\x02" * 8), Hole("8s", b"\x03" * 8)
STARTED, ENDED = Hole("Q", b"\x04" * 8), Hole("Q", b"\x05" * 8)


class Stencil:
    """Writes copies of a sample with other values in its holes."""

    def __init__(self, sample: bytes, holes: Sequence[Hole]) -> None:
        """`holes` in the order in which they stand in the sample."""
        pieces: list[Filling] = []
        form = "<"
        for hole in holes:
            before, sample = sample.split(hole.sample, 1)
            pieces += (before, b"")
            form += f"{len(before)}s{hole.form}"
        self._pieces = [*pieces, sample]
        self._pack = struct.Struct(f"{form}{len(sample)}s").pack

    def __call__(self, *values: Filling) -> bytes:
        """Return a copy; one value for each hole."""
        pieces = self._pieces.copy()
        pieces[1::2] = values
        return self._pack(*pieces)


def of_span(
    name_and_kind: bytes,
    pairs: bytes,
    *own: Hole,
    is_root: bool = False,
    flags: int = SAMPLED | IS_REMOTE_KNOWN,
) -> Stencil:
    """Return what writes spans: trace, span, the one above unless root, start, end, and `own`.

    `pairs` are their attributes, with the samples of `own` in them.
    """
    above = () if is_root else (ABOVE,)
    sample = otlp.span(
        *(TRACE.sample, SPAN.sample, b"".join(hole.sample for hole in above), b""),
        name_and_kind,
        int.from_bytes(STARTED.sample),
        int.from_bytes(ENDED.sample),
        pairs,
        flags=flags,
    )
    return Stencil(sample, (TRACE, SPAN, *above, STARTED, ENDED, *own))


def of_record(severity: int, words: str, pairs: bytes, event: str, *own: Hole) -> Stencil:
    """Return what writes log records: time, the same again, `own`, trace, span."""
    at = int.from_bytes(STARTED.sample)
    sample = otlp.log_record(at, severity, words, "", pairs, event, TRACE.sample, SPAN.sample)
    return Stencil(sample, (STARTED, STARTED, *own, TRACE, SPAN))
