"""Whether a journal is to be encrypted, and what in it; and how to see that it is."""

from pathlib import Path
from typing import NamedTuple

from dealgate.model.subjects import MessagesOf

# A message of protobuf cannot begin with 0x00.
MAGIC = b"\x00dg\x01"


class Sealing(NamedTuple):
    """What says which facts are personal, and the file of the master key.

    None: the one that the key store remembers, if there is a key store.
    """

    messages: MessagesOf
    master: Path | None = None


def is_sealed(facts: bytes) -> bool:
    """Tell whether the facts of a record are an envelope."""
    return facts.startswith(MAGIC)
