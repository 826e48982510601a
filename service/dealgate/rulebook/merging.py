"""Fixtures under a case's own facts: keys are merged at every depth, `null` removes one."""

from collections.abc import Sequence

from dealgate.rulebook.document import Fields, Node, Scalar


def merged(layers: Sequence[Node]) -> Node:
    """Return the layers as one tree, later ones winning; every node keeps its own place."""
    result = layers[0]
    for layer in layers[1:]:
        result = _over(result, layer)
    return result


def _over(below: Node, above: Node) -> Node:
    if not isinstance(below, Fields) or not isinstance(above, Fields):
        return above
    result = {key.value: (key, value) for key, value in below}
    for key, value in above:
        under = result.get(key.value)
        result[key.value] = (key, _over(under[1], value) if under else value)
    kept = tuple(pair for pair in result.values() if not _removed(pair[1]))
    return Fields(above.source, above.start, kept)


def _removed(node: Node) -> bool:
    return isinstance(node, Scalar) and node.null
