"""Name servers, asked through dnspython: bounded, remembered, and never the reason of a failure."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.rdtypes.ANY.MX import MX
from dns.resolver import NXDOMAIN, LifetimeTimeout, NoAnswer, NoNameservers

from dealgate.v1 import verify_pb2 as pb

TIMEOUT = 2.0
DAY = 86_400.0
# An outage is remembered too, or every call during it would wait; but not for long.
OUTAGE = 60.0
REMEMBERED = 50_000
CERTAIN = frozenset(
    {
        pb.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL,
        pb.MAIL_EXCHANGE_RESULT_NULL_MX,
        pb.MAIL_EXCHANGE_RESULT_NO_DOMAIN,
        pb.MAIL_EXCHANGE_RESULT_NO_HOST,
    }
)


class DnsResolver:
    """Belongs to one event loop. Callers that ask for one domain at once share one answer."""

    def __init__(
        self,
        servers: Sequence[tuple[str, int]] = (),
        timeout: float = TIMEOUT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`servers` are addresses and ports; none: the machine's own. `timeout` in seconds."""
        self._resolver = Resolver(configure=not servers)
        if servers:
            self._resolver.nameservers = [address for address, _ in servers]
            self._resolver.nameserver_ports = dict(servers)
        self._timeout = timeout
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, pb.MailExchangeResult.ValueType]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[pb.MailExchangeResult.ValueType]] = {}

    async def mail_exchange(self, domain: str) -> pb.MailExchangeResult.ValueType:
        """Return what DNS says of the domain (in ASCII), after `timeout` at the latest."""
        until, result = self._known.get(domain, (0.0, pb.MAIL_EXCHANGE_RESULT_FAILED))
        if self._clock() < until:
            return result
        if domain not in self._asking:
            self._asking[domain] = asyncio.create_task(self._learn(domain))
        # A caller that gives up does not take the answer from the others.
        return await asyncio.shield(self._asking[domain])

    async def _learn(self, domain: str) -> pb.MailExchangeResult.ValueType:
        try:
            result = await self._bounded(domain)
        finally:
            del self._asking[domain]
        kept = DAY if result in CERTAIN else OUTAGE
        self._known[domain] = (self._clock() + kept, result)
        self._known.move_to_end(domain)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return result

    async def _bounded(self, domain: str) -> pb.MailExchangeResult.ValueType:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._ask(domain)
        except (TimeoutError, LifetimeTimeout):
            return pb.MAIL_EXCHANGE_RESULT_TIMED_OUT
        except NXDOMAIN:
            return pb.MAIL_EXCHANGE_RESULT_NO_DOMAIN
        except (NoNameservers, DNSException, OSError):
            return pb.MAIL_EXCHANGE_RESULT_FAILED

    async def _ask(self, domain: str) -> pb.MailExchangeResult.ValueType:
        try:
            answer = await self._resolver.resolve(domain, "MX", lifetime=self._timeout)
        except NoAnswer:
            return await self._ask_for_host(domain)
        hosts = [record.exchange.to_text() for record in answer if isinstance(record, MX)]
        null = hosts == ["."]
        return pb.MAIL_EXCHANGE_RESULT_NULL_MX if null else pb.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL

    async def _ask_for_host(self, domain: str) -> pb.MailExchangeResult.ValueType:
        """Without an MX record, a domain that is a host takes its own mail (RFC 5321, 5.1)."""
        for record in ("A", "AAAA"):
            try:
                await self._resolver.resolve(domain, record, lifetime=self._timeout)
            except NoAnswer:
                continue
            return pb.MAIL_EXCHANGE_RESULT_ACCEPTS_MAIL
        return pb.MAIL_EXCHANGE_RESULT_NO_HOST
