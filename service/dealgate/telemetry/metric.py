"""What a metric is, as the registry declares it."""

from typing import Literal, NamedTuple


class Metric(NamedTuple):
    """A name, its instrument and unit, and its attributes in the order in which values come."""

    name: str
    instrument: Literal["counter", "gauge", "histogram"]
    unit: str
    brief: str
    attributes: tuple[str, ...]
