"""The checker of expressions that commands and servers use: it remembers earlier results."""

import atexit
from functools import cache

from dealgate.desk.cache import code_version, store
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.remembering import RememberingChecker

FILE = "expressions"


@cache
def expression_checker() -> ExpressionChecker:
    """Return the checker of this process, which keeps what it finds (`cache.py`)."""
    kept = store(FILE)
    if kept is None:
        return _checker()
    atexit.register(remember)
    return RememberingChecker(_checker, kept, code_version("language", "model", "rulebook"))


def remember() -> None:
    """Write what this process found, if it is anything new."""
    kept = store(FILE)
    if kept is not None:
        kept.save()


def _checker() -> ExpressionChecker:
    # cel-cpp takes its time to load, and is not needed where everything is known.
    from dealgate.language.cel import CelChecker  # noqa: PLC0415

    return CelChecker()
