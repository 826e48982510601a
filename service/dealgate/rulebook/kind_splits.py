"""Fields of a declared outcome that divide a whole, and what may be wrong with them."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from dealgate.model.declared_messages import Group
from dealgate.model.faults import Fault
from dealgate.model.properties import Property
from dealgate.model.splitting import Split
from dealgate.rulebook.document import Scalar
from dealgate.rulebook.faults import did_you_mean

SPLIT = "split"
FEWEST = 2


class Outcome(Protocol):
    """One field of an outcome, as kind.yaml has it."""

    @property
    def type(self) -> str:
        """What it holds."""

    @property
    def fold(self) -> str:
        """How many claims become one."""

    @property
    def among(self) -> Sequence[str]:
        """Of a split: its weights."""

    @property
    def whole(self) -> str | None:
        """Of a split of money: the path of the amount."""


def splits_of(fields: Mapping[str, Outcome]) -> Mapping[str, Split]:
    """Return what fields divide, by their names."""
    return {
        name: Split(tuple(field.among), field.whole or "")
        for name, field in fields.items()
        if field.fold == SPLIT
    }


def check_split(
    key: Scalar,
    field: Outcome,
    fields: Mapping[str, Outcome],
    paths: Mapping[str, Property | Group],
    faults: list[Fault],
) -> None:
    """A split names numbers that rules sum up, and an amount of the facts if it divides one."""
    subject = f"outcome.{key.value}"
    if field.fold != SPLIT:
        if field.among or field.whole is not None:
            message = f"{subject}: among and whole are of the fold split"
            faults.append(key.fault(message, "delete them"))
        return
    _check_among(key, field, fields, faults)
    if field.type != "decimal":
        _check_whole(key, field, paths, faults)
    elif field.whole is not None:
        message = f"{subject}: whole: a share is of type decimal, and an amount of type money"
        faults.append(key.fault(message, "write type: money, or delete whole"))


def _check_among(
    key: Scalar, field: Outcome, fields: Mapping[str, Outcome], faults: list[Fault]
) -> None:
    subject = f"outcome.{key.value}: among"
    known = [name for name, other in fields.items() if _is_weight(other)]
    strangers = [name for name in field.among if name not in known]
    if strangers:
        message = f"{subject}: '{strangers[0]}' is not a number that is summed, or a named fact"
        faults.append(key.fault(message, did_you_mean(strangers[0], known)))
    elif len({*field.among}) < max(len(field.among), FEWEST):
        message = f"{subject}: a whole is divided among at least {FEWEST}, each named once"
        faults.append(key.fault(message, "write for example [hunter, farmer]"))


def _check_whole(
    key: Scalar, field: Outcome, paths: Mapping[str, Property | Group], faults: list[Fault]
) -> None:
    path = field.whole or ""
    declared = paths.get(path)
    if isinstance(declared, Property) and declared.type == "money" and not declared.many:
        return
    amounts = [path for path, fact in paths.items() if getattr(fact, "type", "") == "money"]
    message = f"outcome.{key.value}: whole: '{path}' is not the path of an amount"
    faults.append(key.fault(message, did_you_mean(path, amounts)))


def _is_weight(field: Outcome) -> bool:
    return field.fold in {"sum", "fact"} and field.type in {"int", "decimal"}
