"""A decision explained: what decided, what nearly did, what was missing, what would flip it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from google.protobuf.message import Message

from dealgate.explain.flip_results import Bounds, Flips
from dealgate.explain.flips import Search
from dealgate.explain.judged import JudgedRule, Unfolder
from dealgate.explain.verdicts import WhatIfJudge, WhatIfVerdict
from dealgate.model.decision import (
    AnyEvidence,
    AnyFailed,
    AnyFired,
    AnyUndecided,
    Fired,
)


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that was wanted and not there.

    `flips_to` are the outcomes it alone could lead to, `rules` those that wait for it.
    """

    path: str
    flips_to: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """Everything about one decision that a person may ask.

    `decided` are the rules without which the outcome would say something else, whether they fired
    or stayed undecided; `fired`, `undecided` and `failed` are the rest of those. `nearly` fell
    short by one condition. `judged` has every rule, in the order of the file, by id.
    """

    verdict: WhatIfVerdict
    decided: Sequence[AnyFired | AnyUndecided | AnyFailed]
    fired: Sequence[AnyFired]
    undecided: Sequence[AnyUndecided]
    failed: Sequence[AnyFailed]
    nearly: Sequence[JudgedRule]
    judged: dict[str, JudgedRule]
    missing: Sequence[Missing]
    found: Flips

    @property
    def deciding_ids(self) -> list[str]:
        """The ids of `decided`; of a table that claims for several rows, the rows'."""
        ids = (
            entry.ids if isinstance(entry, Fired) else (entry.rule.id,) for entry in self.decided
        )
        return list(dict.fromkeys(id_ for several in ids for id_ in several))


def explain(
    judge: WhatIfJudge, facts: Message, verdict: WhatIfVerdict, bounds: Bounds
) -> Explained:
    """Explain `verdict`, which `judge` came to on `facts`."""
    evidence = verdict.evidence
    unfolder = Unfolder(judge.program, judge.known(facts), judge.as_of, evidence)
    judged = {rule.id: unfolder.rule(rule) for rule in judge.program.ruleset.rules}
    decided = judge.decided(facts, verdict)
    explained = Search(judge, facts, verdict, bounds).run()
    told = evidence.rule_ids
    return Explained(
        verdict=verdict,
        decided=decided,
        fired=[fired for fired in evidence.fired if fired not in decided],
        undecided=[undecided for undecided in evidence.undecided if undecided not in decided],
        failed=[failed for failed in evidence.failed if failed not in decided],
        nearly=_nearest(
            judgement for id_, judgement in judged.items() if id_ not in told and judgement.nearly
        ),
        judged=judged,
        missing=[_missing(path, evidence, explained) for path in evidence.missing],
        found=explained,
    )


def _nearest(rules: Iterable[JudgedRule]) -> list[JudgedRule]:
    """Return the rules of which most conditions held first."""
    return sorted(rules, key=lambda judged: -judged.held)


def _missing(path: str, evidence: AnyEvidence, result: Flips) -> Missing:
    words = (
        flip.verdict.word
        for flip in (*result.flips, *result.learnt)
        if len(flip.changes) == 1 and flip.changes[0].spot.path == path
    )
    rules = (entry.rule.id for entry in evidence.undecided if path in entry.missing)
    return Missing(path, tuple(dict.fromkeys(words)), tuple(rules))
