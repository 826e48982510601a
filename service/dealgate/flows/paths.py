"""Paths of a step's facts as the caller of its flow wrote them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dealgate.flows.step import AnyStep
from dealgate.model.from_state import FromState


def in_flow(step: AnyStep, path: str) -> str:
    """Return where in the flow's request a fact of a step stands: "facts.lead.email"."""
    if path == "facts" or path.startswith("options."):
        return path
    for source, target in step.shared.items():
        rest = path.removeprefix(source)
        if path.startswith(source) and (not rest or rest[0] in ".["):
            return f"facts.{target}{rest}"
    return f"facts.{step.kind}.{path}"


def of_step(step: AnyStep, known: Sequence[FromState]) -> tuple[FromState, ...]:
    """Return which facts of a step the server knew, of those that it added to the flow's."""
    told = (replace(facts, paths=tuple(sorted(_below(step, facts.paths)))) for facts in known)
    return tuple(facts for facts in told if facts.paths)


def _below(step: AnyStep, paths: Sequence[str]) -> Iterator[str]:
    """Yield where facts of the flow stand in the step's: those that it shares, and its own."""
    for path in paths:
        for target, source in (*step.shared.items(), ("", step.kind)):
            rest = path.removeprefix(source)
            if path.startswith(source) and (not rest or rest[0] in ".["):
                yield f"{target}{rest}" if target else rest.removeprefix(".")
