"""What spans, events and metrics say of a decision: ids, versions, rules and counts, never a fact.

Most of it is the same in thousands of decisions, so it is kept as bytes and joined.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dealgate.model.decision import AnyEvidence, Decision, Question
from dealgate.model.errors import DealgateError, RulesFailed, Unavailable
from dealgate.model.kind import AnyKind
from dealgate.model.rules import Location
from dealgate.telemetry import names
from dealgate.telemetry.exceptions import error_type
from dealgate.telemetry.limits import LIST_LENGTH, REASON_CODES
from dealgate.telemetry.otlp import Pair, kept_pair, pair
from dealgate.telemetry.shared import Described, Shared, keys_of

# What is our fault. Every other error of ours refuses a caller, which is business as usual.
FAULTS = (RulesFailed, Unavailable)
OTHER = "_OTHER"  # what a kind is called that nobody serves: the caller chose its name
LIVE, DRY_RUN, REPEAT, CHALLENGER = "live", "dry_run", "repeat", "challenger"
# Judged in a flow that recorded nothing: it failed, lost its turn, or was a repeat.
DISCARDED = "discarded"
KEPT = 4096  # descriptions of evidence
PSEUDONYM_LENGTH = 32

# From an answer's bytes to the codes in it.
Reader: TypeAlias = Callable[[bytes], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Describer:
    """Describes decisions by one catalog."""

    kinds: Mapping[str, AnyKind]
    catalog_digest: str = ""
    pseudonym_key: bytes = field(default=b"", repr=False)
    _readers: dict[str, Reader | None] = field(default_factory=dict, repr=False)
    _kept: dict[tuple[object, ...], Shared] = field(default_factory=dict, repr=False)

    def described(
        self,
        question: Question,
        outcome: Decision | BaseException,
        *,
        is_discarded: bool = False,
    ) -> Described:
        """Return what is said of an answer, or of why there is none."""
        subject = self._subject(question) if self.pseudonym_key else ()
        if isinstance(outcome, Decision):
            mode = DISCARDED if is_discarded else _mode(question, outcome)
            return self._decided(question, outcome, mode, subject)
        return _refused(question, self.kind_of(question), outcome, subject)

    def kind_of(self, question: Question) -> str:
        """Return what the question's kind is called: no name that a caller made up."""
        return question.kind if question.kind in self.kinds else OTHER

    def _subject(self, question: Question) -> tuple[bytes, ...]:
        try:
            subject = str(self.kinds[question.kind].entity_of(question.facts))
        except Exception:  # noqa: BLE001 - a question without a subject is refused elsewhere
            return ()
        digest = hmac.digest(self.pseudonym_key, subject.encode("utf-8", "replace"), "sha256")
        return (digest.hex()[:PSEUDONYM_LENGTH].encode(),)

    def _decided(
        self, question: Question, decision: Decision, mode: str, subject: tuple[bytes, ...]
    ) -> Described:
        own = (decision.id.encode(), *subject)
        key = self._key(question, decision, mode, own)
        shared = self._kept.get(key)
        if shared is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            shared = self._shared(question, decision, mode, (key[0], own))
            self._kept[key] = shared
        else:
            shared.is_frequent = True
        return Described(decision.id, own, shared)

    def _key(
        self, question: Question, decision: Decision, mode: str, own: tuple[bytes, ...]
    ) -> tuple[tuple[str, ...], object]:
        codes = self._reasons(decision)
        evidence = decision.evidence
        told: tuple[object, ...] = (
            *(decision.kind, decision.scope, decision.version, decision.digest, decision.engine),
            *(decision.outcome, decision.fired),
            *(question.tenant, question.explain, mode),
            *(len(own[0]), len(own)),
        )
        if evidence is not None:
            told += (
                tuple([entry.rule.id for entry in evidence.undecided]),
                tuple([entry.rule.id for entry in evidence.failed]),
                len(evidence.missing),
            )
        return codes, told

    def _shared(
        self,
        question: Question,
        decision: Decision,
        mode: str,
        told: tuple[tuple[str, ...], Sequence[bytes]],
    ) -> Shared:
        codes, own = told
        outcome = decision.outcome.lower()
        labels = (question.kind, decision.version, outcome, mode, None)
        pairs = (
            *_asked(question, question.kind, mode),
            *self._described_anew(decision, outcome, codes),
        )
        # The id of what is not recorded is in no journal.
        key = names.QUESTION_ID if mode in {DRY_RUN, DISCARDED} else names.DECISION_ID
        return Shared(question.kind, mode, labels, keys_of(key, own), pairs)

    def _reasons(self, decision: Decision) -> tuple[str, ...]:
        """Return the codes of the reasons in the outcome, of kinds whose outcome has them."""
        name = decision.kind
        if name not in self._readers:
            self._readers[name] = _reader(self.kinds[name])
        read = self._readers[name]
        return () if read is None else read(decision.answer)

    def _described_anew(
        self, decision: Decision, outcome: str, codes: tuple[str, ...]
    ) -> list[Pair]:
        pairs = [
            pair(names.DECISION_OUTCOME, outcome),
            pair(names.RULESET_VERSION, decision.version),
            pair(names.RULESET_DIGEST, decision.digest),
            pair(names.DECISION_ENGINE, decision.engine),
            pair(names.RULE_FIRED_COUNT, len(decision.fired)),
        ]
        if self.catalog_digest:
            pairs.append(pair(names.CATALOG_DIGEST, self.catalog_digest))
        pairs += _listed(names.RULE_FIRED_IDS, decision.fired)
        pairs += _listed(names.DECISION_REASON_CODES, codes[:REASON_CODES])
        if decision.evidence is not None:
            pairs += _judged(decision.evidence, outcome)
        return pairs


def _asked(question: Question, kind: str, mode: str) -> list[Pair]:
    pairs = [
        kept_pair(names.RULESET_NAME, kind),
        kept_pair(names.TENANT, question.tenant),
        kept_pair(names.DECISION_MODE, mode),
    ]
    if question.explain:
        pairs.append(kept_pair(names.DECISION_EXPLAINED, True))  # noqa: FBT003 - a value
    return pairs


def _mode(question: Question, decision: Decision) -> str:
    """Tell what took place: statistics of outcomes look at the champion's live answers alone."""
    if question.dry_run:
        return DRY_RUN
    if decision.id != question.id:
        return REPEAT
    return CHALLENGER if decision.is_challengers else LIVE


def _refused(
    question: Question, kind: str, error: BaseException, subject: tuple[bytes, ...]
) -> Described:
    mode = DRY_RUN if question.dry_run else LIVE
    ours = isinstance(error, DealgateError)
    defect = isinstance(error, Exception) and not ours
    name = error_type(error)
    own = (question.id.encode(), *subject)
    shared = Shared(
        kind,
        mode,
        labels=(kind, None, None, mode, name),
        keys=keys_of(names.QUESTION_ID, own),
        pairs=(*_asked(question, kind, mode), kept_pair(names.ERROR_TYPE, name)),
        is_error=isinstance(error, FAULTS) or defect,
        is_defect=defect,
    )
    return Described(question.id, own, shared)


def _judged(evidence: AnyEvidence, outcome: str) -> list[Pair]:
    undecided = [entry.rule.id for entry in evidence.undecided]
    failed = [entry.rule.id for entry in evidence.failed]
    pairs = [
        pair(names.RULE_UNDECIDED_COUNT, len(undecided)),
        pair(names.RULE_FAILED_COUNT, len(failed)),
        pair(names.FACT_MISSING_COUNT, len(evidence.missing)),
        *_listed(names.RULE_UNDECIDED_IDS, undecided),
        *_listed(names.RULE_FAILED_IDS, failed),
    ]
    rules = deciding(evidence, outcome)
    if rules is not None:
        id_, location = rules
        pairs += [
            pair(names.RULE_ID, id_),
            pair(names.CODE_FILE_PATH, location.file),
            pair(names.CODE_LINE_NUMBER, location.line),
        ]
    return pairs


def deciding(evidence: AnyEvidence, outcome: str) -> tuple[str, Location] | None:
    """Return the rule that decided, as far as the evidence alone tells.

    The first that fired and claims this very outcome; else the only one that had a say. Where
    many rules add up to an outcome, as in a score, none of them decided it.
    """
    rules = [rule for fired in evidence.fired for rule in fired.rows or (fired.rule,)]
    for rule in rules:
        if _claims(rule.then, outcome):
            return rule.id, rule.location
    others = [entry.rule for entry in evidence.undecided]
    others += [entry.rule for entry in evidence.failed]
    alone = rules or others
    return (alone[0].id, alone[0].location) if len(alone) == 1 else None


def _claims(effect: Any, outcome: str) -> bool:
    """Tell whether an effect names the outcome: as a value (sql), or as a field that is set."""
    for name in type(effect).model_fields:
        value = getattr(effect, name)
        if isinstance(value, str) and value.lower() == outcome:
            return True
        if name == outcome and value not in (None, False, (), []):
            return True
    return False


def _listed(key: str, ids: Sequence[str]) -> list[Pair]:
    """Return an attribute, or none for an empty list: tools refuse those, with all around it."""
    return [pair(key, list(ids[:LIST_LENGTH]))] if ids else []


def _reader(kind: AnyKind) -> Reader | None:
    """Return what reads reason codes from an outcome; None: the kind's outcomes have none."""
    outcome = kind.response.DESCRIPTOR.fields_by_name["outcome"].message_type
    fields = {} if outcome is None else outcome.fields_by_name
    codes, reasons = fields.get("reason_codes"), fields.get("reasons")
    if codes is not None and codes.message_type is None:
        return lambda answer: tuple(_outcome(kind, answer).reason_codes)
    if reasons is not None and reasons.message_type is not None:
        code = reasons.message_type.fields_by_name.get("code")
        if code is not None and code.type == code.TYPE_STRING:
            return lambda answer: tuple(
                dict.fromkeys(reason.code for reason in _outcome(kind, answer).reasons)
            )
    return None


def _outcome(kind: AnyKind, answer: bytes) -> Any:
    response: Any = kind.response.FromString(answer)
    return response.outcome
