"""Cases that read a parameter are asked first whether they notice that it was disturbed."""

from pydantic import BaseModel

from dealgate.cases.mutation.mutants import mutants
from dealgate.cases.mutation.reads import Watched
from dealgate.cases.mutation.survivors import Bench
from dealgate.kinds import KINDS
from tests.shipped import newest_cases


class Tier(BaseModel):
    """Part of parameters."""

    least: int
    most: int = 9


class Parameters(BaseModel):
    """Parameters with models in a list and in a mapping."""

    tiers: tuple[Tier, ...]
    named: dict[str, Tier]


def test_what_is_read_is_noted_by_its_path() -> None:
    """Fields of models in lists and mappings have paths of their own; what is equal stays so."""
    one = Parameters(tiers=(Tier(least=1), Tier(least=2)), named={"gold": Tier(least=3)})
    watched = Watched(one)
    with watched.reading() as read:
        assert watched.parameters.model_dump() == one.model_dump()
        assert watched.parameters.tiers[1].least == 2
        assert watched.parameters.named["gold"].most == 9
    assert read == {("tiers",), ("tiers", 1, "least"), ("named",), ("named", "gold", "most")}
    assert watched.is_read(("tiers", 1, "least"), read)
    assert not watched.is_read(("tiers", 0, "least"), read)
    with watched.reading() as later:
        pass
    assert later == set()


def test_fewer_cases_are_asked() -> None:
    """A parameter that few cases read is tried with those, and the same mutants survive."""
    file = newest_cases("convert")
    bench = Bench(KINDS["convert"], file)
    disturbed = [one for one in mutants(file.ruleset) if one.part == "parameters"]
    for mutant in disturbed:
        first, *_ = bench._tried(mutant)
        assert bench._concerned(mutant)(*first)
    all_asked = {one.identity for one in disturbed if bench.noticed(one, file.cases) is None}
    survivors = {one.identity for one in bench.survey().survivors if one.part == "parameters"}
    assert survivors == all_asked
