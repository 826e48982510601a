"""What was proved of a version's rules as plain data, for the next process.

An author saves a draft again and again, and a process of its own checks it each time. What was
proved of rules that still say the same need not be proved again, nor what the kind derived from
facts be derived. Of proofs only those last that found nothing: a finding, and what could not be
proved, is shown on facts as they are now.
"""

from collections.abc import Sequence
from typing import TypeAlias, cast

from dealgate.proof.kept import Kept
from dealgate.proof.regions import Region
from dealgate.proof.remembered import KnownRegion, Memory, Proved
from dealgate.proof.rows import Row

MOST = 2_000  # proofs, and facts, of a version; reading more takes as long as proving them
WIDE = 4  # rows; a region of fewer is written down as soon as read
Plain: TypeAlias = tuple[object, ...]
Asked: TypeAlias = tuple[bytes, int]  # facts and an instant


def to_plain(memory: Memory, kept: Kept) -> Plain:
    """Return what lasts of a memory, and of what the kind said under a version's parameters."""
    proofs = [(key, _regions(proved)) for key, proved in memory.known.items() if proved.found == ()]
    here = {
        asked: derived.SerializeToString()
        for asked, derived in kept.derived.items()
        if type(derived) is kept.kind.facts
    }
    derived = tuple({**kept.earlier, **here}.items())
    return tuple(proofs[-MOST:]), derived[-MOST:], tuple(kept.taken.items())[-MOST:]


def take_plain(plain: Plain, memory: Memory, kept: Kept) -> None:
    """Fill a memory, and what the kind said, with what `to_plain` returned."""
    proofs, derived, taken = plain
    for key, regions in cast("Sequence[tuple[bytes, Sequence[Plain]]]", proofs):
        memory.known[key] = Proved((), dict(map(_region, regions)))
    kept.earlier.update(cast("Sequence[tuple[Asked, bytes]]", derived))
    kept.taken.update(cast("Sequence[tuple[Asked, bool]]", taken))


def _regions(proved: Proved) -> Plain:
    return tuple(
        (region.value, known.dimensions, known.rows if is_hard else tuple(known.rows))
        for region, known in proved.regions.items()
        if (is_hard := isinstance(known.rows, str)) or len(known.rows) >= WIDE
    )


def _region(plain: Plain) -> tuple[Region, KnownRegion]:
    region, dimensions, rows = plain
    known = KnownRegion(cast("Sequence[str]", dimensions), cast("Sequence[Row] | str", rows))
    return Region(region), known
