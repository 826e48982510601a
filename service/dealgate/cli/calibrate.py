"""`dealgate calibrate`: what earlier leads teach about the odds, as points for the rules."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from dealgate.cli.echo import echo
from dealgate.cli.extras import need_plots
from dealgate.cli.foreseen import show_impact
from dealgate.cli.new_version import save
from dealgate.cli.options import RULES, Rules, TellFaults
from dealgate.cli.selection import named_version, read, version_or_leave
from dealgate.cli.shown import faults_shown, give_up, told_as
from dealgate.desk.drafting.versions import Texts, files_of, next_version
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.locations import shown
from dealgate.learn.firing import FiredSample, Unfit, seen
from dealgate.learn.points import Learnt, learn
from dealgate.learn.recorded import doubts, journal_samples
from dealgate.learn.report import area_of, both_splits, report
from dealgate.learn.samples import Sample, divided, divided_by_time, read_samples
from dealgate.learn.writing import with_points
from dealgate.model.errors import DealgateError
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.document import Fields
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

KIND = "score"
EXTRA = "scikit-learn is not installed: pip install 'dealgate[learn]'"

Chosen = Annotated[
    str, typer.Argument(help="The version to calibrate: `score@3`.", metavar="KIND@VERSION")
]
Samples = Annotated[
    Path | None,
    typer.Option("--samples", help="Facts with their outcomes, one JSON object per line."),
]
ResultsJournal = Annotated[
    str | None,
    typer.Option(
        "--journal", help="A journal with results of score decisions, instead of --samples."
    ),
]
TenantOfJournal = Annotated[str, typer.Option(help="With --journal: the tenant of the decisions.")]
JudgedBy = Annotated[
    Path | None,
    typer.Option("--judge", help="Samples for evaluation; default: a third of --samples."),
]
DoubleOdds = Annotated[
    int,
    typer.Option(
        "--double-odds", help="The number of points that double the odds.", min=1, max=1000
    ),
]
CalibrationId = Annotated[
    str, typer.Option("--id", help="The name of the calibration, shown in every answer.")
]
Write = Annotated[
    bool, typer.Option("--write", help="Write the points into the draft, or a new one.")
]
Split = Annotated[
    Literal["time", "facts"],
    typer.Option(help="Evaluate on the latest third of leads, or on a third drawn by their facts."),
]
Page = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write a page with plots, as HTML.")
]


def calibrate(  # noqa: PLR0913  # typer's way: an argument for each option
    chosen: Chosen,
    *,
    samples: Samples = None,
    journal: ResultsJournal = None,
    tenant: TenantOfJournal = "default",
    judge: JudgedBy = None,
    double_odds: DoubleOdds = 20,
    name: CalibrationId = "calibrated",
    write: Write = False,
    split: Split = "time",
    page: Page = None,
    rules: Rules = RULES,
    format_: TellFaults = "text",
) -> None:
    """Learn from earlier leads how much each rule moves the odds, and report the quality.

    Learns points for the rules that fired (logistic regression), judges them by samples they were
    not learnt from, and compares them with the hand-written score. Facts must be those known at the
    time: values filled in afterwards leak the outcome. Changes no file without --write.
    """
    with told_as(format_):
        version = _version(chosen)
        catalog = read(rules, KIND)
        ruleset = version_or_leave(catalog, KIND, version)
        if ruleset.tables and write:
            give_up(f"{ruleset.name} has tables, whose rows cannot be written; drop --write")
        scored = catalog.kinds[KIND]
        read_in = _samples(samples, journal, tenant, scored)
        for doubt in doubts(read_in):
            echo(doubt)
        if page is not None:
            need_plots()
        learnt = _learnt(scored, ruleset, read_in, _Judging(judge, split, double_odds, page))
        if write:
            draft = not catalog.is_released(ruleset)
            save(_texts(rules / KIND, version, learnt, name, draft=draft))
            if journal is not None:
                show_impact(rules, ruleset, version if draft else version + 1, journal, tenant)


def _version(chosen: str) -> int:
    """Return the version of scores that `score@3`, or `3`, names."""
    kind, version = named_version(chosen if "@" in chosen else f"{KIND}@{chosen}", None)
    if kind != KIND:
        give_up(f"only scores are calibrated: name a version of {KIND}, such as {KIND}@3")
    return version


def _samples(samples: Path | None, journal: str | None, tenant: str, kind: AnyKind) -> list[Sample]:
    if (samples is None) == (journal is None):
        give_up("name a file of --samples, or a --journal")
    if samples is not None:
        return _read(samples, kind)
    try:
        recorded = journal_samples(journal or "", tenant, kind)
    except (JournalUnusable, DealgateError) as error:
        give_up(str(error))
    if not recorded:
        where = shown(journal or "")
        give_up(f"{where}: no score decision of tenant {tenant} has a result: see RecordResult")
    return recorded


def _read(path: Path, kind: AnyKind) -> list[Sample]:
    with faults_shown():
        samples = read_samples(path, kind)
    if not samples:
        give_up(f"{path}: there are no samples in this file")
    return samples


@dataclass(frozen=True, slots=True)
class _Judging:
    """How what is learnt is judged, and where that is drawn."""

    samples: Path | None
    split: str
    double_odds: int
    page: Path | None


def _learnt(kind: AnyKind, ruleset: AnyRuleSet, read_in: list[Sample], judging: _Judging) -> Learnt:
    if judging.samples is not None:
        mine, others = read_in, _read(judging.samples, kind)
        by_time = None
    else:
        by_time = divided_by_time(read_in, kind) if judging.split == "time" else None
        mine, others = by_time or divided(read_in)
    learnt, learnt_from, judged_by = _tried(kind, ruleset, (mine, others), judging.double_odds)
    text = report(ruleset, learnt, learnt_from, judged_by)
    if by_time is not None:
        other, _, drawn = _tried(kind, ruleset, divided(read_in), judging.double_odds)
        text += f"\n\n{both_splits(area_of(learnt, judged_by), area_of(other, drawn))}"
    echo(text)
    if judging.page is not None:
        _draw(judging.page, ruleset, text, learnt, judged_by)
    return learnt


def _tried(
    kind: AnyKind,
    ruleset: AnyRuleSet,
    parts: tuple[list[Sample], list[Sample]],
    double_odds: int,
) -> tuple[Learnt, list[FiredSample], list[FiredSample]]:
    """Return what is learnt, what it was learnt from, and what it is judged by."""
    mine, others = parts
    try:
        learnt_from, judged_by = seen(kind, ruleset, mine), seen(kind, ruleset, others)
        if len({sample.converted for sample in judged_by}) < 2:
            give_up("all evaluation samples have the same outcome: add more")
        learnt = learn([rule.id for rule in ruleset.rules], learnt_from, double_odds)
    except ModuleNotFoundError:
        give_up(EXTRA)
    except (Unfit, ValueError) as error:
        give_up(str(error))
    return learnt, learnt_from, judged_by


def _draw(
    path: Path, ruleset: AnyRuleSet, text: str, learnt: Learnt, judged_by: list[FiredSample]
) -> None:
    # Imported here alone: an extra.
    from dealgate.learn.page import page  # noqa: PLC0415

    told = [learnt.probability(sample.fired) for sample in judged_by]
    outcomes = [sample.converted for sample in judged_by]
    try:
        path.write_text(page(f"Calibration of {ruleset.name}", text, told, outcomes), "utf-8")
    except OSError as error:
        give_up(f"{path} cannot be written: {error.strerror}")
    echo(f"{path}: written")


def _texts(home: Path, version: int, learnt: Learnt, name: str, *, draft: bool) -> Texts:
    """Return the files of the draft, with the points in its rules."""
    why = f"Draft: the odds of score@{version}, calibrated as {name}."
    files = files_of(home, version) if draft else next_version(home, version, why)
    number = version if draft else version + 1
    path = home / f"v{number}.yaml"
    document = read_yaml(Source(path.name, files[path]), [])
    if not isinstance(document, Fields):
        give_up(f"{path} is not a rule file")
    return {**files, path: with_points(document, learnt, name)}
