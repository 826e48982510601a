"""Plots of insights, as SVG: each shows what the table beside it says."""

from collections.abc import Sequence
from typing import Any

from google.type.decimal_pb2 import Decimal
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from dealgate.insight.report.figures import BAD, GOOD, INK, OPEN, figure_of
from dealgate.insight.report.words import amount_of
from dealgate.model.shown import visible
from dealgate.v1 import insight_pb2 as pb

MOST_RULES = 20
NAME_LENGTH = 34


def passing(stages: Sequence[pb.StageConversion]) -> str:
    """Draw, for each stage, how many passed on, ended and are open."""
    with figure_of(0.42 * len(stages) + 1.1) as (axes, drawn):
        indexes = range(len(stages))
        names = [_short(stage.stage) for stage in stages]
        left = [0] * len(stages)
        for part, colour in (("passed", GOOD), ("ended", BAD), ("open", OPEN)):
            widths = [getattr(stage, part) for stage in stages]
            axes.barh(indexes, widths, left=left, color=colour, label=part, height=0.62)
            left = [a + b for a, b in zip(left, widths, strict=True)]
        _named(axes, names)
        _whole(axes)
        _legend(axes, 3)
    return drawn.text


def durations(stages: Sequence[pb.StageTime]) -> str:
    """Draw the median of each stage, from quartile to quartile."""
    shown = [stage for stage in stages if stage.median_days.HasField("value")]
    known = [_number(value) for stage in shown for value in _quartiles(stage)]
    edge = max([*known, 1]) * 1.15
    with figure_of(0.42 * len(shown) + 1.0) as (axes, drawn):
        for index, one in enumerate(shown):
            low, mid, *high = map(_number, _quartiles(one))
            axes.plot([low, high[0] if high else edge], [index] * 2, color=GOOD, linewidth=2)
            axes.plot(mid, index, "o", color=GOOD, markersize=8)
            if not high:  # not known yet: it goes on
                axes.plot(edge, index, ">", color=GOOD, markersize=8, clip_on=False)
        _named(axes, [_short(stage.stage) for stage in shown])
        axes.set_xlim(0, edge)
        axes.set_xlabel("days: median, and first to third quartile; an arrow: not reached yet")
    return drawn.text


def _quartiles(stage_time: pb.StageTime) -> list[Decimal]:
    """Return those that are known, which come in their order."""
    quartiles = (stage_time.p25_days, stage_time.median_days, stage_time.p75_days)
    return [measured.value for measured in quartiles if measured.HasField("value")]


def forecasts(pairs: Sequence[pb.ForecastPair]) -> str:
    """Draw each forecast beside its actual; on the line it was right."""
    with figure_of(3.6) as (axes, drawn):
        actual = [amount_of(pair.actual) for pair in pairs]
        said = [amount_of(pair.forecast) for pair in pairs]
        top = max([*actual, *said, 1]) * 1.06
        low = min([*actual, *said, 0]) * 1.06
        axes.plot([low, top], [low, top], color="#888888", linewidth=1, linestyle="--")
        axes.scatter(actual, said, color=GOOD, s=28, alpha=0.75, edgecolors="white", zorder=3)
        axes.set_xlim(low, top)
        axes.set_ylim(low, top)
        axes.set_aspect("equal")
        currency = pairs[0].actual.currency_code
        axes.set_xlabel(f"actual, {currency}")
        axes.set_ylabel(f"forecast, {currency}")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(5))
            axis.set_major_formatter(FuncFormatter(_engineering))
    return drawn.text


def precisions(rules: Sequence[pb.RuleEffect], base: pb.Share) -> str:
    """Draw the precision of each rule with its interval, and the base as a line."""
    shown = [rule for rule in rules if rule.precision.HasField("value")][:MOST_RULES]
    with figure_of(0.34 * len(shown) + 1.1) as (axes, drawn):
        if base.HasField("value"):
            axes.axvline(_number(base.value), color="#888888", linestyle="--", linewidth=1)
        for index, one in enumerate(shown):
            colour = OPEN if one.precision.is_small_sample else GOOD
            ends = [_number(one.precision.at_least), _number(one.precision.at_most)]
            axes.plot(ends, [index] * 2, color=colour, linewidth=2)
            axes.plot(_number(one.precision.value), index, "o", color=colour, markersize=7)
        _named(axes, [_short(row.rule_id) for row in shown])
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.set_xlabel("successes, with 95 % interval; dashed: all decisions; grey: below 30")
    return drawn.text


def attainment(sellers: Sequence[pb.RankedSeller]) -> str:
    """Draw the attainment of each seller, and the line they were to reach."""
    with figure_of(0.3 * len(sellers) + 1.0) as (axes, drawn):
        shares = [_number(seller.attainment) for seller in sellers]
        colours = [GOOD if share >= 1 else BAD for share in shares]
        axes.barh(range(len(sellers)), shares, color=colours, height=0.62)
        axes.axvline(1, color="#888888", linestyle="--", linewidth=1)
        _named(axes, [_short(seller.seller_id) for seller in sellers])
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.set_xlabel("attainment; dashed: 100 %")
    return drawn.text


def retention(result: pb.GetSuccessMetricsResponse) -> str:
    """Draw how revenue went from its start to its end."""
    steps = (
        ("start", amount_of(result.start), INK),
        ("expansion", amount_of(result.expansion), GOOD),
        ("contraction", -amount_of(result.contraction), BAD),
        ("churn", -amount_of(result.churn), BAD),
    )
    with figure_of(2.8) as (axes, drawn):
        total = 0.0
        for index, (_, change, colour) in enumerate(steps):
            axes.bar(index, change, bottom=total, color=colour, width=0.6)
            total += change
        axes.bar(len(steps), total, color=INK, width=0.6)
        names = [*(name for name, _, _ in steps), "end"]
        axes.set_xticks(range(len(names)), names)
        axes.set_ylabel(result.start.currency_code)
        axes.yaxis.set_major_formatter(FuncFormatter(_engineering))
        axes.axhline(0, color="#888888", linewidth=0.8)
    return drawn.text


def _named(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _whole(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _legend(axes: Axes, columns: int) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, frameon=False)


def _short(name: str) -> str:
    name = visible(name)
    return name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"


def _number(value: Decimal) -> float:
    return float(value.value)


def _engineering(value: float, _: Any) -> str:
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
