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
    known = [name for name, other in fields.items() if _is_weight(other)]
    strangers = [name for name in field.among if name not in known]
    if strangers:
        message = (
            f"{subject}: among: '{strangers[0]}' is not a number that is summed, or a named fact"
        )
        faults.append(key.fault(message, did_you_mean(strangers[0], known)))
    elif len({*field.among}) < max(len(field.among), FEWEST):
        message = f"{subject}: among: a whole is divided among at least {FEWEST}, each named once"
        faults.append(key.fault(message, "write for example [hunter, farmer]"))
    if field.type == "decimal":
        if field.whole is not None:
            message = f"{subject}: whole: a share is of type decimal, and an amount of type money"
            faults.append(key.fault(message, "write type: money, or delete whole"))
        return
    of = paths.get(field.whole or "")
    if not isinstance(of, Property) or of.type != "money" or of.many:
        message = f"{subject}: whole: '{field.whole or ''}' is not the path of an amount"
        amounts = [
            path for path, declared in paths.items() if getattr(declared, "type", "") == "money"
        ]
        faults.append(key.fault(message, did_you_mean(field.whole or "", amounts)))


def _is_weight(field: Outcome) -> bool:
    return field.fold in {"sum", "fact"} and field.type in {"int", "decimal"}
