"""Claims about name servers, asked for real on loopback."""

import asyncio
from collections.abc import Iterator

import pytest

from dealgate.lookup.dns import DAY, OUTAGE, DnsResolver
from dealgate.v1 import verify_pb2 as pb
from tests.lookup.name_server import NameServer


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def server() -> Iterator[NameServer]:
    """A name server of our own."""
    with NameServer() as running:
        yield running


def resolver(server: NameServer, clock: Clock | None = None, timeout: float = 30) -> DnsResolver:
    """Return a resolver that asks it, and has patience unless the answer never comes."""
    return DnsResolver([("127.0.0.1", server.port)], timeout=timeout, clock=clock or Clock())


@pytest.mark.parametrize(
    ("domain", "result"),
    [
        ("acme.de", pb.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL),
        ("null.example.com", pb.MAIL_EXCHANGE_RESULT_NULL_MX),
        ("host.example.com", pb.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL),
        ("host6.example.com", pb.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL),
        ("bare.example.com", pb.MAIL_EXCHANGE_RESULT_NO_HOST),
        ("nowhere.example.com", pb.MAIL_EXCHANGE_RESULT_NO_DOMAIN),
        ("silent.example.com", pb.MAIL_EXCHANGE_RESULT_TIMED_OUT),
        ("broken.example.com", pb.MAIL_EXCHANGE_RESULT_FAILED),
        ("a" * 64 + ".com", pb.MAIL_EXCHANGE_RESULT_FAILED),
    ],
)
async def test_what_dns_says_is_a_result(server: NameServer, domain: str, result: int) -> None:
    """RFC 7505 and RFC 5321: a null MX refuses, a host without MX takes its own mail.

    Silence and failures are results of their own, and never those of a bad domain.
    """
    timeout = 0.25 if domain.startswith("silent") else 30
    assert await resolver(server, timeout=timeout).mail_exchange(domain) == result


async def test_an_answer_is_remembered_for_a_day(server: NameServer) -> None:
    """Then it is asked for anew."""
    clock = Clock()
    asking = resolver(server, clock)
    await asking.mail_exchange("acme.de")
    clock.now += DAY - 1
    await asking.mail_exchange("acme.de")
    assert server.asked == [("acme.de.", "MX")]
    clock.now += 1
    await asking.mail_exchange("acme.de")
    assert len(server.asked) == 2


async def test_an_outage_is_remembered_for_a_minute(server: NameServer) -> None:
    """Calls during an outage do not each wait for it; after a minute somebody tries again."""
    clock = Clock()
    asking = resolver(server, clock, timeout=0.25)
    await asking.mail_exchange("silent.example.com")
    heard = len(server.asked)
    clock.now += OUTAGE - 1
    assert await asking.mail_exchange("silent.example.com") == pb.MAIL_EXCHANGE_RESULT_TIMED_OUT
    assert len(server.asked) == heard
    clock.now += 1
    await asking.mail_exchange("silent.example.com")
    assert len(server.asked) > heard


async def test_callers_share_one_question(server: NameServer) -> None:
    """A hundred at once ask the name server once, and one that gives up harms nobody."""
    asking = resolver(server)
    callers = [asyncio.ensure_future(asking.mail_exchange("acme.de")) for _ in range(100)]
    await asyncio.sleep(0)
    callers[0].cancel()
    answers = await asyncio.gather(*callers, return_exceptions=True)
    assert set(answers[1:]) == {pb.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL}
    assert server.asked == [("acme.de.", "MX")]
