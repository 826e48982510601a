"""The answer a caller gets: evidence and conclusion as the response message of the kind's RPC.

Most of an answer is the same in thousands of others: the rule set's name, the words of its rules.
Those parts are bytes that are kept, and an answer is what joins them (`encoding.py`).
"""

from functools import lru_cache

from dealgate.model.body_hash import hash_with
from dealgate.model.decision import (
    AnyEvidence,
    AnyFailed,
    AnyFired,
    AnyUndecided,
    Conclusion,
    Decision,
    Question,
)
from dealgate.model.encoding import (
    double_field,
    instant_field,
    integer_field,
    message_field,
    packed_field,
    text_field,
)
from dealgate.model.explained import explained
from dealgate.model.from_state import FromState
from dealgate.model.instants import timestamp
from dealgate.model.kind import AnyKind
from dealgate.model.provenance import Provenance
from dealgate.model.rules import AnyRule, AnyRuleSet
from dealgate.v1 import decision_pb2 as pb

MOST_KEPT = 4096
FEW = 4

_decision_id = text_field(pb.DecisionHeader, "decision_id")
_kind = text_field(pb.DecisionHeader, "kind")
_rule_set_name = text_field(pb.DecisionHeader, "rule_set_name")
_rule_set_version = integer_field(pb.DecisionHeader, "rule_set_version")
_rule_set_digest = text_field(pb.DecisionHeader, "rule_set_digest")
_trace_id = text_field(pb.DecisionHeader, "trace_id")
_as_of = instant_field(pb.DecisionHeader, "as_of")
_evaluated_at = instant_field(pb.DecisionHeader, "evaluated_at")
_evidence = message_field(pb.DecisionHeader, "evidence")
_missing_facts = text_field(pb.DecisionHeader, "missing_facts")
_completeness = double_field(pb.DecisionHeader, "completeness")
_engine = text_field(pb.DecisionHeader, "engine")
_scope = text_field(pb.DecisionHeader, "scope")
_unsettled = text_field(pb.DecisionHeader, "scope_missing_facts")
_from_state = message_field(pb.DecisionHeader, "facts_from_state")

_fired = message_field(pb.Evidence, "fired")
_undecided = message_field(pb.Evidence, "undecided")
_failed = message_field(pb.Evidence, "failed")
_explained = message_field(pb.Evidence, "explained")

# A rule is written with the same fields wherever it stands in evidence.
_rule_id = text_field(pb.FiredRule, "rule_id")
_because = text_field(pb.FiredRule, "because")
_fired_elements = packed_field(pb.FiredRule, "elements")
_rows = message_field(pb.FiredRule, "rows")
_undecided_missing = text_field(pb.UndecidedRule, "missing_facts")
_undecided_elements = packed_field(pb.UndecidedRule, "elements")
_error = text_field(pb.FailedRule, "error")
_failed_elements = packed_field(pb.FailedRule, "elements")


class Answers:
    """Writes the answers of one rule set."""

    def __init__(
        self,
        kind: AnyKind,
        ruleset: AnyRuleSet,
        engine: str,
        provenance: Provenance | None = None,
    ) -> None:
        """`engine` is its name and semantic version; `provenance` is kept with each decision."""
        self._provenance = provenance
        self._kind = kind
        self._ruleset = ruleset
        self._engine = engine
        self._by = b"".join(
            (
                _kind(ruleset.kind),
                _rule_set_name(ruleset.kind),
                _rule_set_version(ruleset.version),
                _rule_set_digest(ruleset.digest),
            )
        )
        self._with = _engine(engine) + _scope(ruleset.scope)
        # By identity, which is quicker than a name; the rule set holds them.
        self._rules = {id(rule): _words(rule) for rule in ruleset.rules}
        self._fired = {id(rule): _fired(_words(rule)) for rule in ruleset.rules}
        # The same facts are missing again and again, and lists are mostly short.
        self._undecided: dict[tuple[int, tuple[str, ...]], bytes] = {}
        self._elements: dict[tuple[int, tuple[int, ...]], bytes] = {}
        self._tell = self._told  # the same object each time, which evidence keeps it by
        self._header = message_field(kind.response, "header")
        self._outcome = message_field(kind.response, "outcome")

    def answered(
        self, question: Question, evidence: AnyEvidence, conclusion: Conclusion
    ) -> Decision:
        """Return the decision, its answer serialized: from here on its bytes do not change."""
        facts = question.facts.SerializeToString(deterministic=True)
        told, ids = evidence.once(self._tell)
        header = self._header(self._header_of(question, told))
        return Decision(
            id=question.id,
            tenant=question.tenant,
            kind=self._kind.name,
            entity=self._kind.entity_of(question.facts),
            version=self._ruleset.version,
            digest=self._ruleset.digest,
            engine=self._engine,
            as_of=question.as_of,
            decided_at=question.asked_at,
            trace_id=question.trace_id,
            facts=facts,
            answer=header + self._outcome(self._written(conclusion)),
            outcome=conclusion.word,
            fired=ids,
            key=question.key,
            body_hash=hash_with(question, facts),
            marks=conclusion.marks,
            turn=conclusion.turn,
            provenance=self._provenance,
            evidence=evidence,
            scope=self._ruleset.scope,
        )

    def _written(self, conclusion: Conclusion) -> bytes:
        write = self._kind.write_outcome
        return conclusion.data if write is None else write(conclusion.outcome)

    def _header_of(self, question: Question, told: bytes) -> bytes:
        """Write the header; `told` are its fields that follow from evidence alone."""
        return b"".join(
            (
                b"" if question.dry_run else _decision_id(question.id),
                self._by,
                _trace_id(question.trace_id),
                _as_of(question.as_of),
                _evaluated_at(question.asked_at),
                told,
                *map(_unsettled, question.unsettled),
                *map(_known, question.from_state),
            )
        )

    def _told(self, evidence: AnyEvidence) -> tuple[bytes, tuple[str, ...]]:
        """Return what a header says of evidence, and the ids of the rules that fired."""
        data = b"".join(
            (
                _evidence(self._evidence_of(evidence)),
                _missing(evidence.missing),
                _completeness(evidence.completeness),
                self._with,
            )
        )
        return data, _ids(evidence)

    def _evidence_of(self, evidence: AnyEvidence) -> bytes:
        known, few = self._fired, self._elements
        parts = [
            (
                None
                if hit.rows
                else few.get((id(hit.rule), hit.elements))
                if hit.elements
                else known.get(id(hit.rule))
            )
            or self._firing(hit)
            for hit in evidence.fired
        ]
        lacking = self._undecided
        parts += [
            (None if open_.elements else lacking.get((id(open_.rule), open_.missing)))
            or self._lacking(open_)
            for open_ in evidence.undecided
        ]
        parts += [_failed(self._broken(failed)) for failed in evidence.failed]
        for explanation in evidence.explained:
            written = explained(explanation).SerializeToString(deterministic=True)
            parts.append(_explained(written))
        return b"".join(parts)

    def _words_of(self, rule: AnyRule) -> bytes:
        """Return a rule's id and reason; what a table collects is a rule of its own each time."""
        return self._rules.get(id(rule)) or _words(rule)

    def _hit(self, fired: AnyFired) -> bytes:
        words = self._words_of(fired.rule)
        if not fired.elements and not fired.rows:
            return words
        rows = [_rows(self._words_of(row)) for row in fired.rows]
        return b"".join((words, _fired_elements(fired.elements), *rows))

    def _firing(self, hit: AnyFired) -> bytes:
        data = _fired(self._hit(hit))
        is_ours = not hit.rows and id(hit.rule) in self._rules
        if is_ours and len(hit.elements) <= FEW and len(self._elements) < MOST_KEPT:
            self._elements[id(hit.rule), hit.elements] = data
        return data

    def _lacking(self, undecided: AnyUndecided) -> bytes:
        data = _undecided(self._open(undecided))
        # Only what the rule set holds: what a table collects is a rule of its own each time.
        is_ours = not undecided.elements and id(undecided.rule) in self._rules
        if is_ours and len(self._undecided) < MOST_KEPT:
            self._undecided[id(undecided.rule), undecided.missing] = data
        return data

    def _open(self, undecided: AnyUndecided) -> bytes:
        missing = map(_undecided_missing, undecided.missing)
        words = self._words_of(undecided.rule)
        return b"".join((words, *missing, _undecided_elements(undecided.elements)))

    def _broken(self, failed: AnyFailed) -> bytes:
        words = self._words_of(failed.rule)
        return b"".join((words, _error(failed.error), _failed_elements(failed.elements)))


def _words(rule: AnyRule) -> bytes:
    return _rule_id(rule.id) + _because(rule.because)


@lru_cache(maxsize=1024)
def _missing(paths: tuple[str, ...]) -> bytes:
    """Write the header's missing facts: the same ones are missing again and again."""
    return b"".join(map(_missing_facts, paths))


def _ids(evidence: AnyEvidence) -> tuple[str, ...]:
    """Return the ids of the rules that fired, or of rows of theirs, each once."""
    ids: dict[str, None] = {}
    for hit in evidence.fired:
        if hit.rows:
            ids.update(dict.fromkeys(hit.ids))
        else:
            ids[hit.rule.id] = None
    return tuple(ids)


def _known(facts: FromState) -> bytes:
    told = pb.StateFacts(
        entity=facts.entity,
        known_at=timestamp(facts.known_at),
        paths=facts.paths,
        activities_left_out=facts.left_out,
    )
    return _from_state(told.SerializeToString(deterministic=True))
