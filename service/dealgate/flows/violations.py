"""What can be wrong with the question of a flow, before any of its steps is asked."""

from collections.abc import Iterator, Sequence
from typing import Any

from dealgate.flows.step import AnyFlow, AnyStep
from dealgate.model.errors import Violation
from dealgate.model.flow import FlowQuestion


def violations(flow: AnyFlow, asked: FlowQuestion) -> Sequence[Violation]:
    """Return everything that is wrong with the options, and facts that the flow fills in itself."""
    chosen = flow.chosen(asked.steps)
    return [
        *asked.violations,
        *_steps(flow, asked),
        *(
            violation
            for step in chosen
            for violation in _filled(step, {s.kind for s in chosen}, asked)
        ),
    ]


def _steps(flow: AnyFlow, asked: FlowQuestion) -> Iterator[Violation]:
    kinds = [step.kind for step in flow.steps]
    known = ", ".join(kinds)
    for index, kind in enumerate(asked.steps):
        if kind not in kinds:
            wrong = f"is not a step of this flow; the steps are: {known}"
            yield Violation(f"options.steps[{index}]", wrong)
        elif kind in asked.steps[:index]:
            yield Violation(f"options.steps[{index}]", "is named twice")
    for index, kind in enumerate(asked.versions):
        if kind not in (asked.steps or kinds):
            wrong = f"is not a step that is taken; the steps are: {known}"
            yield Violation(f"options.rule_set_versions[{index}].kind", wrong)


def _filled(step: AnyStep, kinds: set[str], asked: FlowQuestion) -> Iterator[Violation]:
    facts: Any = getattr(asked.facts, step.kind)
    if step.kind == "inspect" and len(facts.deals) > 1:
        yield Violation("facts.inspect.deals", "has more than one entry: a flow is about one deal")
    for path, source in step.shared.items():
        if _is_told(facts, path):
            wrong = f"is filled in from facts.{source}; leave it out"
            yield Violation(f"facts.{step.kind}.{path}", wrong)
    for path, earlier in step.told_by.items():
        if earlier in kinds and _is_told(facts, path):
            wrong = f"is filled in by the step {earlier}; leave out the fact, or the step"
            yield Violation(f"facts.{step.kind}.{path}", wrong)


def _is_told(facts: Any, path: str) -> bool:
    """Whether the fact at this path is given: "lead", or "deals[0].opportunity"."""
    name, first, below = path.partition("[0].")
    if first:
        elements = getattr(facts, name)
        return bool(elements) and _is_told(elements[0], below)
    return name in {field.name for field, _ in facts.ListFields()}
