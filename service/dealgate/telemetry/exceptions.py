"""What spans say of exceptions: their type and where they were raised, never their text."""

import logging
import traceback

from dealgate.telemetry import names, otlp
from dealgate.telemetry.limits import STACK_LENGTH
from dealgate.telemetry.otlp import Pair, kept_pair

log = logging.getLogger("dealgate.telemetry")
WITHHELD = "withheld"  # in place of an exception's message, which may hold a fact's value


def error_type(error: BaseException) -> str:
    """Return the class of an error, with its module unless it is one of ours."""
    name = type(error).__qualname__
    return name if hasattr(error, "reason") else f"{type(error).__module__}.{name}"


def frames_of(error: BaseException) -> str:
    """Return where an error came from, and nothing of what it says."""
    return "".join(traceback.format_tb(error.__traceback__))[-STACK_LENGTH:]


def exception_pairs(error: BaseException) -> tuple[Pair, ...]:
    """Return an exception as attributes of its event."""
    return (
        kept_pair(names.EXCEPTION_TYPE, error_type(error)),
        kept_pair(names.EXCEPTION_MESSAGE, WITHHELD),
        otlp.long_pair(names.EXCEPTION_STACKTRACE, frames_of(error)),
    )


def tell_fault(error: Exception) -> None:
    """Log what went wrong with telemetry, without its message."""
    log.error("telemetry failed: %s\n%s", error_type(error), frames_of(error))
