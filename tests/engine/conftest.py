"""What the engine's tests share."""

import pytest

from dealgate.engine.cel import CelChecker


@pytest.fixture(scope="session")
def checker() -> CelChecker:
    """The checker, which keeps nothing between expressions."""
    return CelChecker()
