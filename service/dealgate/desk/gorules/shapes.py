"""The types of a graph's facts, as the tests in its file show them."""

from collections.abc import Iterable, Mapping, Sequence

from dealgate.desk.gorules.terms import OURS, Group, ListOf, Shape, Unknown, snake


def shown(values: Iterable[object]) -> Shape:
    """Return the shape that all of these have; unknown, if they have several."""
    shapes = [_shape(each) for each in values if each is not None]
    return together(shapes)


def together(shapes: Sequence[Shape]) -> Shape:
    """Return one shape for several of the same fact."""
    known = [each for each in shapes if not isinstance(each, Unknown)]
    if not known:
        return Unknown()
    first = known[0]
    if all(isinstance(each, Group) for each in known):
        names = dict.fromkeys(n for each in known if isinstance(each, Group) for n in each.parts)
        return Group({n: together(_named(known, n)) for n in names})
    if all(isinstance(each, ListOf) for each in known):
        return ListOf(together([each.of for each in known if isinstance(each, ListOf)]))
    return first if all(each == first for each in known) else Unknown()


def _named(shapes: Sequence[Shape], name: str) -> Sequence[Shape]:
    return [each.parts[name] for each in shapes if isinstance(each, Group) and name in each.parts]


def _shape(value: object) -> Shape:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return ListOf(shown(value))
        case Mapping():
            return Group({str(name): shown([each]) for name, each in value.items()})
    return Unknown()


def declared(group: Group, indent: int) -> list[str]:
    """Return the lines that declare a group's facts; of unknown types, none."""
    lines = list[str]()
    for name, shape in group.parts.items():
        lines += _declared(snake(name), name, shape, indent)
    return lines


def _declared(name: str, was: str, shape: Shape, indent: int) -> list[str]:
    at = " " * indent
    match shape:
        case Group() if shape.parts:
            inner = declared(shape, indent + 2)
            return [f"{at}{name}:", *inner] if inner else []
        case ListOf(Group() as of):
            inner = declared(of, indent + 4)
            return [f"{at}{name}:", f"{at}  list_of:", *inner] if inner else []
        case ListOf(str() as of):
            return [f"{at}{name}: {{type: list({OURS[of]}), because: As `{was}` in GoRules.}}"]
        case str():
            return [f"{at}{name}: {{type: {OURS[shape]}, because: As `{was}` in GoRules.}}"]
    return []


def renamed(value: object) -> object:
    """Return facts as they are called here."""
    match value:
        case Mapping():
            return {snake(str(name)): renamed(each) for name, each in value.items()}
        case list():
            return [renamed(each) for each in value]
    return value
