"""Claims about mail domains that are looked up before a lead is verified."""

import pytest

from dealgate.journal.memory import MemoryJournal
from dealgate.kinds.verify.lookups import MAIL
from dealgate.lookup.mail import with_mail_exchange
from dealgate.model.errors import BadQuestion
from dealgate.v1 import lead_pb2
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead
from tests.lookup.deciding import decider, outcome, question


class CannedResolver:
    """Says the same of every domain, or nothing else once it is told to; counts its questions."""

    def __init__(self, result: pb.MailExchangeResult.ValueType) -> None:
        self.result = result
        self.asked: list[str] = []

    async def mail_exchange(self, domain: str) -> pb.MailExchangeResult.ValueType:
        """Answer, and take note of the question."""
        self.asked.append(domain)
        return self.result


def asking(email: str = "ada@acme.de") -> pb.VerifyFacts:
    """Return a lead whose domain is to be looked up."""
    return pb.VerifyFacts(lead=Lead(id="L1", email=email), look_up_mail_exchange=True)


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (pb.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL, lead_pb2.VERIFICATION_STATUS_VERIFIED),
        (pb.MAIL_EXCHANGE_RESULT_NULL_MX, lead_pb2.VERIFICATION_STATUS_INVALID),
        (pb.MAIL_EXCHANGE_RESULT_TIMED_OUT, lead_pb2.VERIFICATION_STATUS_UNVERIFIABLE),
        (pb.MAIL_EXCHANGE_RESULT_FAILED, lead_pb2.VERIFICATION_STATUS_UNVERIFIABLE),
    ],
)
async def test_what_was_found_decides_and_is_recorded(
    result: pb.MailExchangeResult.ValueType, status: int
) -> None:
    """It stands in the recorded facts, so that a replay gives the same answer without DNS."""
    journal = MemoryJournal()
    walk = decider(journal)
    decision = await with_mail_exchange(walk.decide, MAIL, CannedResolver(result))(
        question(asking())
    )
    recorded = pb.VerifyFacts.FromString(decision.facts)
    assert outcome(decision.answer).verification.status == status
    assert recorded.mail_exchange == pb.MailExchange(domain="acme.de", result=result)
    assert not recorded.HasField("findings")
    again = await walk.decide(question(recorded, dry_run=True))
    assert outcome(again.answer) == outcome(decision.answer)


async def test_a_repeat_gets_its_first_answer_whatever_dns_says_now() -> None:
    """What makes two questions the same is what was sent, not what was found."""
    resolver = CannedResolver(pb.MAIL_EXCHANGE_RESULT_TIMED_OUT)
    decide = with_mail_exchange(decider(MemoryJournal()).decide, MAIL, resolver)
    first = await decide(question(asking(), key="k"))
    resolver.result = pb.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL
    assert await decide(question(asking(), key="k")) == first


async def test_nobody_is_asked_unless_the_caller_wants_it() -> None:
    """Nor if the caller brings the answer, nor about what is no address."""
    resolver = CannedResolver(pb.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL)
    decide = with_mail_exchange(decider(MemoryJournal()).decide, MAIL, resolver)
    await decide(question(pb.VerifyFacts(lead=Lead(id="L1", email="ada@acme.de"))))
    brought = asking()
    brought.mail_exchange.domain = "acme.de"
    brought.mail_exchange.result = pb.MAIL_EXCHANGE_RESULT_NO_HOST
    await decide(question(brought))
    await decide(question(asking("no address")))
    assert resolver.asked == []


async def test_without_a_resolver_the_question_is_refused() -> None:
    """Together with whatever else is wrong: a look-up left out in silence would pass for one."""
    decide = with_mail_exchange(decider(MemoryJournal()).decide, MAIL, None)
    nameless = asking()
    nameless.lead.id = ""
    with pytest.raises(BadQuestion) as refused:
        await decide(question(nameless))
    fields = [one.field for one in refused.value.violations]
    assert fields == ["look_up_mail_exchange", "lead.id"]
