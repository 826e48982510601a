"""Whether a lead's e-mail domain takes mail, looked up if the caller asks for it."""

from dataclasses import replace
from typing import Any, Protocol

from dealgate.decide import Decide
from dealgate.kinds.verify.emails import ascii_domain
from dealgate.lookup import added
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import Violation
from dealgate.v1 import verify_pb2 as pb

FORBIDDEN = Violation(
    "look_up_mail_exchange",
    "this server asks no name server: bring mail_exchange, or have its operator set "
    "DEALGATE_MAIL_LOOKUPS=true",
)


class Resolver(Protocol):
    """Asks name servers, in bounded time."""

    async def mail_exchange(self, domain: str) -> pb.MailExchangeResult.ValueType:
        """Return what DNS says of the domain (in ASCII); whatever goes wrong is a result too."""


def with_mail_exchange(decide: Decide, resolver: Resolver | None) -> Decide:
    """Return `decide` for verify questions, which looks up what they ask for.

    Without a resolver such questions are refused: an answer that quietly left the look-up out
    would be taken for a better one than it is.
    """

    async def looked_up(question: Question) -> Decision:
        facts: Any = question.facts
        if not facts.look_up_mail_exchange or facts.HasField("mail_exchange"):
            return await decide(question)
        if resolver is None:
            refused = (*question.violations, FORBIDDEN)
            return await decide(replace(question, violations=refused))
        domain = ascii_domain(facts.lead.email)
        if not domain:
            return await decide(question)
        known = pb.VerifyFacts()
        known.CopyFrom(facts)
        result = await resolver.mail_exchange(domain)
        known.mail_exchange.CopyFrom(pb.MailExchange(domain=domain, result=result))
        return await decide(added(question, known))

    return looked_up
