"""The process that checks for an editor: an editor's questions never wait for a check.

Folders come on standard input and what is said of them goes to standard output, both pickled, by
us, for us. The newest is checked: what was outrun stops before its next rule.
"""

import os
import pickle
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import BinaryIO

from dealgate.lsp.checking import RememberingChecker
from dealgate.lsp.folder import Folder
from dealgate.lsp.folder_contents import Outrun
from dealgate.lsp.messages import SIZE, Answer, CheckRequest, framed


class Inbox:
    """What waits to be checked: of each folder the newest."""

    def __init__(self, source: BinaryIO) -> None:
        """Read from `source` until it ends, which ends the process."""
        self._source = source
        self._newest: dict[Path, CheckRequest] = {}
        self._latest: dict[Path, int] = {}
        self._came = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def next(self) -> CheckRequest:
        """Return what to check, once there is something."""
        with self._came:
            while not self._newest:
                self._came.wait()
            return self._newest.pop(next(iter(self._newest)))

    def is_outrun(self, asked: CheckRequest) -> bool:
        """Tell whether something newer is there for the same folder."""
        return self._latest[asked.root] != asked.number

    def _read(self) -> None:
        try:
            while len(head := self._source.read(SIZE.size)) == SIZE.size:
                # Pickled by us.
                self._take(pickle.loads(self._source.read(*SIZE.unpack(head))))  # noqa: S301
        except Exception:  # noqa: BLE001  # the editor's side begins another process
            traceback.print_exc()
        os._exit(0)  # the caller is gone, or can no longer be understood

    def _take(self, asked: CheckRequest) -> None:
        with self._came:
            before = self._newest.get(asked.root)
            anew = asked.anew or (before is not None and before.anew)
            self._newest[asked.root] = asked._replace(anew=anew)
            self._latest[asked.root] = asked.number
            self._came.notify()


def main() -> None:
    """Check what comes, until nothing can come any more."""
    # What a check prints must not end up among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    inbox = Inbox(sys.stdin.buffer)
    checker, folders = RememberingChecker(), dict[Path, Folder]()
    scratch = Path(tempfile.gettempdir())
    while True:
        asked = inbox.next()
        if asked.root not in folders:
            folders[asked.root] = Folder(asked.root, checker, scratch)
        answers.write(framed(_answer(folders[asked.root], asked, inbox)))
        answers.flush()


def _answer(folder: Folder, asked: CheckRequest, inbox: Inbox) -> Answer:
    if asked.anew:
        folder.forget()
    try:
        told, whole = folder.told(asked.opened, lambda: inbox.is_outrun(asked), prove=asked.prove)
    except Outrun:
        return Answer(asked.number, None)
    except Exception:  # noqa: BLE001  # told in the editor's log; the next check may go well
        folder.forget()
        return Answer(asked.number, None, failed=traceback.format_exc())
    return Answer(asked.number, [*told], whole)


if __name__ == "__main__":
    main()
