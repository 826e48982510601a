"""How long decisions are kept, by tenant and kind: what is older goes into archives.

verify=90d          decisions of this kind, of whatever tenant
acme/verify=30d     of this tenant
acme/*=400d         of this tenant, of any other kind
*=730d              all others; without this term they are kept for ever
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from dealgate.journal.chain import Sign
from dealgate.journal.errors import JournalUnusable

DAY = 24 * 60 * 60 * 10**9
ANY = "*"
MOST_DAYS = 36_500
# Bookmarks by which servers know what they have noted; they follow no feed, and keep nothing back.
OWN_BOOKMARKS = "audit/"


class Cutoff(NamedTuple):
    """Decisions of a tenant and a kind are old if decided before an instant (ns); None: any."""

    before: int
    tenant: str | None = None
    kind: str | None = None

    @property
    def is_general(self) -> tuple[bool, bool]:
        """Sorts what names a tenant before what names a kind alone, and both before the rest."""
        return self.tenant is None, self.kind is None

    def covers(self, tenant: str, kind: str) -> bool:
        """Tell whether it applies to a tenant's decisions of a kind."""
        return self.tenant in {None, tenant} and self.kind in {None, kind}


def first_covering(cutoffs: Sequence[Cutoff], tenant: str, kind: str) -> int | None:
    """Return the instant that holds (ns), by the first that applies; None: nothing is old.

    `ages.Old` says the same as SQL; a test holds the two together.
    """
    return next((cutoff.before for cutoff in cutoffs if cutoff.covers(tenant, kind)), None)


class Upkeep(Protocol):
    """Moves what is old from a journal into files; every method raises JournalUnusable."""

    @property
    def stem(self) -> str:
        """What its archives are named after."""

    def count_removable(self, cutoffs: Sequence[Cutoff]) -> Sequence[tuple[str, str, int]]:
        """Return how many decisions of each tenant and kind are old, and needed no more."""

    def archive(
        self,
        to: Path,
        cutoffs: Sequence[Cutoff],
        sign: Sign | None = None,
        *,
        removable: bool = False,
    ) -> int:
        """Copy what is old into a journal of its own; return how many decisions."""

    def prune(
        self,
        archived: Path,
        cutoffs: Sequence[Cutoff],
        sign: Sign | None = None,
        *,
        unread: bool = False,
    ) -> int:
        """Take away what is old and in the archive; return how many."""


def selected(before: int, tenant: str | None, kinds: Sequence[str]) -> Sequence[Cutoff]:
    """Return one instant for some kinds, or all, of a tenant, or all."""
    return [Cutoff(before, tenant, kind) for kind in kinds] or [Cutoff(before, tenant)]


def retained(terms: Sequence[str], now: int) -> Sequence[Cutoff]:
    """Return what is old now; the first that applies decides. Raises JournalUnusable."""
    cutoffs = [_cutoff(term, now) for term in terms]
    if not cutoffs:
        raise JournalUnusable("say how long decisions are kept: --keep verify=90d")
    if len({cutoff[1:] for cutoff in cutoffs}) < len(cutoffs):
        raise JournalUnusable(f"{' '.join(terms)}: sets the same retention period twice")
    return sorted(cutoffs, key=lambda cutoff: cutoff.is_general)


def _cutoff(term: str, now: int) -> Cutoff:
    which, _, age = term.rpartition("=")
    tenant, _, kind = which.rpartition("/")
    days = age.removesuffix("d")
    is_number = age.endswith("d") and days.isascii() and days.isdigit()
    if not kind or not is_number or not 1 <= int(days) <= MOST_DAYS:
        raise JournalUnusable(
            f"{term}: is not a retention; write verify=90d, acme/verify=30d, acme/*=400d or "
            f"*=730d, with 1 to {MOST_DAYS} days"
        )
    return Cutoff(now - int(days) * DAY, _named(tenant), _named(kind))


def _named(name: str) -> str | None:
    return None if name in {"", ANY} else name
