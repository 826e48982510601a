"""Spans around the questions that name servers are asked."""

import logging
import time
from collections.abc import Callable
from typing import Protocol

from dealgate.telemetry import names
from dealgate.telemetry.events import Seldom, tell
from dealgate.telemetry.otlp import kept_pair
from dealgate.telemetry.spans import CLIENT, Tracer
from dealgate.v1 import verify_pb2 as pb

TELL_EVERY = 10.0  # seconds: one domain fails where others do not


class Resolver(Protocol):
    """Asks name servers."""

    async def mail_exchange(self, domain: str) -> pb.MailExchangeResult.ValueType:
        """Return what DNS says of the domain."""


class WatchedResolver:
    """A resolver with a span around each question; the domain is a fact, and not in it."""

    def __init__(
        self,
        resolver: Resolver,
        tracer: Tracer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Watch `resolver`; `clock` gives seconds that never go back."""
        self._resolver = resolver
        self._tracer = tracer
        self._is_failing = False
        self._seldom = Seldom(TELL_EVERY, clock)

    async def mail_exchange(self, domain: str) -> pb.MailExchangeResult.ValueType:
        """Return what DNS says of the domain."""
        told = (kept_pair(names.LOOKUP_TYPE, "mail"),)
        with self._tracer.start("lookup mail", CLIENT, told):
            result = await self._resolver.mail_exchange(domain)
        self._tell(is_failing=result == pb.MAIL_EXCHANGE_RESULT_FAILED)
        return result

    def _tell(self, *, is_failing: bool) -> None:
        """Tell when name servers stop answering, and when they answer again."""
        if is_failing == self._is_failing or not self._seldom.may():
            return
        self._is_failing = is_failing
        if is_failing:
            words = "name servers do not answer: leads are decided without DNS results"
            tell(names.EVENT_LOOKUP_FAILING, words, level=logging.WARNING)
        else:
            tell(names.EVENT_LOOKUP_ANSWERING, "name servers answer again")
