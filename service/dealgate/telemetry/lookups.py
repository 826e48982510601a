"""Spans around the questions that name servers are asked."""

from typing import Protocol

from dealgate.telemetry import names
from dealgate.telemetry.otlp import kept_pair
from dealgate.telemetry.spans import CLIENT, Tracer
from dealgate.v1 import verify_pb2 as pb


class Resolver(Protocol):
    """Asks name servers."""

    async def mail_exchange(self, domain: str) -> pb.MailExchangeResult.ValueType:
        """Return what DNS says of the domain."""


class WatchedResolver:
    """A resolver with a span around each question; the domain is a fact, and not in it."""

    def __init__(self, resolver: Resolver, tracer: Tracer) -> None:
        """Watch `resolver`."""
        self._resolver = resolver
        self._tracer = tracer

    async def mail_exchange(self, domain: str) -> pb.MailExchangeResult.ValueType:
        """Return what DNS says of the domain."""
        told = (kept_pair(names.LOOKUP_TYPE, "mail"),)
        with self._tracer.start("lookup mail", CLIENT, told):
            return await self._resolver.mail_exchange(domain)
