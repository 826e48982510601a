"""Which status an RPC is said to have ended with."""

import asyncio
from dataclasses import dataclass
from typing import Any

import grpc
import pytest

from dealgate.telemetry.rpcs import status

CODE = grpc.StatusCode


@dataclass
class Ended:
    """The context of an RPC that has ended."""

    set: grpc.StatusCode | None
    left: float | None

    def code(self) -> grpc.StatusCode | None:
        """Return the status that was set."""
        return self.set

    def time_remaining(self) -> float | None:
        """Return the seconds until the deadline."""
        return self.left


@pytest.mark.parametrize(
    ("context", "error", "code"),
    [
        (Ended(None, None), None, CODE.OK),
        (Ended(CODE.NOT_FOUND, None), None, CODE.NOT_FOUND),
        (Ended(None, None), asyncio.CancelledError(), CODE.CANCELLED),
        (Ended(None, 60.0), asyncio.CancelledError(), CODE.CANCELLED),
        (Ended(None, -0.1), asyncio.CancelledError(), CODE.DEADLINE_EXCEEDED),
        (Ended(None, 0.04), asyncio.CancelledError(), CODE.DEADLINE_EXCEEDED),
        (Ended(CODE.NOT_FOUND, 60.0), asyncio.CancelledError(), CODE.NOT_FOUND),
        (Ended(CODE.NOT_FOUND, 60.0), ValueError(), CODE.UNKNOWN),
    ],
)
def test_status_that_the_caller_got(
    context: Any, error: BaseException | None, code: grpc.StatusCode
) -> None:
    """An abort stands even if the caller hangs up on it; our timer runs behind the caller's."""
    assert status(context, error) is code
