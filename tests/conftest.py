"""What every test may ask for."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make fuzz` run for long, and a difference be found again."""
    parser.addoption("--fuzz-comparisons", type=int, default=0, help="how many; 0: a quick run")
    parser.addoption("--fuzz-seed", type=int, default=20261123, help="seed of the random rules")
    parser.addoption(
        "--strange-questions", type=int, default=0, help="of each kind; 0: a quick run"
    )
    parser.addoption("--proof-tables", type=int, default=0, help="how many; 0: a quick run")
