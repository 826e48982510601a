"""Whether a journal is to be encrypted, and what in it."""

from pathlib import Path
from typing import NamedTuple

from dealgate.model.subjects import MessagesOf


class Sealing(NamedTuple):
    """What says which facts are personal, and the file of the master key.

    None: the one that the key store remembers, if there is a key store.
    """

    messages: MessagesOf
    master: Path | None = None
