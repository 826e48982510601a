"""In which order the keys of a file are written, whatever sort of file it is."""

from collections.abc import Sequence

from dealgate.rulebook.key_orders import key_order
from dealgate.signals.file_shapes import ORDERS


def order_of(sort: str, path: Sequence[str | int]) -> tuple[str, ...]:
    """Return the keys at `path` in the order they are written; empty where that is free.

    `sort` is what `sort_of` says of the file.
    """
    shape = ORDERS.get((sort, tuple("*" if isinstance(step, int) else step for step in path)))
    if shape is None:
        return key_order(sort, path)
    return tuple(field.alias or name for name, field in shape.model_fields.items())
