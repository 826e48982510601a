"""Where scratch files go if the system has no temporary folder: next to the journal."""

import logging
import tempfile
from pathlib import Path

FOLDER = "scratch"
log = logging.getLogger("dealgate")


def find_scratch(journal: Path | None) -> None:
    """Ensure that our processes have a folder to write to.

    In a container whose root is read-only there is none, unless TMPDIR names one; the journal's
    folder can be written to. `journal` is its file, if it has one.
    """
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        if journal is None:
            log.warning(
                "no temporary folder can be written to: set TMPDIR; until then CheckRuleSet, "
                "ReleaseRuleSet and insights fail"
            )
            return
        folder = journal.parent.absolute() / FOLDER
        folder.mkdir(mode=0o700, exist_ok=True)
        tempfile.tempdir = str(folder)
        log.info("scratch files are in %s: no other folder can be written to", folder)
