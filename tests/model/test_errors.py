"""The tree of errors: complete, known by stable reasons, and fit to travel."""

import importlib
import pickle
import pkgutil
from collections.abc import Iterator
from inspect import signature

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

import dealgate
from dealgate.model import errors
from dealgate.model.changes import Diagnostic
from dealgate.model.errors import DealgateError, Violation
from dealgate.model.faults import Fault
from dealgate.model.rules import Location

# Said by one room to itself: nobody outside it catches or sees them.
SIGNALS = {
    "CelError",
    "ConnectionLost",
    "CurrenciesDiffer",
    "CellFault",
    "Exhausted",
    "ExpressionFaults",
    "JudgedAside",
    "Lost",
    "MissingFact",
    "NetworkUnusable",
    "NoKey",
    "NotAllocated",
    "NotCompilable",
    "NotOfType",
    "NotRead",
    "NotSaid",
    "NotSupposed",
    "Outrun",
    "Rejected",
    "TooHard",
    "Unconfirmed",
    "Unproved",
    "Unstartable",
    "Unsettled",
    "UnwritableFacts",
    "_DryRun",
    "_Refused",
    "_Strange",
    "_Wrong",
}
ABSTRACT = {"Later", "OperatorError", "Defect"}
VALUES = {
    "violations": st.lists(st.builds(Violation, st.text(), st.text()), min_size=1),
    "found": st.lists(
        st.builds(
            Diagnostic, st.builds(Location, st.text(), st.integers(), st.integers()), st.text()
        ),
        min_size=1,
    ),
    "faults": st.lists(
        st.builds(Fault, st.builds(Location, st.text(), st.integers(1), st.integers(1)), st.text()),
        min_size=1,
    ),
    "retry_after": st.floats(0, 1e6),
    "seconds": st.floats(0, 1e6),
    "megabytes": st.integers(0),
}


EXTRAS = {"pyarrow"}  # `make spark` installs it


def below(root: type[Exception]) -> Iterator[type[Exception]]:
    """Return every class of ours below `root`."""
    for error in root.__subclasses__():
        if error.__module__.startswith("dealgate."):
            yield error
        yield from below(error)


def all_of(root: type[Exception]) -> list[type[Exception]]:
    """Return every class of ours below `root`, in whatever module it lives."""
    for module in pkgutil.walk_packages(dealgate.__path__, "dealgate."):
        if not {"rete", "__main__", "migrations"} & set(module.name.split(".")):
            try:
                importlib.import_module(module.name)
            except ModuleNotFoundError as missing:
                if missing.name not in EXTRAS:
                    raise
    return list(dict.fromkeys(below(root)))


TREE = all_of(DealgateError)


def test_the_tree_is_whole() -> None:
    """Every error of ours is drawn in the tree's docstring, or is a signal inside one room."""
    outside = {error.__name__ for error in all_of(Exception)} - {e.__name__ for e in TREE}
    assert outside - {"DealgateError"} <= SIGNALS
    drawn = errors.__doc__ or ""
    missing = [e.__name__ for e in TREE if f" {e.__name__} " not in drawn]
    assert set(missing) <= ABSTRACT


def test_each_reason_is_its_own() -> None:
    """No two errors that a program may have to tell apart share a reason."""
    reasons = [error.__dict__.get("reason") for error in TREE if error.__name__ != "Later"]
    assert None not in reasons
    assert len(set(reasons)) == len(reasons)


@pytest.mark.parametrize("error", TREE, ids=lambda error: error.__name__)
@settings(max_examples=20)
@given(data=st.data())
def test_errors_travel(error: type[DealgateError], data: st.DataObject) -> None:
    """An error arrives in another process as it left: class, arguments, words, what it holds."""
    names = [name for name in signature(error.__init__).parameters if name != "self"]
    if names[0] == "args":
        names = ["message"]
    given_ = [data.draw(VALUES.get(name, st.text()), name) for name in names]
    sent = error(*given_)
    arrived = pickle.loads(pickle.dumps(sent))
    assert type(arrived) is error
    assert (arrived.args, str(arrived), vars(arrived)) == (sent.args, str(sent), vars(sent))
