"""What a kind derives depends on the parameters that it names, and on no others."""

import pytest

from dealgate.kinds import KINDS
from tests.foresight.recording import cases
from tests.shipped import catalog


class Named:
    """Parameters of which only some may be read."""

    def __init__(self, parameters: object, names: tuple[str, ...]) -> None:
        """Show those of these names."""
        for name in names:
            setattr(self, name, getattr(parameters, name))


@pytest.mark.parametrize(
    "kind", sorted(name for name, kind in KINDS.items() if kind.derive_reads is not None)
)
def test_a_kind_derives_by_what_it_names(kind: str) -> None:
    """On the facts of shipped cases; another parameter cannot even be read."""
    one = KINDS[kind]
    newest = max((each for each in catalog().all() if each.kind == kind), key=lambda at: at.version)
    named = Named(newest.parameters, tuple(one.derive_reads or ()))
    for question in cases(kind):
        derived = one.known(question.facts, newest.parameters, question.as_of)
        assert one.known(question.facts, named, question.as_of) == derived
