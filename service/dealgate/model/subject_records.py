"""What a record says about one subject: everything else that is personal is left out."""

from collections.abc import Sequence
from dataclasses import replace

from dealgate.model.decision import Decision, Entity
from dealgate.model.personal import Span
from dealgate.model.splicing import Change, spliced
from dealgate.model.subjects import Messages, record_spans, subjects


def record_of(messages: Messages, decision: Decision, subject: Entity) -> Decision | None:
    """Return the decision with what is personal of this subject alone; None: it names them not.

    What may quote anybody stays where nobody else is named.
    """
    named = subjects(messages, decision)
    if subject not in named:
        return None
    is_alone = len(named) == 1
    facts, answer, _ = (
        [change for span in part if (change := _change(span, subject, is_alone=is_alone))]
        for part in record_spans(messages, decision)
    )
    return replace(
        decision,
        facts=spliced(decision.facts, facts),
        answer=spliced(decision.answer, answer),
        entity=decision.entity if decision.entity == subject else _nobody(decision),
        key=decision.key if decision.entity == subject else None,
        trial=None,
    )


def _change(span: Span, subject: Entity, *, is_alone: bool) -> Change | None:
    if span.owner == subject or (span.owner is None and is_alone):
        return None
    return Change(span.field, span.end, None)


def _nobody(decision: Decision) -> Entity:
    return Entity(decision.entity.type, "")


def kinds_in(decided: Sequence[tuple[str, int, str]], known: Sequence[str]) -> Sequence[str]:
    """Return the names of all kinds that decided, given the rule sets that did, and those known."""
    return sorted({*known, *(kind.partition("/")[0] for kind, _, _ in decided)})
