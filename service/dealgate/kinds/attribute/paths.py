"""Paths of channels: what they led to, and how they may be cleaned before they are divided.

The transforms and their names are those of Snowplow's attribution package; each says which
steps of a path stay, so that it serves journeys that a model learns from and touches of a deal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

TransformName = Literal[
    "exposure", "first", "remove_if_last_and_not_all", "remove_if_not_all", "trim_long_path"
]
BY_CHANNEL: tuple[TransformName, ...] = ("remove_if_last_and_not_all", "remove_if_not_all")
TRIM: TransformName = "trim_long_path"


@dataclass(frozen=True, slots=True)
class Path:
    """The channels that journeys passed in this order, how often, and what they came to.

    `value` is what its conversions earned, in any one unit.
    """

    channels: Sequence[str]
    conversions: int
    nulls: int
    value: Fraction


@dataclass(frozen=True, slots=True)
class Transform:
    """One way to clean a path; `channels` and `steps` belong to those that ask for them."""

    name: TransformName
    channels: frozenset[str] = frozenset()
    steps: int = 0


def kept(channels: Sequence[str], transform: Transform) -> list[int]:
    """Return the places in `channels` that stay, in order. A path never loses all its steps."""
    return CLEANED[transform.name](channels, transform)


def cleaned(channels: Sequence[str], transforms: Sequence[Transform]) -> list[str]:
    """Return what is left of `channels` after all `transforms`, one after the other."""
    left = list(channels)
    for transform in transforms:
        left = [left[index] for index in kept(left, transform)]
    return left


def _exposure(channels: Sequence[str], _: Transform) -> list[int]:
    indexes = range(len(channels))
    return [index for index in indexes if index == 0 or channels[index] != channels[index - 1]]


def _first(channels: Sequence[str], _: Transform) -> list[int]:
    return sorted({channel: index for index, channel in reversed([*enumerate(channels)])}.values())


def _trailing(channels: Sequence[str], transform: Transform) -> list[int]:
    others = [index for index, channel in enumerate(channels) if channel not in transform.channels]
    end = others[-1] + 1 if others else len(channels)
    return list(range(end))


def _everywhere(channels: Sequence[str], transform: Transform) -> list[int]:
    others = [index for index, channel in enumerate(channels) if channel not in transform.channels]
    return others or list(range(len(channels)))


def _trimmed(channels: Sequence[str], transform: Transform) -> list[int]:
    return list(range(max(len(channels) - transform.steps, 0), len(channels)))


CLEANED: dict[TransformName, Callable[[Sequence[str], Transform], list[int]]] = {
    "exposure": _exposure,
    "first": _first,
    "remove_if_last_and_not_all": _trailing,
    "remove_if_not_all": _everywhere,
    "trim_long_path": _trimmed,
}
