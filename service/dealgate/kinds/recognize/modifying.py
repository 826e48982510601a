"""Modifying: how a change of the contract moves what its obligations earn (25-10 to 25-13)."""

from collections.abc import Sequence
from fractions import Fraction

from dealgate.kinds.recognize.allocation import NotAllocated, divided, proportional, weights_of
from dealgate.kinds.recognize.change import Change
from dealgate.kinds.recognize.contract import Contract
from dealgate.kinds.recognize.patterns import is_metered
from dealgate.kinds.recognize.pieces import total
from dealgate.kinds.recognize.prospective import prospective
from dealgate.kinds.recognize.tracks import Track, Tracks, laid
from dealgate.model.ratio import Ratio
from dealgate.model.rounding import largest_remainder


def modified(contract: Contract, tracks: Tracks, number: int) -> Tracks:
    """Return the tracks after the modification at `number`, by the treatment of its rule.

    Raises NotAllocated if the price has nobody to go to, or is more than there is to take back.
    """
    treatment = contract.claims.treatments.get(number)
    if treatment is None:
        raise NotAllocated("TREATMENT_UNKNOWN", [f"modifications[{number}]"])
    change = Change(contract, tracks, number)
    if treatment[0] == "separate_contract":
        return tracks | separate(change)
    if treatment[0] == "prospective":
        return tracks | prospective(change)
    return tracks | caught_up(change)


def separate(change: Change) -> Tracks:
    """What is added is a contract of its own; the old one stays as it is (25-12)."""
    added = change.added()
    if not added:
        raise NotAllocated("NOTHING_ADDED", [f"{change.path}.added_line_ids"])
    if any(index in change.tracks for index in added):
        raise NotAllocated("ADDED_NOT_DISTINCT", [f"{change.path}.added_line_ids"])
    if change.price < 0:
        raise NotAllocated("MORE_THAN_REMAINS", [f"{change.path}.price_change"])
    priced = [index for index in added if not is_metered(change.line(index))] or added
    parts = divided(change.price, weights_of(change.contract, priced))
    return {index: _as_if(change, index, Ratio(parts.get(index, 0))) for index in added}


def caught_up(change: Change) -> Tracks:
    """All is as if it had been so from the start; the difference falls on the day (25-13b)."""
    scope = [index for index in change.scope() if not is_metered(change.line(index))]
    if not scope:
        return change.metered()
    own = {index: total(piece for piece in change.pieces(index) if piece.own) for index in scope}
    exact = _amounts(change, scope)
    # A credit may have left either part broken; what both are together is whole.
    whole = largest_remainder([exact[index] + own[index] for index in scope])
    return {
        index: _as_if(change, index, amount - own[index])
        for index, amount in zip(scope, whole, strict=True)
    }


def _amounts(change: Change, scope: Sequence[int]) -> dict[int, Fraction]:
    """Return what each obligation is worth after a catch-up, but for what is its own."""
    old = {
        index: total(piece for piece in change.pieces(index) if not piece.own) for index in scope
    }
    whole = sum(old.values(), Ratio(change.price))
    if whole < 0:
        raise NotAllocated("MORE_THAN_REMAINS", [f"{change.path}.price_change"])
    same = not change.facts.changes and not change.added()
    if same and any(old.values()):
        return proportional(whole, {index: abs(amount) for index, amount in old.items()})
    prices = weights_of(change.contract, scope)
    grown = {index: price * change.growth(index) for index, price in prices.items()}
    return proportional(whole, grown)


def _as_if(change: Change, index: int, amount: Fraction) -> Track:
    """Return the obligation as if it had been worth this, and its own, from the start."""
    contract, line = change.contract, change.line(index)
    own = total(piece for piece in change.pieces(index) if piece.own)
    pieces = laid(contract, line, index, amount, day=change.known)
    pieces += laid(contract, line, index, own, own=True, day=change.known)
    return change.grafted(index, pieces)
