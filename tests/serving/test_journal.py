"""A server process whose journal is taken away under it, as operators and volumes do."""

import pytest

from dealgate_client import Client, Lead, Retry, Unavailable
from tests.serving.conftest import Start
from tests.serving.test_reload import until


def test_a_journal_that_is_gone_is_seen_in_health(start: Start) -> None:
    """Health of the whole, of each service and of `dealgate.journal` says so, and when it is back.

    Meanwhile callers are told to ask again, and rules and insights stay as they were.
    """
    process = start()
    elsewhere = process.journal.with_name("elsewhere.db")
    names = ("", "dealgate.journal", "dealgate.v1.LeadService")
    with Client(process.target, retry=Retry(attempts=1), timeout=60) as client:
        assert all(client.is_serving(name) for name in names)
        process.journal.rename(elsewhere)
        until(lambda: not any(client.is_serving(name) for name in names))
        assert client.is_serving("dealgate.rules")
        with pytest.raises(Unavailable, match="same idempotency key"):
            client.score_lead(lead=Lead(id="L1"))
        elsewhere.rename(process.journal)
        until(lambda: all(client.is_serving(name) for name in names))
        assert client.score_lead(lead=Lead(id="L1")).header.decision_id
    assert process.end() == 0
    (told,) = [line for line in process.lines if " ERROR " in line]
    assert f"journal {process.journal}: cannot be written: journal.db is gone" in told
