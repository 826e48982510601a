"""What travels between the language server and the process that checks for it."""

import pickle
import struct
from pathlib import Path
from typing import NamedTuple

from dealgate.lsp.checking import CheckVerdict

SIZE = struct.Struct("!Q")


class CheckRequest(NamedTuple):
    """A folder to check, with what is open in place of its files.

    `anew`: files changed too; `prove`: nobody is typing, so what is not proved yet may be proved.
    """

    number: int
    root: Path
    opened: dict[Path, str]
    anew: bool
    prove: bool


class Answer(NamedTuple):
    """What is said of a folder, and whether that is the `whole` of it; None: it was outrun.

    `failed` is the traceback of a check that went wrong.
    """

    number: int
    told: list[CheckVerdict] | None
    whole: bool = True
    failed: str = ""


def framed(message: CheckRequest | Answer) -> bytes:
    """Return a message as it travels."""
    data = pickle.dumps(message)
    return SIZE.pack(len(data)) + data
