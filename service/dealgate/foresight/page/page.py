"""The page: an impact drawn and laid out, each plot with the table that it shows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dealgate.foresight.page import drawing
from dealgate.model.shown import shown_in_html


def page(told: Mapping[str, Any], over: Sequence[str]) -> str:
    """Return the page as HTML; `told` is the impact's document."""
    environment = Environment(
        loader=PackageLoader("dealgate.foresight.page"),
        autoescape=True,
        finalize=shown_in_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"money": _money, "percent": _percent, "number": _number}
    template = environment.get_template("impact.html.j2")
    return template.render(told=told, over=over, plots=_plots(told))


def _plots(told: Mapping[str, Any]) -> dict[str, Markup]:
    """Draw what there is to draw; a plot that would be empty is left out."""
    wanted: dict[str, tuple[object, Callable[[], str]]] = {
        "matrix": (told["decisions"], lambda: drawing.matrix(told["transitions"])),
        "causes": (told["causes"], lambda: drawing.causes(told["causes"])),
        "segments": (told["segments"], lambda: drawing.segments(told["segments"], told["flips"])),
        "measures": (
            _drawable(told["measures"]),
            lambda: drawing.measures(_drawable(told["measures"])),
        ),
    }
    drawn = {name: draw() for name, (there, draw) in wanted.items() if there}
    # Our own SVG, with every text drawn as a path.
    return {name: Markup(svg) for name, svg in drawn.items()}  # noqa: S704


def _drawable(measures: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    said = (row for row in measures if row["old"]["count"] and row["new"]["count"])
    return [row for row in said if not row["is_date"]]


def _money(amounts: Mapping[str, str]) -> str:
    return ", ".join(f"{currency} {amount}" for currency, amount in amounts.items())


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,.6g}"
