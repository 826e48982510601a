"""Claims about `dealgate calibrate`: it finds the odds that are there, and says how sure it is."""

import dataclasses
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dealgate.cli import app
from dealgate.desk import reading
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.learn.firing import FiredSample, Unfit, seen
from dealgate.learn.points import learn
from dealgate.learn.samples import divided, divided_by_time, read_samples
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.loading import load_catalog
from tests.learn.learning import population, rules_in, written

SCORE = KINDS["score"]
ONLY = {"score": SCORE}


def test_points_come_to_the_odds_that_are_there(tmp_path: Path) -> None:
    """Large companies have four times the odds, those abroad half: +40 and -20 points."""
    found = learn(["large", "abroad", "never"], fired_for(population(6000), tmp_path), 20)
    assert found.points["large"] == pytest.approx(40, abs=6)
    assert found.points["abroad"] == pytest.approx(-20, abs=6)
    assert found.base_points == pytest.approx(-40, abs=6)
    assert found.skipped == ["never"]


def fired_for(drawn: list[dict[str, Any]], folder: Path) -> list[FiredSample]:
    """Return what fires for each; leads that differ in their id alone are judged once."""
    sorts = [json.dumps([lead["country"], lead["company"]]) for lead in map(lead_of, drawn)]
    first = dict(zip(sorts, drawn, strict=True))
    ruleset = load_catalog(rules_in(folder), ONLY, CelChecker()).version("score", 1)
    path = written(folder / "s.jsonl", list(first.values()))
    judged = dict(zip(first, seen(SCORE, ruleset, read_samples(path, SCORE)), strict=True))
    return [
        dataclasses.replace(judged[sort], converted=bool(sample["converted"]))
        for sort, sample in zip(sorts, drawn, strict=True)
    ]


def lead_of(sample: dict[str, Any]) -> dict[str, Any]:
    """Return the lead of a sample's facts."""
    lead: dict[str, Any] = sample["facts"]["lead"]
    return lead


def test_what_is_learnt_is_written_and_decides_like_any_other_rule(tmp_path: Path) -> None:
    """The draft loads, its points are those of the report, and a second run changes only them."""
    rules = rules_in(tmp_path)
    before = (rules / "score" / "v1.yaml").read_text()
    samples = str(written(tmp_path / "s.jsonl", population(1500)))
    done = calibrated(rules, "--samples", samples, "--write", "--id", "spring")
    after = (rules / "score" / "v1.yaml").read_text()
    catalog = load_catalog(rules, ONLY, CelChecker())
    learnt = {rule.id: rule.then.odds_points for rule in catalog.version("score", 1).rules}
    told = {
        name: int(points)
        for points, name in re.findall(r"^ *([+-]\d+)  (\S+) \(", done, re.MULTILINE)
    }
    assert {name: learnt[name] for name in told} == told
    assert learnt["never"] is None
    calibration = catalog.version("score", 1).parameters.calibration
    assert (calibration.id, calibration.double_odds) == ("spring", 20)
    assert re.sub(r"(odds_points: -?\d+(, |\n +))|(calibration: \{.*\}\n  )", "", after) == before
    calibrated(rules, "--samples", samples, "--write", "--double-odds", "40")
    again = load_catalog(rules, ONLY, CelChecker()).version("score", 1)
    assert again.parameters.calibration.double_odds == 40
    assert again.rules[0].then.odds_points == pytest.approx(2 * (learnt["large"] or 0), abs=1)


def calibrated(rules: Path, *arguments: str) -> str:
    """Run the command, and return what it says."""
    done = CliRunner().invoke(app, ["calibrate", "1", "--rules", str(rules), *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_samples_are_divided_the_same_way_every_time(tmp_path: Path) -> None:
    """A third judges; which third follows from the facts alone, and none is on both sides."""
    samples = read_samples(written(tmp_path / "s.jsonl", population(600)), SCORE)
    mine, others = divided(samples)
    backwards = divided(samples[::-1])
    assert len(mine) + len(others) == 600
    assert 150 < len(others) < 250
    assert {one.facts.lead.id for one in others} == {one.facts.lead.id for one in backwards[1]}  # type: ignore[attr-defined]  # score facts


def test_the_latest_leads_judge_and_each_is_on_one_side(tmp_path: Path) -> None:
    """Whoever was seen before is learnt from, as far as that was known when the others came."""
    drawn = population(300)
    for number, sample in enumerate(drawn):
        sample["as_of"] = f"2026-{1 + number // 28 % 12:02}-{1 + number % 28:02}T00:00:00Z"
    again = [{**sample, "as_of": "2026-12-31T00:00:00Z"} for sample in drawn[:50]]
    samples = read_samples(written(tmp_path / "s.jsonl", [*drawn, *again]), SCORE)
    halves = divided_by_time(samples, SCORE)
    assert halves is not None
    mine, others = halves
    ids = [{one.facts.lead.id for one in half} for half in halves]  # type: ignore[attr-defined]
    assert not ids[0] & ids[1]
    assert max(one.as_of for one in mine) < min(one.as_of for one in others)
    assert (len(mine), len(others)) == (200, 100)
    alike = [dataclasses.replace(one, as_of=samples[0].as_of) for one in samples]
    assert divided_by_time(alike, SCORE) is None


def test_both_splits_are_told_and_drawn(tmp_path: Path) -> None:
    """The text names both AUCs; the page has the reliability curve and the gain."""
    drawn = population(900)
    for number, sample in enumerate(drawn):
        sample["as_of"] = f"2026-{1 + number // 75:02}-01T00:00:00Z"
    samples, page = str(written(tmp_path / "s.jsonl", drawn)), tmp_path / "page.html"
    told = calibrated(rules_in(tmp_path), "--samples", samples, "--page", str(page))
    assert re.search(r"AUC by the latest third of leads 0\.\d+; by a third drawn by facts", told)
    assert page.read_text().count("<svg") == 2
    assert "Calibration of score@1" in page.read_text()


def test_bad_samples_are_named_by_line(tmp_path: Path) -> None:
    """Every fault at once, with its line, and what to write instead."""
    good = json.dumps(population(1)[0])
    path = tmp_path / "bad.jsonl"
    path.write_text(
        f"{good}\n"
        "{not json}\n"
        '{"as_of": "noon", "facts": {}, "converted": true}\n'
        '{"as_of": "2026-01-01T00:00:00Z", "facts": {"lead": {"ids": 1}}, "converted": true}\n'
        '{"as_of": "2026-01-01T00:00:00Z", "facts": {}, "converted": "yes"}\n'
        '{"facts": {}}\n'
        '{"as_of": "2026-01-01T00:00:00Z", "facts": [], "converted": true}\n'
    )
    with pytest.raises(RulebookFaults) as refused:
        read_samples(path, SCORE)
    locations = [(fault.location.line, fault.message) for fault in refused.value.faults]
    assert [line for line, _ in locations] == [2, 3, 4, 5, 6, 7]
    assert "ids" in locations[2][1]
    with pytest.raises(RulebookFaults, match="cannot be read"):
        read_samples(tmp_path / "absent.jsonl", SCORE)


def test_samples_that_cannot_be_judged_are_named(tmp_path: Path) -> None:
    """Facts that the service would refuse teach nothing."""
    sample = {"as_of": "2026-01-01T00:00:00Z", "facts": {}, "converted": True}
    samples = read_samples(written(tmp_path / "s.jsonl", [sample]), SCORE)
    ruleset = load_catalog(rules_in(tmp_path), ONLY, CelChecker()).version("score", 1)
    with pytest.raises(Unfit, match=r"sample 1: lead.id"):
        seen(SCORE, ruleset, samples)


def test_nothing_is_learnt_from_what_never_differs(tmp_path: Path) -> None:
    """All alike, or no rule that was seen often enough: it says so."""
    ruleset = load_catalog(rules_in(tmp_path), ONLY, CelChecker()).version("score", 1)
    drawn = read_samples(written(tmp_path / "s.jsonl", population(300)), SCORE)
    found = seen(SCORE, ruleset, drawn)
    with pytest.raises(ValueError, match="the same result"):
        learn(["large"], [one for one in found if one.converted], 20)
    with pytest.raises(ValueError, match="no rule fired"):
        learn(["never"], found, 20)


def test_a_released_version_gets_a_draft_beside_it() -> None:
    """What is released never changes: the command refuses what it cannot write, in one line."""
    rules = Path(reading.__file__).parents[3] / "rules"
    line = ["calibrate", "1", "--rules", str(rules), "--samples", "absent.jsonl"]
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 1
    assert "absent.jsonl:1:1: cannot be read" in done.stderr
    assert isinstance(done.exception, SystemExit)


def test_the_report_is_what_people_read(tmp_path: Path) -> None:
    """Golden: title, warnings, points, measures and bands. REGENERATE=1 writes it anew."""
    samples = str(written(tmp_path / "s.jsonl", population(900)))
    told = calibrated(rules_in(tmp_path), "--samples", samples)
    golden = Path(__file__).parent / "golden" / "report.txt"
    if os.environ.get("REGENERATE"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(told)
    assert told == golden.read_text()
