"""Which engine judges rules: the settings name it."""

from collections.abc import Iterable
from typing import Protocol

from dealgate.engine.native import NativeEngine
from dealgate.judge import Engine
from dealgate.model.rules import AnyRuleSet


class Startable(Engine, Protocol):
    """An engine with a life of its own."""

    def prepare(self, ruleset: AnyRuleSet) -> object:
        """Compile a rule set ahead of the first question, or raise what is wrong with it."""

    def keep(self, rulesets: Iterable[AnyRuleSet]) -> None:
        """Discard what was compiled for any other rule set."""

    async def close(self) -> None:
        """Release processes and files."""


def make_engine(name: str) -> Startable:
    """Return the engine of that name."""
    if name == "rete":
        # Imported here alone: durable_rules is an optional extra.
        from dealgate.engine.rete.engine import ReteEngine  # noqa: PLC0415

        return ReteEngine()
    return NativeEngine()
