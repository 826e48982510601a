"""Facts that callers let the server look up: they are added to a question before it is decided.

The walk itself never fetches anything. What is found becomes part of the facts, so the journal
keeps it and a replay needs neither DNS nor an older journal. What makes two questions the same
stays what the caller sent (`Question.sent`).
"""

from dataclasses import replace

from google.protobuf.message import Message

from dealgate.model.decision import Question


def added(question: Question, facts: Message) -> Question:
    """Return the question with `facts`, which hold what was sent and what was found."""
    sent = question.facts if question.sent is None else question.sent
    return replace(question, facts=facts, sent=sent)
