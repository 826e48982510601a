"""Processes that run the tests tell what did not go well, wherever it happened."""

from typing import Any

from tests.workers import briefly

WENT_WELL = {("setup", "passed"), ("teardown", "passed")}


def test_only_what_went_well_around_a_test_is_not_told() -> None:
    """A failure, or a skip, is told of whatever part of a test it happens in."""
    told: list[tuple[str, dict[str, Any]]] = []
    sending = briefly(lambda name, **with_: told.append((name, with_)))
    parts = [
        {"when": when, "outcome": outcome}
        for when in ("setup", "call", "teardown")
        for outcome in ("passed", "skipped", "failed")
    ]
    sending("logstart", nodeid="a")
    for part in parts:
        sending("testreport", data=part)
    sending("logfinish", nodeid="a")
    sending("runtest_protocol_complete", item_index=0)
    reports = [part for part in parts if (part["when"], part["outcome"]) not in WENT_WELL]
    assert told == [
        *(("testreport", {"data": part}) for part in reports),
        ("runtest_protocol_complete", {"item_index": 0}),
    ]
