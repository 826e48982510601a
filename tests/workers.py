"""Processes that run the tests, for `pytest -n 2 --dist loadgroup`: what they tell each other.

pytest-xdist sends six messages a test and counts through all that is done whenever a test ends. Of
ten thousand tests that is a second for every thirty that they take themselves.
"""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from xdist.scheduler.loadgroup import LoadGroupScheduling


class Groups(LoadGroupScheduling):  # type: ignore[misc]  # it has no types
    """Groups of tests, each dealt out whole; a test that has ended is forgotten."""

    def add_node_collection(self, node: Any, collection: Sequence[str]) -> None:
        """Take the tests that a process has collected, and where each stands among them."""
        super().add_node_collection(node, collection)
        self._places = {test: place for place, test in enumerate(collection)}

    def mark_test_complete(self, node: Any, item_index: int, _seconds: float = 0) -> None:
        """Forget a test that has ended, and send more if little is left."""
        test = self.registered_collections[node][item_index]
        group = self._split_scope(test)
        left = self.assigned_work[node]
        del left[group][test]
        if not left[group]:
            del left[group]
        self._reschedule(node)

    def _assign_work_unit(self, node: Any) -> None:
        group, tests = self.workqueue.popitem(last=False)
        self.assigned_work[node][group] = tests
        node.send_runtest_some([self._places[test] for test in tests])


def tell_less(config: pytest.Config) -> None:
    """Tell of a test how it went, and of what surrounds it only what did not go well.

    Who measures (`--durations`) or writes a report (`--junit-xml`) is told everything.
    """
    if config.getoption("durations") or config.getoption("xmlpath"):
        return
    workers = [p for p in config.pluginmanager.get_plugins() if hasattr(p, "sendevent")]
    for worker in workers:
        worker.sendevent = briefly(worker.sendevent)


def briefly(send: Callable[..., None]) -> Callable[..., None]:
    """Return what sends as `send` does, but nothing of what went well around a test."""

    def sending(name: str, **told: Any) -> None:
        report = told.get("data", {})
        around = name == "testreport" and report["when"] != "call"
        if name not in {"logstart", "logfinish"} and not (around and report["outcome"] == "passed"):
            send(name, **told)

    return sending
