"""The tour: every scene, then what else a caller can rely on."""

from datetime import UTC, datetime, timedelta
from itertools import chain
from secrets import token_hex

from rich.console import Console

from dealgate.demo import afterwards, deals, leads, revenue
from dealgate.demo.scene import NOW
from dealgate.demo.show import show_answer, show_explanation, show_question, show_violations
from dealgate_client import (
    Activity,
    AsyncClient,
    Company,
    DealgateError,
    InvalidQuestion,
    Lead,
    QualifyFacts,
    ResultType,
    ScoreFacts,
    money,
    new_key,
    question,
    timestamp,
)

BATCH = 100


async def tour(target: str, console: Console) -> None:
    """Show everything that the server at `target` can do."""
    async with AsyncClient(target) as client:
        await client.wait_until_ready()
        # As a caller's own telemetry would send it: the decisions join its trace.
        trace = [("traceparent", f"00-{token_hex(16)}-{token_hex(8)}-01")]
        await _rule_sets(client, console)
        console.rule("[bold]From a lead to revenue", style="dim")
        for scene in chain(leads.SCENES, deals.SCENES, revenue.SCENES):
            show_answer(console, scene.words, await scene.ask(client, trace))
        console.print()
        console.rule("[bold]Before and after", style="dim")
        for scene in afterwards.SCENES:
            show_answer(console, scene.words, await scene.ask(client, trace))
        console.print()
        console.rule("[bold]What else a caller can rely on", style="dim")
        explained = await deals.ask_for_discount(client, trace, explain=True)
        show_explanation(console, "Why exactly does the discount need an approval?", explained)
        await _repeat(client, console)
        await _bad_question(client, console)
        await _batch(client, console)
        await _memory(client, console)
        await _result(client, console)


async def _rule_sets(client: AsyncClient, console: Console) -> None:
    console.rule("[bold]The rules", style="dim")
    for summary in await client.list_rule_sets():
        state = "[green]decides today[/]" if summary.active else "[dim]at rest      [/]"
        name = f"{summary.kind}@{summary.version}"
        size = f"{summary.rule_count:3} rules"
        console.print(f"  {name:12} {state}  {size}  [dim]{summary.because}[/]")


async def _repeat(client: AsyncClient, console: Console) -> None:
    show_question(console, "What if the same question arrives twice, with one idempotency key?")
    key = new_key()
    first = await client.score_lead(lead=leads.PRIYA, idempotency_key=key)
    again = await client.score_lead(lead=leads.PRIYA, idempotency_key=key)
    same = first.SerializeToString() == again.SerializeToString()
    verdict = "[green]the first answer, byte for byte[/]" if same else "[red]another answer[/]"
    console.print(f"  {verdict}: decision {first.header.decision_id}, recorded once")


async def _bad_question(client: AsyncClient, console: Console) -> None:
    tomorrow = timestamp(NOW + timedelta(days=1))
    company = Company(employees=-3, annual_revenue=money("EUR", "-1"))
    twice = [Activity(id="x1", at=tomorrow)] * 2
    try:
        await client.score_lead(lead=Lead(company=company), activities=twice)
    except InvalidQuestion as error:
        show_violations(console, "And a question with several things wrong?", error)


async def _batch(client: AsyncClient, console: Console) -> None:
    show_question(
        console, f"{2 * BATCH} questions in one call, about one lead without an id among them?"
    )
    crowd = [Lead(id=f"00Q-{number}") for number in range(1, BATCH)]
    facts = [kind(lead=lead) for lead in (*crowd, Lead()) for kind in (ScoreFacts, QualifyFacts)]
    results = await client.batch_decide([question(fact) for fact in facts])
    refused = [result for result in results if isinstance(result, DealgateError)]
    answered = f"[green]{len(results) - len(refused)} answered[/], {len(refused)} refused"
    console.print(f"  {answered}: one bad question does not spoil the others")


async def _memory(client: AsyncClient, console: Console) -> None:
    show_question(console, "What do we know about Priya, and can it be proved?")
    newest = ""
    async for outline in client.list_decisions(entity=f"lead/{leads.PRIYA.id}"):
        newest = newest or outline.decision_id
        when = f"{outline.evaluated_at.ToDatetime():%H:%M:%S}"
        kind = f"{outline.kind}@{outline.rule_set_version}"
        console.print(f"  {when}  {kind:10} {outline.outcome:12} [dim]{outline.decision_id}[/]")
    recorded = await client.get_decision(newest)
    size = recorded.question.ByteSize(), recorded.answer.ByteSize()
    console.print(
        f"  [dim]the newest is kept whole: {size[0]} bytes of question, {size[1]} of answer[/]"
    )


async def _result(client: AsyncClient, console: Console) -> None:
    show_question(console, "Priya became a customer. What do we learn from it?")
    won, scored = ResultType.RESULT_TYPE_WON, 0
    happened = datetime.now(UTC)
    async for outline in client.list_decisions(entity=f"lead/{leads.PRIYA.id}", kind="score"):
        worth = money("EUR", "48000")
        await client.record_result(
            outline.decision_id, won, happened_at=happened, amount=worth, recorded_by="demo"
        )
        scored += 1
    effectiveness = await client.get_rule_effectiveness("score")
    base = effectiveness.base
    told = f"{base.numerator} of {base.denominator} known results are successes"
    console.print(f"  recorded for {scored} decisions; {told}, and they had in common:")
    for rule in effectiveness.rules[:3]:
        share = f"{rule.precision.numerator} of {rule.precision.denominator}"
        console.print(f"  {rule.rule_id:36} [dim]succeeded in {share}, too few to tell[/]")
