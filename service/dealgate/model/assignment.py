"""To which arm an entity belongs: the same one for as long as its share does not shrink."""

from decimal import Decimal
from hashlib import blake2b

PERSON = b"dealgate.assign"
WHOLE = 2**64


def place(tenant: str, kind: str, seed: str, unit: str) -> int:
    """Return where an entity stands in an experiment: from 0 to 2**64 - 1, evenly.

    Each experiment needs a seed of its own: with one seed two would meet the very same entities.
    """
    parts = (part.encode() for part in (tenant, kind, seed, unit))
    text = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return int.from_bytes(blake2b(text, digest_size=8, person=PERSON).digest(), "big")


def is_challenged(tenant: str, kind: str, seed: str, unit: str, share: Decimal | float) -> bool:
    """Tell whether the entity belongs to the challenger, whose share may grow."""
    return place(tenant, kind, seed, unit) < round(share * WHOLE)
