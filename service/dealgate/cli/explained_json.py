"""An explanation as JSON, for programs: every rule, every condition, every flip."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import MessageToDict

from dealgate.cli.explained import ShownExplanation
from dealgate.cli.links import rule_url, trace_url
from dealgate.explain.explaining import Explained
from dealgate.explain.flip_results import Flip
from dealgate.explain.judged import ConditionPart, JudgedRule
from dealgate.explain.rule_changes import causes
from dealgate.explain.wording import TRUTHS, written_field
from dealgate.rulebook.instants import written


def as_json(shown: ShownExplanation) -> Mapping[str, Any]:
    """Return the explanation as JSON: every rule, every flip."""
    explained, ruleset = shown.found, shown.judge.program.ruleset
    outcome = explained.verdict.outcome
    return {
        "kind": ruleset.kind,
        "version": ruleset.version,
        "digest": ruleset.digest,
        "entity": str(shown.judge.kind.entity_of(shown.facts)),
        "as_of": written(shown.judge.as_of),
        "decision_id": shown.decision.id if shown.decision else None,
        "trace_id": (shown.decision.trace_id or None) if shown.decision else None,
        "trace_url": (trace_url(shown.decision.trace_id) or None) if shown.decision else None,
        "difference": shown.difference or None,
        "word": explained.verdict.word,
        "refusal": explained.verdict.refusal or None,
        "outcome": MessageToDict(outcome, preserving_proto_field_name=True) if outcome else None,
        "decided": explained.deciding_ids,
        "fired": [entry.rule.id for entry in explained.verdict.evidence.fired],
        "undecided": [entry.rule.id for entry in explained.verdict.evidence.undecided],
        "failed": [entry.rule.id for entry in explained.verdict.evidence.failed],
        "nearly": [judged.rule.id for judged in explained.nearly],
        "rules": [_rule_json(judged) for judged in explained.judged.values()],
        "missing": [
            {"path": m.path, "flips_to": list(m.flips_to), "rules": list(m.rules)}
            for m in explained.missing
        ],
        "flips": [_flip_json(flip, explained) for flip in explained.found.flips],
        "mended": _flip_json(explained.found.mended, explained) if explained.found.mended else None,
        "tries": explained.found.tries,
        "bound": explained.found.bound or None,
    }


def _rule_json(judged: JudgedRule) -> Mapping[str, Any]:
    elements = [{"element": index, **_part_json(part)} for index, part in judged.elements]
    return {
        "id": judged.rule.id,
        "because": judged.rule.because,
        "location": str(judged.rule.location),
        "url": rule_url(judged.rule.location) or None,
        "condition": _part_json(judged.whole) if judged.whole else None,
        "elements": elements,
    }


def _part_json(part: ConditionPart) -> Mapping[str, Any]:
    return {
        "text": part.text,
        "truth": TRUTHS[part.truth],
        "joins": part.joins or None,
        "values": {reading.text: reading.value for reading in part.readings},
        "parts": [_part_json(inner) for inner in part.parts],
        "named": {name: _part_json(inner) for name, inner in part.named},
    }


def _flip_json(flip: Flip, explained: Explained) -> Mapping[str, Any]:
    return {
        "word": flip.verdict.word,
        "changes": [
            {
                "path": change.spot.path,
                "before": written_field(change.spot.fact.field, change.before) or None,
                "after": written_field(change.spot.fact.field, change.after) or None,
            }
            for change in flip.changes
        ],
        "rules": {
            cause.rule_id: cause.effect
            for cause in causes(explained.verdict.evidence, flip.verdict.evidence)
        },
    }
