"""What the writer answers, as callers of a journal get it."""

from typing import TypeVar

from dealgate.journal.bookmarks import BookmarkMove, Claim
from dealgate.journal.draft import CommitVerdict
from dealgate.model.audit import Audited
from dealgate.model.decision import Decision
from dealgate.model.results import Result

Kept = TypeVar("Kept", Decision, Result, Audited, BookmarkMove, Claim)


def kept(verdict: CommitVerdict, expected: type[Kept]) -> Kept:
    """Return what was kept, or raise why it was not."""
    if isinstance(verdict, expected):
        return verdict
    raise _fault(verdict)


def outcome(verdict: CommitVerdict) -> Decision | Exception:
    """Return the decision that was kept, or why it was not."""
    return verdict if isinstance(verdict, Decision) else _fault(verdict)


def _fault(verdict: CommitVerdict) -> Exception:
    return verdict if isinstance(verdict, Exception) else TypeError("the writer mixed up entries")
