"""Path transforms as callers write them: what can be wrong with them, and what they come to."""

from collections.abc import Iterable, Sequence

from dealgate.kinds.attribute.paths import BY_CHANNEL, CLEANED, TRIM, Transform, TransformName
from dealgate.kinds.attribute.terms import AttributeParameters
from dealgate.model import words
from dealgate.model.checks import required
from dealgate.model.errors import Violation
from dealgate.v1 import attribute_pb2 as pb

EXPOSURE = Transform("exposure")
NAMES: dict[int, TransformName] = {
    words.number_of(pb.PathTransformType, name): name for name in CLEANED
}


def transforms(facts: pb.AttributeFacts, parameters: AttributeParameters) -> Sequence[Transform]:
    """Return the transforms that hold: the caller's, else the rule set's."""
    if facts.path_transforms:
        return given(facts.path_transforms)
    own = [path_transform.transform for path_transform in parameters.path_transforms]
    return [EXPOSURE, *own] if parameters.drop_repeated_exposures else own


def given(messages: Iterable[pb.PathTransform]) -> list[Transform]:
    """Return what callers wrote, which has no violations."""
    return [Transform(NAMES[each.type], frozenset(each.channels), each.steps) for each in messages]


def transform_violations(path: str, messages: Iterable[pb.PathTransform]) -> list[Violation]:
    """Return everything wrong with the transforms at `path`."""
    violations: list[Violation] = []
    for index, message in enumerate(messages):
        violations += _violations(f"{path}[{index}]", message)
    return violations


def _violations(path: str, message: pb.PathTransform) -> list[Violation]:
    violations = required(f"{path}.type", message.type)
    name = NAMES.get(message.type)
    if bool(message.channels) != (name in BY_CHANNEL):
        names = " and ".join(each.upper() for each in BY_CHANNEL)
        violations.append(Violation(f"{path}.channels", f"belongs to {names}, which need it"))
    if message.HasField("steps") != (name == TRIM):
        words = f"belongs to {TRIM.upper()}, which needs it"
        violations.append(Violation(f"{path}.steps", words))
    return violations
