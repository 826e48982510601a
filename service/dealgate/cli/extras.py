"""Extras that an option needs."""

from importlib.util import find_spec

from dealgate.cli.shown import give_up

PLOTS = ("jinja2", "matplotlib")


def need_plots() -> None:
    """Leave if pages with plots cannot be drawn here."""
    if any(find_spec(name) is None for name in PLOTS):
        give_up("a page needs Jinja2 and matplotlib: pip install 'dealgate[report]'")
