"""Feeds questions through a server by all three ways in: unary calls, batches and a stream."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rich.progress import Progress

from dealgate_client import AsyncClient, DealgateError, InvalidQuestion, Response, question
from dealgate_client.questions import FIELDS, Facts

Row = TypeVar("Row")
Asked = TypeVar("Asked")

BATCH, AT_ONCE = 100, 32
# The first rows go by unary calls, the next by batches, the rest by one stream.
UNARY, BATCHED = 0.05, 0.15
CALLS = {
    "verify": AsyncClient.verify_lead,
    "route": AsyncClient.route_lead,
    "score": AsyncClient.score_lead,
    "qualify": AsyncClient.qualify_lead,
    "advance": AsyncClient.advance_stage,
    "attribute": AsyncClient.attribute_revenue,
}
# A batch names the question first: "questions[3].score.facts.lead.id".
PLACE, INDEX = re.compile(r"^(questions\[\d+\]\.\w+\.)?facts\."), re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Reading(Generic[Row]):
    """What a row says: as it was recorded, dirt included, and without what cannot be."""

    recorded: Callable[[Row], Facts]
    cleaned: Callable[[Row], Facts]


@dataclass(frozen=True, slots=True)
class Fed:
    """An answer for every row, in order; `dirt` counts rows by what was refused at first."""

    answers: Sequence[Any]
    dirt: Counter[str]


async def feed(
    client: AsyncClient,
    progress: Progress,
    title: str,
    rows: Sequence[Row],
    reading: Reading[Row],
    options: Mapping[str, Any],
) -> Fed:
    """Ask about every row as it was recorded, and about those that are refused once more, cleaned.

    Raises the error of a question that is refused even then.
    """
    task = progress.add_task(title, total=len(rows))
    results = []
    async for result in _results(client, [reading.recorded(row) for row in rows], options):
        results.append(result)
        progress.advance(task, advance=not isinstance(result, DealgateError))
    refused = [index for index, result in enumerate(results) if isinstance(result, DealgateError)]
    dirt = Counter(name for index in refused for name in _violations(results[index]))
    again = _results(client, [reading.cleaned(rows[index]) for index in refused], options)
    async for result in again:
        if isinstance(result, DealgateError):
            raise result
        results[refused.pop(0)] = result
        progress.advance(task)
    return Fed(results, dirt)


def _violations(refused: DealgateError | Response) -> set[str]:
    if not isinstance(refused, InvalidQuestion):
        raise TypeError(f"not refused for what was recorded: {refused}")
    found = ((PLACE.sub("", one.field), one.description) for one in refused.violations)
    return {f"{INDEX.sub('[]', field)} {description}" for field, description in found}


async def _results(
    client: AsyncClient, facts: Sequence[Facts], options: Mapping[str, Any]
) -> AsyncIterator[Response | DealgateError]:
    unary = round(len(facts) * UNARY)
    batched = unary + round(len(facts) * BATCHED)
    for some in _parts(facts[:unary], AT_ONCE):
        for result in await asyncio.gather(*(_answer(client, each, options) for each in some)):
            yield result
    for some in _parts(facts[unary:batched], BATCH):
        for result in await client.batch_decide([question(each, **options) for each in some]):
            yield result
    parts = _parts(facts[batched:], BATCH)
    batches = ([question(each, **options) for each in some] for some in parts)
    async for results in client.stream_decide(batches):
        for result in results:
            yield result


async def _answer(
    client: AsyncClient, facts: Facts, options: Mapping[str, Any]
) -> Response | DealgateError:
    """Ask by the kind's own call."""
    known = {field.name: value for field, value in facts.ListFields()}
    call: Any = CALLS[FIELDS[type(facts)]]
    try:
        answer: Response = await call(client, **known, **options)
    except DealgateError as error:
        return error
    return answer


def _parts(items: Sequence[Asked], size: int) -> Iterator[Sequence[Asked]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
