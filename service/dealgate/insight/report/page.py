"""The page: every insight of one tenant, computed, drawn and laid out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dealgate.insight.answering import INSIGHTS
from dealgate.insight.report import plots, words
from dealgate.insight.traffic import Read, Traffic
from dealgate.model.shown import shown_in_html
from dealgate.v1 import insight_pb2 as pb


@dataclass(frozen=True, slots=True)
class ReportScope:
    """What a page is about: whose journal, which time, and the pipeline's stages."""

    journal: str
    tenant: str
    window: pb.InsightWindow
    stages: Sequence[str]
    kinds: Sequence[str]
    currency: str = ""
    # Where a rule's line can be read, by kind and id; those that are not here have no link.
    links: Mapping[tuple[str, str], str] = field(default_factory=dict)


def page(asked: ReportScope, read: Read, now: int) -> str:
    """Return the page as HTML; raises TooMuch."""
    computed = _computed(asked, read, now)
    effects = {kind: _effects(asked, kind, read, now) for kind in asked.kinds}
    told = {kind: effect for kind, effect in effects.items() if effect.base.denominator}
    environment = Environment(
        loader=PackageLoader("dealgate.insight.report"),
        autoescape=True,
        finalize=shown_in_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": words.percent,
        "measured": words.measured,
        "as_percent": words.as_percent,
        "amount": words.amount,
        "ratio": words.ratio,
        "instant": _instant,
    }
    template = environment.get_template("report.html.j2")
    return template.render(asked=asked, effects=told, plots=_plots(computed, told), **computed)


def _computed(asked: ReportScope, read: Read, now: int) -> dict[str, Any]:
    """Compute every insight but those of rules, by the name of its RPC."""
    return {
        name: _answer(asked, name, read, now) for name in INSIGHTS if name != "GetRuleEffectiveness"
    }


def _answer(asked: ReportScope, name: str, read: Read, now: int, **more: str) -> Any:
    insight = INSIGHTS[name]
    fields = insight.request.DESCRIPTOR.fields_by_name
    given: dict[str, Any] = {"window": asked.window, **more}
    if "stages" in fields:
        given["stages"] = asked.stages
    if "currency_code" in fields:
        given["currency_code"] = asked.currency
    return insight.compute(insight.request(**given), Traffic(read), now)


def _effects(
    asked: ReportScope, kind: str, read: Read, now: int
) -> pb.GetRuleEffectivenessResponse:
    effects: pb.GetRuleEffectivenessResponse = _answer(
        asked, "GetRuleEffectiveness", read, now, kind=kind
    )
    return effects


def _plots(
    values: Mapping[str, Any], effects: Mapping[str, pb.GetRuleEffectivenessResponse]
) -> dict[str, Markup]:
    """Draw what there is to draw; a plot that would be empty is left out."""
    funnel, stages = values["GetLeadFunnel"], values["GetStageConversion"]
    times, accuracy = values["GetTimeInStage"].stages, values["GetForecastAccuracy"]
    quotas, success = values["GetQuotaDistribution"], values["GetSuccessMetrics"]
    wanted: dict[str, tuple[object, Callable[[], str]]] = {
        "funnel": (_entered(funnel.cohort), lambda: plots.passing(funnel.cohort)),
        "stages": (_entered(stages.cohort), lambda: plots.passing(stages.cohort)),
        "times": (
            any(time.median_days.HasField("value") for time in times),
            lambda: plots.durations(times),
        ),
        "forecasts": (accuracy.pairs, lambda: plots.forecasts(accuracy.pairs)),
        "quotas": (quotas.ranking, lambda: plots.attainment(quotas.ranking)),
        "retention": (success.HasField("start"), lambda: plots.retention(success)),
    }
    drawn = {name: draw() for name, (there, draw) in wanted.items() if there}
    for kind, effect in effects.items():
        if any(rule.precision.HasField("value") for rule in effect.rules):
            drawn[f"rules {kind}"] = plots.precisions(effect.rules, effect.base)
    # Our own SVG, with every text drawn as a path.
    return {name: Markup(svg) for name, svg in drawn.items()}  # noqa: S704


def _entered(stages: Sequence[pb.StageConversion]) -> bool:
    return any(stage.entered for stage in stages)


def _instant(instant: Timestamp) -> str:
    return f"{instant.ToDatetime():%Y-%m-%d %H:%M} UTC"
