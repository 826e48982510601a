"""A line of releases.yaml that names a challenger."""

from decimal import Decimal
from pathlib import Path

import pytest

from dealgate.language.cel import CelChecker
from dealgate.model.kind import AnyKind
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.instants import nanoseconds
from dealgate.rulebook.loading import load_catalog
from tests.rulebook.test_catalog import RULES, Load

SOON = nanoseconds("2026-02-01", date_too=True) or 0


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A rules folder with two versions."""
    home = tmp_path / "rules" / "approve"
    home.mkdir(parents=True)
    for version in (1, 2):
        (home / f"v{version}.yaml").write_text(RULES.format(version=version))
    return tmp_path / "rules"


@pytest.fixture
def load(rules: Path, approve: AnyKind, checker: CelChecker) -> Load:
    """Load that folder."""
    return lambda: load_catalog(rules, {"approve": approve}, checker)


def write(rules: Path, load: Load, *tried: str) -> None:
    """Release version 1 once for each challenger, month after month."""
    catalog = load()
    digests = {n: catalog.version("approve", n).digest for n in (1, 2)}
    lines = [
        f"- {{version: 1, from: 2026-0{month}-01, by: ann, because: Agreed., sha256: {digests[1]}, "
        f"challenger: {{sha256: {digests[2]}, {text}}}}}\n"
        for month, text in enumerate(tried, 1)
    ]
    (rules / "approve" / "releases.yaml").write_text("".join(lines))


def test_a_challenger_is_tried_while_its_line_is_in_effect(rules: Path, load: Load) -> None:
    """With the terms written there; it is sealed like what is released, and decides nothing."""
    write(rules, load, "version: 2, seed: q1, share: 0.1, money_cap: EUR 500")
    catalog = load()
    tried = catalog.challenger("approve", SOON - 1)
    assert tried is not None
    assert (tried.version, tried.share, tried.seed) == (2, Decimal("0.1"), "q1")
    assert (tried.cap, tried.currency, tried.planned, tried.window_days) == (
        50_000,
        "EUR",
        5000,
        90,
    )
    assert catalog.at("approve", SOON - 1).version == 1
    assert catalog.is_released(catalog.version("approve", 2))
    assert catalog.challenger("approve", 0) is None


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (("version: 1, seed: a",), "approve@1 was released and has changed since"),
        (("version: 2, seed: a, share: 1",), "share"),
        (("version: 2, seed: a, share: 0",), "share"),
        (("version: 2, seed: ''",), "seed"),
        (("version: 2, seed: a, money_cap: EUR 0",), "money_cap: 'EUR 0' is not an amount above 0"),
        (("version: 2, seed: a, money_cap: 5 euros",), "money_cap: '5 euros' is not an amount"),
        (
            ("version: 2, seed: a, planned: 100", "version: 2, seed: a, planned: 200"),
            "seed: 'a' names an earlier experiment on other terms",
        ),
        (("version: 9, seed: a",), "there is no v9.yaml here to release"),
    ],
)
def test_what_cannot_be_tried_is_refused(
    rules: Path, load: Load, lines: tuple[str, ...], fault: str
) -> None:
    """With its location and what to write instead."""
    write(rules, load, *lines)
    with pytest.raises(RulebookFaults) as refused:
        load()
    told = [str(fault) for fault in refused.value.faults]
    assert any(fault in one for one in told), told


def test_only_the_share_of_an_experiment_may_change(rules: Path, load: Load) -> None:
    """A later line goes on with it; the same entities stay where they were."""
    write(rules, load, "version: 2, seed: a, share: 0.1", "version: 2, seed: a, share: 0.5")
    shares = [load().challenger("approve", at) for at in (SOON - 1, SOON)]
    assert [one and one.share for one in shares] == [Decimal("0.1"), Decimal("0.5")]
