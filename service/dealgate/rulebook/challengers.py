"""The challenger of a line in releases.yaml: which version, for whom, on which terms."""

import re
from collections.abc import Sequence
from decimal import Decimal

from dealgate.model.challengers import Challenger
from dealgate.model.faults import Fault
from dealgate.model.money import exponent, minor_per_unit
from dealgate.model.rules import Release
from dealgate.rulebook.document import Fields, Node
from dealgate.rulebook.shapes import ChallengerShape

CAP = re.compile(r"([A-Z]{3}) ?(\d{1,15}(?:\.\d{1,4})?)")


def read_challenger(shape: ChallengerShape, node: Node, faults: list[Fault]) -> Challenger:
    """Return the challenger; a cap that is not an amount adds a fault."""
    cap, currency = None, ""
    if shape.money_cap is not None:
        amount = CAP.fullmatch(shape.money_cap.strip())
        minor = None if amount is None else _minor(amount[1], Decimal(amount[2]))
        if amount is None or minor is None:
            message = f"money_cap: '{shape.money_cap}' is not an amount above 0"
            faults.append(_at(node, "money_cap").fault(message, "write `money_cap: EUR 50000`"))
        else:
            cap, currency = minor, amount[1]
    return Challenger(
        shape.version,
        shape.sha256,
        shape.seed,
        shape.share,
        shape.planned,
        shape.matters,
        shape.window,
        cap,
        currency,
    )


def check_challengers(
    releases: Sequence[Release], nodes: Sequence[Node | None], faults: list[Fault]
) -> None:
    """Add a fault for a challenger that is its own champion, and for a seed of two experiments.

    A later line may give an experiment another share; other terms are another experiment, which
    needs a seed of its own, or it would meet the very same entities.
    """
    experiments: dict[str, tuple[object, ...]] = {}
    for release, node in zip(releases, nodes, strict=True):
        tried = release.challenger
        if tried is None or node is None:
            continue
        if tried.version == release.version:
            message = f"version: {tried.version} is the version that this line releases"
            faults.append(_at(node, "version").fault(message, "name the version to be tried"))
        known = experiments.setdefault(tried.seed, (release.version, *tried.terms))
        if known != (release.version, *tried.terms):
            message = f"seed: '{tried.seed}' names an earlier experiment on other terms"
            hint = "choose a new seed; only the share of an experiment may change"
            faults.append(_at(node, "seed").fault(message, hint))


def _minor(currency: str, amount: Decimal) -> int | None:
    """Return an amount in minor units; None: it is invalid, or 0."""
    if exponent(currency) is None:
        return None
    minor = amount * minor_per_unit(currency)
    return int(minor) if minor > 0 and minor == int(minor) else None


def _at(node: Node, key: str) -> Node:
    entry = node.get(key) if isinstance(node, Fields) else None
    return node if entry is None else entry
