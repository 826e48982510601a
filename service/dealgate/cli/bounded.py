"""`--fail-over`, as commands read it."""

from dealgate.cli.shown import give_up
from dealgate.foresight.bounds import Bound, bound_of


def read_bound(text: str) -> Bound:
    """Return the bound that `text` says, or leave."""
    bound = bound_of(text)
    if bound is None:
        give_up(f"--fail-over '{text}': write a share, 2%, or an amount, \"EUR 50000\"")
    return bound
