"""Whether a domain takes mail, looked up if the caller asks for it."""

from dataclasses import replace
from typing import Any, Protocol

from google.protobuf.message import Message

from dealgate.decide import Decide
from dealgate.lookup import added
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import Violation
from dealgate.model.lookups import MailLookup
from dealgate.v1 import verify_pb2 as pb


class Resolver(Protocol):
    """Asks name servers, in bounded time."""

    async def mail_exchange(self, domain: str) -> pb.MailExchangeResult.ValueType:
        """Return what DNS says of the domain (in ASCII); whatever goes wrong is a result too."""


def wants_mail(look_up: MailLookup[Any], facts: Message) -> bool:
    """Whether the caller asks for it, and does not tell."""
    return bool(getattr(facts, look_up.asked_by)) and not facts.HasField(look_up.told_by)


def with_mail_exchange(
    decide: Decide, look_up: MailLookup[Any], resolver: Resolver | None
) -> Decide:
    """Return `decide`, which looks up what questions ask for.

    Without a resolver such questions are refused: an answer that quietly left the look-up out
    would seem better than it is.
    """

    async def looked_up(question: Question) -> Decision:
        facts = question.facts
        if not wants_mail(look_up, facts):
            return await decide(question)
        if resolver is None:
            refused = (*question.violations, _forbidden(look_up))
            return await decide(replace(question, violations=refused))
        domain = look_up.domain(facts)
        if not domain:
            return await decide(question)
        answer = pb.MailExchange(domain=domain, result=await resolver.mail_exchange(domain))
        return await decide(added(question, look_up.with_answer(facts, answer)))

    return looked_up


def _forbidden(look_up: MailLookup[Any]) -> Violation:
    cure = f"bring {look_up.told_by}, or have its operator set DEALGATE_MAIL_LOOKUPS=true"
    return Violation(look_up.asked_by, f"this server asks no name server: {cure}")
