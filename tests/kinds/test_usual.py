"""One look that finds facts usual spares checks that would have found nothing, whatever is asked.

Every kind answers strange facts alike whether it looks first or not; plain contracts have a test of
their own.
"""

from importlib import import_module
from random import Random
from typing import Any

import pytest

from dealgate.kinds import KINDS
from dealgate.model.soundness import is_sound
from tests.kinds.strange_facts import changed
from tests.shipped import cases_of

LOOKS = [
    ("advance", "advance.violations", "_is_usual"),
    ("attribute", "attribute.violations", "_is_usual"),
    ("attribute", "attribute.violations", "_is_plain"),
    ("close", "close.violations", "_is_usual_item"),
    ("close", "close.violations", "_are_usual_amounts"),
    ("convert", "convert.violations", "_is_usual"),
    ("forecast", "forecast.deal_violations", "_is_usual"),
    ("forecast", "forecast.violations", "_is_usual"),
    ("forecast", "forecast.violations", "_are_few"),
    ("inspect", "inspect.violations", "_is_usual_deal"),
    ("qualify", "qualify", "_is_usual"),
    ("route", "route.violations", "_is_usual"),
    ("route", "route.violations", "_is_usual_question"),
    ("verify", "verify.violations", "_is_usual_lead"),
    ("score", "score", "_is_usual"),
]


@pytest.mark.parametrize(("name", "module", "look"), LOOKS)
def test_to_look_first_changes_no_answer(
    name: str, module: str, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 50 strange questions some are usual, and each has the faults that it has anyhow."""
    kind, holder = KINDS[name], import_module(f"dealgate.kinds.{module}")
    file = cases_of(name, 2)
    parameters: Any = file.ruleset.parameters
    cases = [case for case in file.cases if case.error is None]
    random, looked = Random(look + module), list[bool]()
    really = getattr(holder, look)

    def counting(*asked: Any) -> bool:
        looked.append(really(*asked))
        return looked[-1]

    def never(*_: Any) -> bool:
        return False

    for _ in range(50):
        case = random.choice(cases)
        facts, as_of = changed(random, case.facts, case.as_of)
        if kind.check_sound is None or not is_sound(facts):
            continue
        monkeypatch.setattr(holder, look, counting)
        first = list(kind.check_sound(facts, parameters, as_of))
        monkeypatch.setattr(holder, look, never)
        assert first == list(kind.check_sound(facts, parameters, as_of))
    assert any(looked)
