"""pipelines.v1.yaml: stages that are defined once, and taken by every kind that reads them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.model.faults import Fault
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.kind_folder import KnownShelf
from dealgate.rulebook.loading import load_catalog, load_usable

PIPELINES = """because: One way.
pipelines:
  only:
    stages:
      - {name: "New", probability: 10, forecast_category: pipeline}
      - {name: "Offer", probability: 50, forecast_category: commit, gates: [evaluation]}
      - {name: "Won", probability: 100, forecast_category: closed, closed: won}
      - {name: "Lost", probability: 0, forecast_category: omitted, closed: lost}
"""
RULES = {
    "advance": """ruleset: advance
version: 1
owner: ann
because: First.
parameters: {pipelines_from: 1}
rules:
  - id: no-budget
    when: '"evaluation" in move.gates && !has(opportunity.amount)'
    then: {block: NO_BUDGET}
    because: A proposal needs a budget.
""",
    "forecast": """ruleset: forecast
version: 1
owner: ann
because: First.
parameters: {pipelines_from: 1, headline: commit}
rules:
  - id: nothing-to-learn-from
    when: history.size() == 0
    then: {warn: NO_HISTORY}
    because: Nobody can say.
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return rules of two kinds that take one file."""
    (tmp_path / "pipelines.v1.yaml").write_text(PIPELINES)
    for kind, text in RULES.items():
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "v1.yaml").write_text(text)
    return tmp_path


def load(folder: Path, known: dict[str, KnownShelf] | None = None) -> Catalog:
    """Read the folder."""
    return load_catalog(folder, KINDS, CelChecker(), known, RULES)


def faults(folder: Path) -> Sequence[Fault]:
    """Return what is wrong with it."""
    with pytest.raises(RulebookFaults) as caught:
        load(folder)
    return caught.value.faults


def test_a_stage_that_is_put_into_the_file_is_there_for_every_kind(folder: Path) -> None:
    """And nobody passes its neighbours' gates by it, which no rule had to be told (authors A1)."""
    seen: dict[str, KnownShelf] = {}
    before = load(folder, seen)
    new = '      - {name: "Trial", probability: 40, forecast_category: best_case}\n'
    text = PIPELINES.replace('      - {name: "Offer"', f'{new}      - {{name: "Offer"')
    (folder / "pipelines.v1.yaml").write_text(text)
    after = load(folder, seen)

    for kind in RULES:
        assert "Trial" not in before.version(kind, 1).parameters.ways.names
        way = after.version(kind, 1).parameters.ways.all["only"]
        assert way.passed(way.by_name["Trial"], way.by_name["Offer"]) == ["evaluation"]


def test_what_a_version_takes_is_part_of_its_digest(folder: Path) -> None:
    """As if it stood in its place; so a released version keeps its stages."""
    taken = load(folder).version("advance", 1).digest
    inline = PIPELINES[PIPELINES.index("pipelines:") :].replace("\n", "\n  ").rstrip()
    rules = RULES["advance"].replace("parameters: {pipelines_from: 1}", f"parameters:\n  {inline}")
    (folder / "advance" / "v1.yaml").write_text(rules)
    assert load(folder).version("advance", 1).digest == taken

    (folder / "advance" / "v1.yaml").write_text(RULES["advance"])
    (folder / "pipelines.v1.yaml").write_text(PIPELINES.replace("50", "51"))
    assert load(folder).version("advance", 1).digest != taken


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("forecast_category: commit", "forecast_category: comit", "comit"),
        ("because: One way.\n", "", "because"),
        (", closed: won", "", "one that is won"),
    ],
)
def test_a_fault_in_the_file_is_told_once_where_it_stands(
    folder: Path, old: str, new: str, says: str
) -> None:
    """However many kinds take it; each of these says that it cannot."""
    (folder / "pipelines.v1.yaml").write_text(PIPELINES.replace(old, new))

    told = faults(folder)
    (fault,) = [one for one in told if one.location.file.endswith("pipelines.v1.yaml")]
    assert says in str(fault)
    takers = [one.location.file.split("/")[-2] for one in told if one is not fault]
    assert sorted(takers) == ["advance", "forecast"]


def test_a_file_that_only_drafts_take_spoils_those_alone(folder: Path) -> None:
    """What is released decides, whatever is wrong with a file that it does not take."""
    line = "- {version: 1, from: 2026-01-01, by: ann, because: Agreed., sha256: "
    digest = load(folder).version("advance", 1).digest
    (folder / "advance" / "releases.yaml").write_text(f"{line}{digest}}}\n")
    draft = RULES["advance"].replace("version: 1", "version: 2").replace("from: 1", "from: 2")
    (folder / "advance" / "v2.yaml").write_text(draft)
    (folder / "pipelines.v2.yaml").write_text(PIPELINES.replace("pipeline}", "pipe}"))

    usable = load_usable(folder, KINDS, CelChecker(), None, RULES)
    assert usable.version("advance", 1).digest == digest
    (folder / "pipelines.v1.yaml").write_text("because: Nothing.\n")
    with pytest.raises(RulebookFaults):
        load_usable(folder, KINDS, CelChecker(), None, RULES)


def test_a_file_that_is_missing_or_contradicted_is_a_fault(folder: Path) -> None:
    """At the line that takes it."""
    (folder / "pipelines.v1.yaml").rename(folder / "pipelines.v2.yaml")
    told = faults(folder)
    assert {fault.location.line for fault in told} == {5}
    assert "pipelines.v2.yaml" in str(told[0])

    (folder / "pipelines.v2.yaml").rename(folder / "pipelines.v1.yaml")
    rules = RULES["advance"].replace("{pipelines_from: 1}", "{pipelines_from: 1, pipelines: {}}")
    (folder / "advance" / "v1.yaml").write_text(rules)
    assert ["is also in the pipelines file" in str(fault) for fault in faults(folder)] == [True]
