"""How much is tried."""

import pytest


@pytest.fixture
def times(request: pytest.FixtureRequest) -> int:
    """How many times as much as in a quick run."""
    return 100 if request.config.getoption("--chaos") else 1


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How often something is killed."""
    return max(int(request.config.getoption("--kills")), 3)
