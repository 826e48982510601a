"""Results and insights as callers and operators meet them: a server, its journal, and a page."""

import datetime as dt
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dealgate.cli import app
from dealgate_client import (
    AsyncClient,
    Client,
    InvalidQuestion,
    Lead,
    Opportunity,
    ResultExists,
    ResultType,
    StageChange,
    money,
    timestamp,
)
from tests.serving.conftest import ROOT, Process, Start
from tests.shipped import folder_of

JUNE = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
GIT = "https://git.example"
WON = ResultType.RESULT_TYPE_WON
LOST = ResultType.RESULT_TYPE_LOST


def day(number: int) -> dt.datetime:
    """A day in June 2026, counted from 0."""
    return JUNE + dt.timedelta(days=number)


def deal(client: Client, name: str, result: ResultType.ValueType | None, amount: str) -> None:
    """A deal in its second stage, judged on day 10, and what came of it on day 20."""
    history = [
        StageChange(stage_name="Prospecting", at=timestamp(day(0))),
        StageChange(stage_name="Qualification", at=timestamp(day(4))),
    ]
    opportunity = Opportunity(
        id=name, stage_name="Qualification", created_at=timestamp(day(0)), history=history
    )
    answer = client.advance_stage(
        opportunity=opportunity, target_stage="Needs Analysis", as_of=day(10)
    )
    if result is not None:
        client.record_result(
            answer.header.decision_id,
            result,
            happened_at=day(20),
            amount=money("EUR", amount) if result == WON else None,
            recorded_by="crm",
        )


def reported(journal: Path, page: Path) -> Result:
    """Run `dealgate report`."""
    return CliRunner().invoke(app, ["report", "--journal", str(journal), "-o", str(page)])


@pytest.fixture
def process(start: Start, tmp_path: Path) -> Process:
    """A server that knows two deals that were won, one that was lost, and one that is open."""
    process = start(DEALGATE_RULES=str(folder_of(tmp_path, "qualify", "advance")))
    with Client(process.target, timeout=60) as client:
        for name, result in (("a", WON), ("b", WON), ("c", LOST), ("d", None)):
            deal(client, name, result, "100")
    with Client(process.target, tenant="other", timeout=60) as client:
        deal(client, "e", WON, "999")
    return process


async def test_what_became_of_decisions(
    process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results are kept once, insights are computed from them for one tenant, and drawn."""
    with Client(process.target, timeout=60) as client:
        velocity = client.get_velocity()
        stages = client.get_stage_conversion()
        times = client.get_time_in_stage(as_of=day(30)).stages
        rules = client.get_rule_effectiveness("advance")
        listed = {one.entity: one for one in client.list_decisions(kind="advance")}
        with pytest.raises(ResultExists):
            client.record_result(
                listed["opportunity/a"].decision_id, LOST, happened_at=day(20), recorded_by="crm"
            )
        leads = client.qualify_lead(lead=Lead(id="L1")).header
        assert client.get_lead_funnel().cohort[0].entered == 1
    assert (velocity.opportunities, velocity.win_rate.numerator) == (4, 2)
    assert (velocity.average_won.value.value, velocity.cycle_days.value.value) == ("100", "20")
    assert (velocity.per_day.units, velocity.per_day.nanos) == (13, 330_000_000)
    assert stages.cohort[0].stage == "Prospecting"
    assert (stages.cohort[0].entered, stages.cohort[0].passed) == (4, 4)
    assert (stages.cohort[-1].next_stage, stages.cohort[-1].passed) == ("Closed Won", 2)
    assert times[0].median_days.value.value == "4"
    assert (rules.base.numerator, rules.base.denominator) == (2, 3)
    assert rules.basis.fresh_to.ToNanoseconds() < leads.evaluated_at.ToNanoseconds()
    assert listed["opportunity/a"].result.type == WON
    assert not listed["opportunity/d"].HasField("result")
    page = tmp_path / "report.html"
    monkeypatch.setenv("DEALGATE_RULE_URL", f"{GIT}/{{path}}#L{{line}}")
    done = reported(process.journal, page)
    assert (done.exit_code, done.stderr) == (0, "")
    text = page.read_text()
    assert "EUR 13.33" in text
    assert "66.7 % (20.8 to 93.9 %), 2 of 3; few" in text
    assert text.count("<svg") >= 3
    assert "http" not in text.replace("http://www.w3.org", "").replace(f'href="{GIT}/', "")
    assert "src=" not in text
    rules_are_linked(text)
    await asked_by_another(process)


def rules_are_linked(page: str) -> None:
    """Each rule's name leads to the line that it begins on."""
    linked = re.findall(rf'<a href="{GIT}/([^"#]+)#L(\d+)">([^<]+)</a>', page)
    assert linked
    for file, line, rule in linked:
        assert f"id: {rule}" in (ROOT / file).read_text().splitlines()[int(line) - 1]


async def asked_by_another(process: Process) -> None:
    """A window and a tenant choose what counts; what is wrong with a request is all named."""
    async with AsyncClient(process.target, tenant="other", timeout=60) as client:
        assert (await client.get_velocity(currency_code="EUR")).won_amount.units == 999
        later = await client.get_velocity(since=day(21))
        assert later.win_rate.unknown_because == "nothing was won or lost in the window"
        assert not (await client.get_success_metrics()).HasField("start")
        assert (await client.get_quota_distribution()).sellers == 0
        assert (await client.get_forecast_accuracy()).overall.periods == 0
        with pytest.raises(InvalidQuestion) as caught:
            await client.get_velocity(since=day(2), before=day(1), currency_code="euro")
    assert {one.field for one in caught.value.violations} == {"window.before", "currency_code"}
