"""The report as a page: the reliability curve, and how scores rank, beside the text."""

from collections.abc import Sequence
from itertools import accumulate

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from matplotlib.ticker import PercentFormatter

from dealgate.insight.report.figures import BAD, GOOD, figure_of
from dealgate.learn import measures
from dealgate.model.shown import shown_in_html

GREY = "#888888"
PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{{ title }}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }
svg { height: auto; max-width: 100% } pre { overflow-x: auto }
</style>
<h1>{{ title }}</h1>
<h2>Reliability</h2>
<p>What was told against what happened, with 95 % intervals; on the line they are the same.</p>
{{ reliability }}
<h2>Gain</h2>
<p>The share of all conversions among the best so many samples; dashed: without a score.</p>
{{ gain }}
<h2>Report</h2>
<pre>{{ text }}</pre>
</html>
"""


def page(title: str, text: str, told: Sequence[float], outcomes: Sequence[bool]) -> str:
    """Return the page as HTML; `told` are the predicted probabilities, `outcomes` what happened."""
    environment = Environment(
        autoescape=True, finalize=shown_in_html, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.from_string(PAGE).render(
        title=title,
        text=text,
        # Our own SVG, with every text drawn as a path.
        reliability=Markup(_reliability(told, outcomes)),  # noqa: S704
        gain=Markup(_gain(told, outcomes)),  # noqa: S704
    )


def _reliability(told: Sequence[float], outcomes: Sequence[bool]) -> str:
    bands = measures.bands(told, outcomes)
    most = max([band.high for band in bands] + [band.told for band in bands] + [0.01])
    with figure_of(4.2) as (axes, drawn):
        axes.plot([0, most], [0, most], color=GREY, linestyle="--", linewidth=1)
        for band in bands:
            axes.plot([band.told] * 2, [band.low, band.high], color=GOOD, linewidth=2)
            axes.plot(band.told, band.converted, "o", color=GOOD, markersize=6)
        axes.set_xlabel("told")
        axes.set_ylabel("happened")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    return drawn.text


def _gain(told: Sequence[float], outcomes: Sequence[bool]) -> str:
    ranked = sorted(zip(told, outcomes, strict=True), key=lambda pair: -pair[0])
    total = sum(outcomes) or 1
    gained = [0.0, *(count / total for count in accumulate(int(over) for _, over in ranked))]
    with figure_of(3.6) as (axes, drawn):
        axes.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1)
        shares = [number / max(len(ranked), 1) for number in range(len(gained))]
        axes.plot(shares, gained, color=BAD, linewidth=2)
        axes.set_xlabel("best so many samples")
        axes.set_ylabel("of all conversions")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    return drawn.text
