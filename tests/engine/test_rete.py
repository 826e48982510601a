"""The rete engine finds what the native engine finds."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealgate.engine.cel import CelChecker
from dealgate.model.rules import ExpressionFaults
from tests.engine.rete_rules import Drawn, facts, rule_sets
from tests.engine.rete_running import Both, built, engines, needs_durable_rules

pytestmark = needs_durable_rules
QUICK = 100


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    """The engines; their child process serves the whole file."""
    with engines() as found:
        yield found


def test_rete_is_native(request: pytest.FixtureRequest, checker: CelChecker, both: Both) -> None:
    """On random rule sets and facts, present or not, both engines find equal evidence."""
    wanted = request.config.getoption("--fuzz-comparisons", default=0)

    @settings(
        max_examples=max(QUICK, wanted // 4),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(rule_sets(), st.lists(facts(), min_size=1, max_size=4))
    def agree(drawn: Drawn, questions: list[Any]) -> None:
        try:
            ruleset = built(checker, drawn)
        except ExpressionFaults:
            return
        for question in questions:
            rete, native = both.fire(ruleset, question)
            assert rete == native

    agree()
