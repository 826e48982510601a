"""What the server looks up for those who ask it to: mail domains and duplicates, for real."""

from pathlib import Path

from dealgate_client import (
    Client,
    Lead,
    MailExchange,
    MailExchangeResult,
    VerificationStatus,
)
from tests.lookup.name_server import NameServer
from tests.serving.conftest import Start
from tests.shipped import folder_of

ACCEPTS = MailExchangeResult.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL


def test_a_server_asks_dns_and_remembers_leads(start: Start, tmp_path: Path) -> None:
    """The domain is looked up on the wire, a duplicate in the file; both stand in the record."""
    with NameServer() as names:
        process = start(
            DEALGATE_RULES=str(folder_of(tmp_path, "verify")),
            DEALGATE_MAIL_LOOKUPS="1",
            DEALGATE_DNS_SERVERS=f"127.0.0.1:{names.port}",
        )
        with Client(process.target, timeout=60) as client:
            client.verify_lead(lead=Lead(id="L1", email="ada@acme.de"))
            answer = client.verify_lead(
                lead=Lead(id="L2", email="Ada@acme.de"),
                look_up_mail_exchange=True,
                find_candidates=True,
            )
            record = client.get_decision(answer.header.decision_id)
        process.end()
    facts = record.question.verify.facts
    assert facts.mail_exchange == MailExchange(domain="acme.de", result=ACCEPTS)
    assert [one.id for one in facts.candidates] == ["L1"]
    assert answer.outcome.verification.status == VerificationStatus.VERIFICATION_STATUS_VERIFIED
    assert answer.outcome.survivor_id == "L1"
