"""Who signs releases at a server: plain data, for the processes in which releases are made."""

from dataclasses import dataclass
from pathlib import Path

from dealgate.journal.chain import Sign
from dealgate.journal.signing import signer


@dataclass(frozen=True, slots=True)
class Signers:
    """The key that a server signs with for those who call it, and who must sign releases.

    None: it does not sign; `approvals` is the folder's own file.
    """

    key: Path | None = None
    approvals: Path | None = None

    @property
    def sign(self) -> Sign | None:
        """Sign with the key; raises JournalUnusable."""
        return None if self.key is None else signer(self.key)


NO_SIGNERS = Signers()
