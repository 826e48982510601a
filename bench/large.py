"""How long a small decision takes while somebody asks large ones, and how long it takes otherwise.

`python -m bench.large [forecast|quota|recognize]`; all three without a name.
"""

import asyncio
import datetime as dt
import sys
import time
from typing import TypeAlias

from google.type.date_pb2 import Date
from google.type.money_pb2 import Money

from bench.local_server import local_server
from bench.reload import tell, timed
from dealgate_client import AsyncClient, question
from dealgate_client.v1 import forecast_pb2, quota_pb2, recognize_pb2

TODAY = dt.datetime(2026, 7, 31, 12, tzinfo=dt.UTC)
FIRST, LAST = dt.date(2026, 7, 1), dt.date(2026, 9, 30)
DEALS, PAST, CREDITS, LINES, MONTHS = 2_600, 5_000, 10_000, 500, 36
Facts: TypeAlias = forecast_pb2.ForecastFacts | quota_pb2.QuotaFacts | recognize_pb2.RecognizeFacts
QUIET, LARGE = 1_000, 8  # small calls alone; large questions, one after the other


async def measured(target: str, name: str, facts: Facts) -> None:
    """Print the latencies of both."""
    async with AsyncClient(target) as client, AsyncClient(target) as other:
        await timed(client, 200)  # warm
        quiet = await timed(client, QUIET)
        asking = asyncio.create_task(ask(other, facts))
        busy: list[float] = []
        while not asking.done():
            busy += await timed(client, 1)
        seconds = await asking
    tell("alone", quiet)
    tell(f"beside {name}, {facts.ByteSize()} bytes, {seconds:.2f} s each", busy)


async def ask(client: AsyncClient, facts: Facts) -> float:
    """Ask the large question a few times; return the seconds that one took."""
    start = time.perf_counter()
    for _ in range(LARGE):
        (result,) = await client.batch_decide([question(facts, as_of=TODAY)])
        if isinstance(result, Exception):
            raise result
    return (time.perf_counter() - start) / LARGE


def forecast() -> Facts:
    """Return a quarter with many open deals, beside earlier ones."""
    facts = forecast_pb2.ForecastFacts(
        id="q3", period_start=_day(FIRST), period_end=_day(LAST), booked=_usd(1)
    )
    for number in range(DEALS):
        deal = facts.opportunities.add(
            id=f"d{number}", stage_name="Proposal/Price Quote", amount=_usd(number)
        )
        deal.created_at.FromDatetime(TODAY - dt.timedelta(days=number % 300))
        deal.close_date.CopyFrom(_day(LAST))
    for number in range(PAST):
        opened = TODAY.date() - dt.timedelta(days=200 + number % 900)
        closed = opened + dt.timedelta(days=number % 180)
        past = facts.history.add(opened_on=_day(opened), closed_on=_day(closed), amount=_usd(9))
        past.won = number % 4 == 0
    return facts


def quota() -> Facts:
    """Return a seller with many credits."""
    plan = quota_pb2.QuotaPlan(id="P", start=_day(FIRST), end=_day(LAST))
    facts = quota_pb2.QuotaFacts(plan=plan, owner_id="ann")
    facts.sellers.add(id="ann", quota=_usd(10**6))
    for number in range(CREDITS):
        facts.credits.add(
            id=f"c{number}", owner_id="ann", amount=_usd(number), booked_on=_day(FIRST)
        )
    return facts


def recognize() -> Facts:
    """Return a contract of many lines over three years."""
    facts = recognize_pb2.RecognizeFacts()
    facts.contract.id = "K-1"
    start = dt.date(2026, 1, 1)
    for number in range(MONTHS):
        year, month = divmod(number, 12)
        first = start.replace(year=start.year + year, month=month + 1)
        after = (first + dt.timedelta(days=32)).replace(day=1)
        last = _day(after - dt.timedelta(days=1))
        facts.periods.add(id=f"{first:%Y-%m}", start=_day(first), end=last)
    for number in range(LINES):
        line = facts.lines.add(id=f"l{number}", price=_usd(1_200 + number))
        line.pattern = recognize_pb2.RECOGNITION_PATTERN_RATABLE
        line.start.CopyFrom(_day(start))
        line.end.CopyFrom(_day(dt.date(2028, 12, 31)))
    return facts


QUESTIONS = {"forecast": forecast, "quota": quota, "recognize": recognize}


def _day(of: dt.date) -> Date:
    return Date(year=of.year, month=of.month, day=of.day)


def _usd(units: int) -> Money:
    return Money(currency_code="USD", units=units)


def main() -> None:
    """Measure each by itself."""
    for name in sys.argv[1:] or QUESTIONS:
        with local_server() as server:
            asyncio.run(measured(server.target, name, QUESTIONS[name]()))


if __name__ == "__main__":
    main()
