"""Paths of a step's facts as the caller of its flow wrote them."""

from dealgate.flows.step import AnyStep


def in_flow(step: AnyStep, path: str) -> str:
    """Return where in the flow's request a fact of a step stands: "facts.lead.email"."""
    if path == "facts" or path.startswith("options."):
        return path
    for source, target in step.shared.items():
        rest = path.removeprefix(source)
        if path.startswith(source) and (not rest or rest[0] in ".["):
            return f"facts.{target}{rest}"
    return f"facts.{step.kind}.{path}"
