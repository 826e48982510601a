"""What makes two questions the same, as a hash: it tells whether an idempotency key is reused."""

import hashlib
from functools import lru_cache

from dealgate.model.decision import Question


def body_hash(question: Question) -> bytes:
    """Hash what makes two questions the same: kind, facts, and the options that shape an answer."""
    return hash_with(question, question.facts.SerializeToString(deterministic=True))


def hash_with(question: Question, facts: bytes) -> bytes:
    """Hash a question whose `facts`, as the walk saw them, are these bytes."""
    chosen = _chosen(
        question.kind,
        question.as_of if question.as_of_given else None,
        question.version,
        question.explain,
        question.scope,
        question.as_sent,
    )
    if question.sent is not None:
        facts = question.sent.SerializeToString(deterministic=True)
    return hashlib.sha256(chosen + facts).digest()


@lru_cache(maxsize=1024)
def _chosen(
    kind: str,
    as_of: int | None,
    version: int | None,
    explain: bool,  # noqa: FBT001
    scope: str | None,
    as_sent: bool,  # noqa: FBT001
) -> bytes:
    """Write the options of a question: most callers choose none, or the same."""
    told = (
        *(kind, as_of, version, explain),
        *(() if scope is None else (scope,)),
        *(("as sent",) if as_sent else ()),
    )
    return repr(told).encode() + b"\0"
