"""Which rules fire, asked of durable_rules and of the native engine."""

import importlib.util
import sys
from collections.abc import Iterable, Sequence

from google.protobuf.message import Message

from dealgate.engine.rete.projection import Compiled, Input, compile_rete
from dealgate.engine.rete.worker import LOG, RETRY_AFTER, CannotBuild, Worker
from dealgate.model.decision import AnyEvidence
from dealgate.model.errors import RuleSetUnusable, Unavailable
from dealgate.model.rules import AnyRuleSet

SEMANTICS = "rete/1"


class ReteEngine:
    """Fires rule sets in a child process; one engine serves one event loop."""

    name = SEMANTICS

    def __init__(self, worker: "Worker | None" = None) -> None:
        """Raises ModuleNotFoundError if durable_rules is not there; starts no process yet."""
        require_durable_rules()
        self._worker = worker or Worker()
        self._compiled: dict[str, Compiled] = {}
        self._rejected: dict[str, str] = {}

    def prepare(self, ruleset: AnyRuleSet) -> Compiled:
        """Compile and lint a rule set once; raises RuleSetUnusable."""
        key = _key(ruleset)
        if key in self._rejected:
            raise RuleSetUnusable(ruleset.name, self._rejected[key])
        compiled = self._compiled.get(key)
        if compiled is None:
            compiled = self._compiled[key] = compile_rete(ruleset)
        return compiled

    def keep(self, rulesets: Iterable[AnyRuleSet]) -> None:
        """Let go of all other programs; one that is fired all the same is compiled again.

        The child process lets go of their networks when it is replaced, as it is now and then.
        """
        kept = {_key(ruleset) for ruleset in rulesets}
        self._compiled = {key: one for key, one in self._compiled.items() if key in kept}
        self._rejected = {key: why for key, why in self._rejected.items() if key in kept}

    async def fire(
        self, ruleset: AnyRuleSet, facts: Message, as_of: int, *, explain: bool
    ) -> AnyEvidence:
        """Judge every rule on these facts; see decide.Engine."""
        compiled = self.prepare(ruleset)
        program = compiled.program
        judgements, values = program.judge(facts, as_of)
        fired = await self._ask(ruleset, compiled, compiled.inputs(facts, as_of))
        differing = compiled.expected(judgements) ^ fired
        if differing:
            await self._reject(ruleset, sorted({rule for rule, _ in differing}))
        explained = program.explainer.explain(facts, as_of) if explain else ()
        return program.evidence(judgements, values, explained)

    async def close(self) -> None:
        """End the child process, after the call in flight."""
        await self._worker.close()

    async def _ask(
        self, ruleset: AnyRuleSet, compiled: Compiled, inputs: Sequence[Input]
    ) -> set[tuple[int, int | None]]:
        if not inputs:
            return set()
        networks = [network.conditions for network in compiled.networks]
        try:
            names = await self._worker.judge(_key(ruleset), networks, inputs)
        except CannotBuild as error:
            self._rejected[_key(ruleset)] = str(error)
            raise RuleSetUnusable(ruleset.name, str(error)) from None
        return {
            (int(name[1:]), asked.element)
            for asked, rules in zip(inputs, names, strict=True)
            for name in rules
        }

    async def _reject(self, ruleset: AnyRuleSet, rules: Sequence[int]) -> None:
        ids = ", ".join(ruleset.rules[rule].id for rule in rules)
        LOG.error("durable_rules and the native engine differ on %s: %s", ruleset.name, ids)
        reason = f"two engines judged rules differently ({ids}); decide with the engine native"
        self._rejected[_key(ruleset)] = reason
        await self._worker.close()
        raise Unavailable(f"{ruleset.name}: {reason}", RETRY_AFTER)


def require_durable_rules() -> None:
    """Raise ModuleNotFoundError, with the cure, if the library cannot be loaded."""
    if sys.version_info >= (3, 13):
        raise ModuleNotFoundError(
            "the engine rete needs durable_rules, which Python 3.13 cannot load:"
            " use Python 3.11 or 3.12, or the engine native"
        )
    if importlib.util.find_spec("durable_rules_engine") is None:
        raise ModuleNotFoundError("the engine rete needs durable_rules: pip install dealgate[rete]")


def _key(ruleset: AnyRuleSet) -> str:
    return f"{ruleset.name}:{ruleset.digest}"
