"""Three small signals, and what follows them."""

from pathlib import Path

import pytest

from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.signals.signal_folder import SignalFolder, read_signals

HEAD = "signal: {}\nowner: tests\nbecause: tests\n"
FILES = {
    "visits": "on: activity\nwhen: activity.type == ACTIVITY_TYPE_PRICING_PAGE\n"
    "count: {at_least: 3, within: 8s}\ncool_down: 5s\n"
    "ask: {kind: score, facts: {lead: {id: entity.id}}}\n",
    "silence": "on: activity\nwhen: activity.type == ACTIVITY_TYPE_PRICING_PAGE\n"
    "absence: {for: 6s, of: activity.type == ACTIVITY_TYPE_REPLY}\n",
    "better": "on: score\ncrossing: {of: outcome.fit, above: 50}\n",
}


@pytest.fixture(scope="session")
def followed(tmp_path_factory: pytest.TempPathFactory, checker: CelChecker) -> SignalFolder:
    """The signals as they are read from files."""
    rules: Path = tmp_path_factory.mktemp("signals") / "rules"
    (rules / "signals").mkdir(parents=True)
    for name, text in FILES.items():
        (rules / f"signals/{name}.yaml").write_text(HEAD.format(name) + text)
    return read_signals(rules, KINDS, checker)


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> int:
    """How often what follows signals is killed."""
    return max(int(request.config.getoption("--kills")) // 5, 2)
