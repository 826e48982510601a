"""Figures as SVG, in one style; the same page from the same journal."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Okabe and Ito's colours, which nobody confuses; grey is what is not known yet.
GOOD, BAD, OPEN, INK = "#0072b2", "#d55e00", "#c4c4c4", "#333333"
STYLE: Any = {
    "text.parse_math": False,  # a $ in an id does not begin a formula
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.hashsalt": "dealgate",  # the same page from the same journal
    "svg.fonttype": "path",
}
WIDTH = 7.2  # inches


class Drawn:
    """A plot as SVG, once it is drawn."""

    text = ""


@contextmanager
def figure_of(height: float) -> Iterator[tuple[Axes, Drawn]]:
    """Give axes to draw on; afterwards the SVG is in the second value."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        drawn = Drawn()
        yield figure.subplots(), drawn
        file = BytesIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(file, format="svg", transparent=True, metadata=nothing)
        text = file.getvalue().decode()
        drawn.text = text[text.index("<svg") :]  # without the prologue of a file
