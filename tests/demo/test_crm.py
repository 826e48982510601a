"""`make crm`: both webhooks become decisions, once each, and come back signed."""

from pathlib import Path

from dealgate.assemble.process import run_loop
from dealgate.demo.crm import processed
from tests.flows.newest import LEAD, folder_of

MAPS = Path(__file__).parents[2] / "docs/crm"


def test_leads_come_in_and_decisions_go_out(tmp_path: Path) -> None:
    """One is verified, scored, qualified and routed; the other is not for sales yet."""
    events: list[dict[str, object]] = []

    async def take() -> None:
        rules = folder_of(tmp_path, *LEAD)
        events.extend(await processed(rules, MAPS, f"{tmp_path}/journal.db"))

    run_loop(take())
    answers = {event["subject"]: event["data"] for event in events}
    assert len(events) == 4
    assert len({event["id"] for event in events}) == 2
    hubspot, salesforce = answers["lead/512"], answers["lead/00Q5e000001AbCdEAK"]
    assert isinstance(hubspot, dict)
    assert isinstance(salesforce, dict)
    kinds = [step["kind"] for step in hubspot["header"]["steps"]]
    assert kinds[:4] == ["verify", "score", "qualify", "route"]
    assert hubspot["route"]["outcome"]["ownerId"] == "ann"
    assert salesforce["header"]["stop"] == "FLOW_STOP_NOT_FOR_SALES"
