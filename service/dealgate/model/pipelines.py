"""Pipelines: the stages that deals go through, the gates between them, and which deals go where.

A stage has one definition. Gates stand before stages, and every move past a stage goes through its
gates, from wherever it comes: a stage that is put in between cannot slip past them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from dealgate.model.errors import Violation
from dealgate.model.terms import Days, Name, Percent, Terms
from dealgate.v1.opportunity_pb2 import Opportunity, OpportunityType

Category = Literal["omitted", "pipeline", "best_case", "most_likely", "commit", "closed"]
Gate = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,63}$")]
TypeName = Literal["new_business", "renewal", "expansion"]
PipelinesFrom = Annotated[
    int | None,
    Field(ge=1, description="Takes the pipelines of pipelines.v1.yaml, which kinds share, if 1"),
]


class Stage(Terms):
    """A stage, how a deal in it counts, and what a deal must have passed to be in it."""

    name: Name = Field(description="What facts call the stage: it is compared as it is written")
    probability: Percent = Field(description="How likely a deal in it is won, in percent")
    forecast_category: Category = Field(description="What deals in it count as in a forecast")
    closed: Literal["won", "lost"] | None = Field(default=None, description="How a deal ends here")
    gates: tuple[Gate, ...] = Field(
        default=(),
        description="Gates before the stage: every move into it or past it must pass them",
    )
    may_be_skipped: bool = Field(
        default=False, description="Whether a deal may move past it without having been in it"
    )
    pre_qualified: bool = Field(
        default=False, description="Before the deal is accepted: nothing comes back here"
    )
    max_days: Days | None = Field(default=None, description="How long a deal should stay, in days")


class PipelineTerms(Terms):
    """One way that deals go: open stages in their order, then closed ones."""

    types: tuple[TypeName, ...] = Field(
        (), description="Deals of these types go this way, unless they name a pipeline"
    )
    stages: Annotated[tuple[Stage, ...], Field(min_length=3)] = Field(
        description="In the order that deals go: open ones first, then closed ones"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        wrong = stage_fault(self.stages)
        if wrong:
            raise ValueError(wrong)
        return self


def stage_fault(stages: Sequence[Stage]) -> str | None:
    """Return what is wrong with the stages of a pipeline, or None."""
    names = [stage.name for stage in stages]
    ends = [stage.closed for stage in stages]
    if len(set(names)) < len(names):
        return "stages: two have the same name"
    if any(stage.closed and not next_.closed for stage, next_ in pairwise(stages)):
        return "stages: open ones come first, closed ones last"
    if ends[0] is not None or ends.count("won") != 1 or "lost" not in ends:
        return "stages: needs an open one, one that is won, and one that is lost"
    if any(stage.pre_qualified and stage.closed for stage in stages):
        return "stages: a closed one cannot be pre_qualified"
    gates = [gate for stage in stages for gate in stage.gates]
    if len(set(gates)) < len(gates):
        return "stages: a gate may precede only one stage"
    return None


@dataclass(frozen=True)
class Pipeline:
    """A pipeline by its name; "" if the rule set has one only."""

    name: str
    stages: Sequence[Stage]

    @cached_property
    def by_name(self) -> Mapping[str, Stage]:
        """The stages by their names."""
        return {stage.name: stage for stage in self.stages}

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """The place of each stage in the order."""
        return {stage.name: rank for rank, stage in enumerate(self.stages)}

    def passed(self, source: Stage, target: Stage) -> list[str]:
        """Return the gates that a move goes through, in their order; backward: none.

        Gates of closed stages are those of how a deal ends, and count for that end alone.
        """
        key = source.name, target.name
        gates = self._passed.get(key)
        if gates is None:
            gates = self._passed[key] = self._gates_between(source, target)
        return [*gates]

    @cached_property
    def _passed(self) -> dict[tuple[str, str], Sequence[str]]:
        """The gates of moves that were asked about: there are stages times stages."""
        return {}

    def _gates_between(self, source: Stage, target: Stage) -> Sequence[str]:
        if source.closed or source.name == target.name:
            return []
        first, last = self.ranks[source.name] + 1, self.ranks[target.name] + 1
        if target.closed == "lost":
            return [*target.gates]
        between = self.stages[first:last]
        between = [stage for stage in between if not stage.closed or stage.name == target.name]
        return [gate for stage in between for gate in stage.gates]

    def reached(self, stage: Stage) -> Sequence[str]:
        """Return the gates that a deal has passed to be in an open stage."""
        return self._reached[stage.name]

    @cached_property
    def _reached(self) -> Mapping[str, Sequence[str]]:
        reached, gates = dict[str, Sequence[str]](), list[str]()
        for stage in self.stages:
            gates += () if stage.closed else stage.gates
            reached[stage.name] = tuple(gates)
        return reached


@dataclass(frozen=True)
class Pipelines:
    """All pipelines of a rule set, and which one a deal goes through."""

    all: Mapping[str, Pipeline]
    by_type: Mapping[int, str]
    default: str

    def of(self, deal: Opportunity) -> Pipeline:
        """Return the pipeline of a deal: the one it names, else that of its type, else the usual.

        Raises KeyError if it names one that there is not.
        """
        return self.all[deal.pipeline or self.by_type.get(deal.type, self.default)]

    @cached_property
    def names(self) -> Sequence[str]:
        """The stages of every pipeline, each name once."""
        return [*dict.fromkeys(name for pipeline in self.all.values() for name in pipeline.by_name)]

    @cached_property
    def won(self) -> frozenset[str]:
        """The names that a stage which is won has in any pipeline."""
        stages = (stage for pipeline in self.all.values() for stage in pipeline.stages)
        return frozenset(stage.name for stage in stages if stage.closed == "won")

    def violations(self, path: str, deal: Opportunity) -> list[Violation]:
        """Return whether the deal at `path` names a pipeline that there is not."""
        if not deal.pipeline or deal.pipeline in self.all:
            return []
        names = ", ".join(filter(None, self.all)) or "there is one only, without a name"
        return [Violation(f"{path}.pipeline", f"is not a pipeline; the pipelines are: {names}")]


def pipelines_of(
    named: Mapping[str, PipelineTerms], default: str | None, single: Sequence[Stage]
) -> Pipelines:
    """Return the pipelines of a rule set that names them, or has a `single` one."""
    if not named:
        return Pipelines({"": Pipeline("", single)}, {}, "")
    by_type: dict[int, str] = {
        OpportunityType.Value(f"OPPORTUNITY_TYPE_{type_.upper()}"): name
        for name, terms in named.items()
        for type_ in terms.types
    }
    every = {name: Pipeline(name, terms.stages) for name, terms in named.items()}
    return Pipelines(every, by_type, default or next(iter(named)))


def pipelines_fault(
    named: Mapping[str, PipelineTerms],
    default: str | None,
    single: Sequence[object],
    taken_from: int | None = None,
) -> str | None:
    """Return what is wrong with how a rule set tells its pipelines, or None.

    With `taken_from` they stand in a file that could not be read, whose faults say why.
    """
    if taken_from is not None:
        return None
    if bool(named) == bool(single):
        return "give stages, or pipelines"
    if default is not None and default not in named:
        return "default_pipeline: is not one of pipelines"
    types = [type_ for terms in named.values() for type_ in terms.types]
    if len(set(types)) < len(types):
        return "pipelines: a type of deal goes through one only"
    return None


class PipelinesRead(Terms):
    """The stages that a kind's rules read: those of its only pipeline, or of pipelines by name."""

    stages: tuple[Stage, ...] = Field((), description="The only pipeline's")
    pipelines: Mapping[Name, PipelineTerms] = Field(
        default_factory=dict, description="Instead of stages, if deals go several ways"
    )
    pipelines_from: PipelinesFrom = None
    default_pipeline: Name | None = Field(
        None, description="The way of deals that name none and have no type; unset: the first"
    )

    @cached_property
    def ways(self) -> Pipelines:
        """The pipelines, by name."""
        return pipelines_of(self.pipelines, self.default_pipeline, self.stages)

    @model_validator(mode="after")
    def _stages_or_pipelines(self) -> Self:
        wrong = pipelines_fault(
            self.pipelines, self.default_pipeline, self.stages, self.pipelines_from
        )
        if wrong:
            raise ValueError(wrong)
        return self
