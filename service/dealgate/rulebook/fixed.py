"""A rule set's `fixed` and `changeable`: facts that cannot change, and those that can after all."""

from google.protobuf.descriptor import Descriptor

from dealgate.model.faults import Fault
from dealgate.model.fields import along
from dealgate.model.fixed import holds_fixed
from dealgate.rulebook.document import Fields, Items, Node, Scalar
from dealgate.rulebook.faults import did_you_mean


def check_fixed(document: Fields, facts: Descriptor, faults: list[Fault]) -> None:
    """Add a fault for each path that leads to no fact, or says what is so anyway.

    Each is the path of a fact, without the elements of lists.
    """
    fixed = _paths(document.get("fixed"), "fixed", facts, faults)
    changeable = _paths(document.get("changeable"), "changeable", facts, faults)
    for path, item in changeable.items():
        if path in fixed:
            message = f"changeable: '{path}' is listed under `fixed`, too"
            faults.append(item.fault(message, "list it once"))
        elif not holds_fixed(facts, path):
            message = f"changeable: nothing says that '{path}' cannot change"
            faults.append(item.fault(message, "delete this: it can change as it is"))


def _paths(
    node: Node | None, key: str, facts: Descriptor, faults: list[Fault]
) -> dict[str, Scalar]:
    """Return the paths that lead to a fact."""
    paths: dict[str, Scalar] = {}
    for item in node.items if isinstance(node, Items) else ():
        if not isinstance(item, Scalar):
            continue
        path = item.value.strip()
        steps = path.split(".")
        fields = along(facts, steps)
        if len(fields) == len(steps):
            paths[path] = item
            continue
        within = fields[-1].message_type if fields else facts
        name, known = steps[len(fields)], {} if within is None else within.fields_by_name
        holder = fields[-1].name if within is None else within.name
        message = f"{key}: {holder} has no field '{name}'"
        faults.append(item.fault(message, did_you_mean(name, known)))
    return paths
