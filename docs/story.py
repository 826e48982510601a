"""docs/story.md: a rule change from its predicted impact to its results, made by running it.

Usage: python -m docs.story [DATA]

Writes docs/story.md and its plots. DATA is a folder with the public data sets `leads_xeducation`
and `crm_maven`; what is not there is left out, and the page says so.
"""

import asyncio
import dataclasses
import hashlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from dealgate.assemble.impacts import Spec, impact_of
from dealgate.challenge import challenged
from dealgate.cli.impacts import lines_of
from dealgate.decide import Decider
from dealgate.desk.reading import read_rules
from dealgate.engine.native import NativeEngine
from dealgate.foresight.arms.comparing import Comparison, compared, terms_of
from dealgate.foresight.arms.sentences import lines
from dealgate.foresight.arms.units import Experiment, experiments
from dealgate.foresight.assessing import Clock
from dealgate.foresight.concluding import TREATED, overall
from dealgate.foresight.impact import Impact
from dealgate.foresight.page import drawing
from dealgate.foresight.reporting import AssessedVersions, document
from dealgate.journal.port import Journal
from dealgate.journal.urls import open_journal, reader
from dealgate.kinds import KINDS
from dealgate.model.challengers import Challenger
from dealgate.model.decision import Question
from dealgate.model.instants import DAY
from dealgate.model.results import Result
from dealgate.model.rules import AnyRuleSet
from dealgate.model.statistics import wilson
from dealgate.rulebook.cases import load_cases
from dealgate.rulebook.catalog import Catalog
from dealgate.wire.arrival import uuid7

ROOT = Path(__file__).parent.parent
RULES, PLOTS = ROOT / "rules", ROOT / "docs" / "story"
KIND, OLD, NEW = "qualify", 2, 3
SEED, MINUTE = 15, 60 * 10**9
FIRST, SECOND = 1_783_000_000 * 10**9, 1_791_000_000 * 10**9  # two quarters of 2026
LATER = SECOND + 400 * DAY
TRIED = Challenger(NEW, "", "qualify-2026-q4", Decimal("0.5"), 4000, Decimal("0.02"), 90)
INTRODUCTION = """\
# The story of a rule change

A version is drafted, its impact is predicted on recorded traffic, it is tried as a challenger, and
its results say whether the prediction held. Everything here was run: `python -m docs.story`
writes this page and its plots anew."""


@dataclass(frozen=True)
class World:
    """Leads like those of the shipped cases, and what nobody in the story knows: who converts."""

    questions: Sequence[Question]

    def lead(self, number: int, start: int) -> Question:
        """Return the question about one lead, at a minute of its own."""
        question = self.questions[int(_lot(f"question {number}") * len(self.questions))]
        facts: Any = type(question.facts).FromString(question.facts.SerializeToString())
        facts.lead.id = f"L{number}"
        at = start + number * MINUTE
        return dataclasses.replace(question, facts=facts, id=uuid7(at), asked_at=at)

    @staticmethod
    def chance(facts: Any, word: str) -> float:
        """Return how likely it converts: four times as likely if somebody works on it."""
        told = min(facts.lead.company.employees, 1000) / 1000 + 0.3 * bool(facts.activities)
        worked = 1.0 if word in TREATED[KIND] else 0.25
        return float(0.08 + 0.25 * told) * worked


class AsReleased:
    """The shipped catalog on the day of the story: version 2 decides."""

    def __init__(self, catalog: Catalog, tried: Challenger | None) -> None:
        self._catalog = catalog
        self._tried = tried

    def at(self, kind: str, as_of: int) -> AnyRuleSet:
        """Return version 2."""
        del as_of
        return self._catalog.version(kind, OLD)

    def version(self, kind: str, version: int) -> AnyRuleSet:
        """Return that version."""
        return self._catalog.version(kind, version)

    def scopes(self, kind: str, tenant: str, as_of: int) -> Sequence[AnyRuleSet]:
        """Return none: nothing is narrowed here."""
        del kind, tenant, as_of
        return ()

    def may_know(self, shelf: str, tenant: str) -> bool:
        """Whether it is not of a scope: there are none here."""
        del tenant
        return "/" not in shelf

    def recorded(self, kind: str, version: int, digest: str) -> AnyRuleSet:
        """Return that version."""
        return self._catalog.recorded(kind, version, digest)

    def is_released(self, ruleset: AnyRuleSet) -> bool:
        """Whether a line names it."""
        return self._catalog.is_released(ruleset)

    def challenger(self, kind: str, as_of: int) -> Challenger | None:
        """Return what is tried."""
        del kind, as_of
        return self._tried


def main(data: Path | None, leads: int = 3000) -> None:
    """Write the page."""
    PLOTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        text = "\n".join([INTRODUCTION, *shipped(Path(folder), leads), *_public(data)])
    (ROOT / "docs" / "story.md").write_text(f"{text}\n", encoding="utf-8")


def shipped(folder: Path, leads: int) -> Iterator[str]:
    """Tell the story of qualify@3 in a world whose truth is known."""
    catalog = read_rules(RULES, KIND)
    world = World(_questions(catalog))
    journal = str(folder / "journal.db")
    asyncio.run(_live(journal, catalog, world, leads))
    before = impact_of(
        Spec(str(RULES), KIND, OLD, NEW, Clock(LATER, 90 * DAY)), _records(journal, 0, SECOND)
    )
    yield from _predicted(catalog, before)
    (experiment,) = experiments(_records(journal, SECOND)).values()
    comparison = compared(experiment, terms_of(TRIED), Clock(LATER, 90 * DAY))
    yield from _tried(experiment, comparison)
    yield from _held(before, experiment, comparison, world, leads, catalog)


def _questions(catalog: Catalog) -> Sequence[Question]:
    """Return what the cases ask, where both versions answer."""
    (file,) = load_cases(RULES, KINDS, [catalog.version(KIND, NEW)])
    return [
        Question(id="", kind=KIND, facts=case.facts, as_of=case.as_of, asked_at=0)
        for case in file.cases
        if case.error is None
    ]


async def _live(path: str, catalog: Catalog, world: World, leads: int) -> None:
    """Decide two quarters, the second with a challenger, and tell what became of each lead."""
    journal = await open_journal(path)
    for start, tried, number in ((FIRST, None, 0), (SECOND, TRIED, leads)):
        known = AsReleased(catalog, tried)
        around = partial(challenged, challengers=known)
        decider = Decider(KINDS, known, NativeEngine(), journal, around)
        for lead in range(number, number + leads):
            await _decided(decider, journal, world, world.lead(lead, start))
    await journal.close()


async def _decided(decider: Decider, journal: Journal, world: World, question: Question) -> None:
    (decision,) = await decider.decide_all([question])
    if isinstance(decision, Exception):
        return
    facts: Any = question.facts
    converts = _lot(facts.lead.id) < world.chance(facts, decision.outcome)
    type_ = "CONVERTED" if converts else "NOT_CONVERTED"
    at = decision.as_of + 30 * DAY
    await journal.attach(
        Result("default", decision.id, 1, type_, at, at, None, "", "", "the world", "")
    )


def _lot(text: str) -> float:
    """Draw a number below 1, the same each time."""
    digest = hashlib.sha256(f"{SEED} {text}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


def _records(journal: str, since: int, until: int = 2**63 - 1) -> Iterator[Any]:
    for record in reader(journal).of_tenant("default")([KIND]):
        if isinstance(record, tuple) and since <= record[0].decided_at < until:
            yield record


def _predicted(catalog: Catalog, impact: Impact) -> Iterator[str]:
    old, new = catalog.version(KIND, OLD), catalog.version(KIND, NEW)
    asked = AssessedVersions(KINDS[KIND], old, new, "default", None, None, 90, TREATED[KIND])
    told = document(asked, impact)
    yield from _heading("The prediction", f"`dealgate impact {KIND}@{NEW} --against {OLD}`")
    yield from _block(_until_cases(lines_of(told)))
    yield from _plot("matrix", drawing.matrix(told["transitions"]), "from which outcome to which")
    yield from _plot("causes", drawing.causes(told["causes"]), "flips by their first cause")


def _until_cases(told: Iterator[str]) -> Iterator[str]:
    for number, line in enumerate(told):
        if number >= 40 or "to paste" in line:
            return
        yield line


def _tried(experiment: Experiment, comparison: Comparison) -> Iterator[str]:
    yield from _heading(
        "The trial",
        f"A line of `releases.yaml` tries {KIND}@{NEW} on half of the leads of the next quarter:",
    )
    yield from _block(
        (
            f"- version: {OLD}",
            "  challenger:",
            f"    version: {NEW}",
            f"    seed: {TRIED.seed}",
            f"    share: {TRIED.share}",
            f"    planned: {TRIED.planned}",
            f"    matters: {TRIED.matters}",
        ),
        "yaml",
    )
    yield f"\nWhen all windows have closed, `dealgate compare {KIND}`:"
    yield from _block(lines(f"{KIND}, {TRIED.seed}", experiment, comparison, terms_of(TRIED)))


def _held(
    before: Impact,
    experiment: Experiment,
    comparison: Comparison,
    world: World,
    leads: int,
    catalog: Catalog,
) -> Iterator[str]:
    """Compare what was predicted with what came, and with the truth of this world."""
    flips = sum(count for (old, new), count in experiment.pairs.items() if old != new)
    interval = wilson(before.flips.decisions, before.decisions, "0.95")
    bounds, arm = overall(before), comparison.arms[1]
    if bounds is None or comparison.effect is None:
        raise RuntimeError("the story needs more leads")
    truth = _truth(world, leads, catalog)
    effect = comparison.effect
    observed = arm.successes / arm.mature
    rows = (
        (
            "outcomes that flip",
            f"{float(interval.low):.1%} to {float(interval.high):.1%}",
            f"{flips / experiment.decisions:.1%}",
        ),
        (
            "conversions under the new version",
            f"{bounds.at_least:.1%} to {bounds.at_most:.1%}: all that can be said",
            f"{observed:.1%}",
        ),
        (
            "effect of the new version",
            "not known before the trial",
            f"{_points(effect.low)} to {_points(effect.high)} points; in truth {_points(truth)}",
        ),
    )
    yield from _heading("Whether it held", "")
    yield from _table(("", "predicted", "came"), rows)
    within = bounds.at_least <= observed <= bounds.at_most
    covered = effect.low <= truth <= effect.high
    yield (
        f"\nThe rate lies {'within' if within else 'outside'} its bounds, and the interval of the "
        f"effect {'covers' if covered else 'misses'} the truth, which only this world knows."
    )


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _truth(world: World, leads: int, catalog: Catalog) -> float:
    """Return the mean effect over the leads of the second quarter."""
    versions = [catalog.version(KIND, number) for number in (OLD, NEW)]
    words = [_words(version, world, leads) for version in versions]
    total = 0.0
    for number, (old, new) in enumerate(zip(*words, strict=True), leads):
        facts = world.lead(number, SECOND).facts
        total += world.chance(facts, new) - world.chance(facts, old)
    return total / leads


def _words(version: AnyRuleSet, world: World, leads: int) -> Sequence[str]:
    from dealgate.engine.native import compile_ruleset  # noqa: PLC0415
    from dealgate.judge import judged  # noqa: PLC0415

    program = compile_ruleset(version)
    asked = (world.lead(number, SECOND) for number in range(leads, 2 * leads))
    verdicts = (judged(KINDS[KIND], program, one.facts, one.as_of) for one in asked)
    return [verdict.answer.word for verdict in verdicts]


def _public(data: Path | None) -> Iterator[str]:
    """Tell of public data: what half of it predicts for the other half."""
    from docs.story_data import STORIES, told  # noqa: PLC0415 - needs the bench

    for name in STORIES:
        there = data is not None and (data / name).is_dir()
        if data is not None and there:
            yield from told(name, data)
        else:
            yield f"\n*{name} was not given when this page was made: it is left out.*"


def _heading(title: str, said: str) -> Iterator[str]:
    yield f"\n## {title}"
    if said:
        yield f"\n{said}"


def _block(told: Iterator[str] | Sequence[str], language: str = "") -> Iterator[str]:
    yield f"\n```{language}"
    yield from told
    yield "```"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"\n| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _plot(name: str, svg: str, said: str) -> Iterator[str]:
    (PLOTS / f"{name}.svg").write_text(f"{svg}\n", encoding="utf-8")
    yield f"\n![{said}](story/{name}.svg)"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
