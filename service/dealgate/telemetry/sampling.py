"""Which traces are recorded: the samplers that OTEL_TRACES_SAMPLER names."""

from dealgate.telemetry.spans import Parent, Sampler

ALWAYS_ON, ALWAYS_OFF, RATIO = "always_on", "always_off", "traceidratio"
BY_PARENT = "parentbased_"
SAMPLERS = (
    ALWAYS_ON,
    ALWAYS_OFF,
    RATIO,
    BY_PARENT + ALWAYS_ON,
    BY_PARENT + ALWAYS_OFF,
    BY_PARENT + RATIO,
)
LOWEST_64_BITS = 8  # bytes of a trace id that a ratio looks at


def sampler(name: str, ratio: float) -> Sampler | None:
    """Return the sampler of that name; None records everything."""
    if name.startswith(BY_PARENT):
        return by_parent(sampler(name.removeprefix(BY_PARENT), ratio))
    if name == ALWAYS_ON:
        return None
    bound = 0 if name == ALWAYS_OFF else round(ratio * 2**64)
    return lambda trace_id, _: int.from_bytes(trace_id[-LOWEST_64_BITS:]) < bound


def _never(trace_id: bytes, parent: Parent | None) -> bool:
    del trace_id, parent
    return False


def by_parent(
    root: Sampler | None, sampled: Sampler | None = None, unsampled: Sampler | None = _never
) -> Sampler:
    """Return the sampler that asks one of these: by a caller's choice, or `root` without one."""

    def ask(trace_id: bytes, parent: Parent | None) -> bool:
        chosen = root if parent is None else sampled if parent.sampled else unsampled
        return chosen is None or chosen(trace_id, parent)

    return ask
