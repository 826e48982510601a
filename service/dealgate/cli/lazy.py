"""Commands that are loaded when they run: a command line that is only asked starts light.

The command `new-rule` is the function `new_rule` of the module of that name (a group of commands:
the `Typer` called `app` there, with the function as its callback), and its help is the docstring.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from dealgate.cli.signature import GROUP, signature

FOLDER = Path(__file__).parent


class Deferred(TyperCommand):
    """A command known by its signature; `real` loads what it does once its arguments are read."""

    real: Callable[[], TyperCommand]

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Read the arguments: --help and faulty ones end here, with nothing else loaded."""
        asked = super().make_context(info_name, [*args], parent, **extra)
        if asked.resilient_parsing:  # a shell wants to complete them
            return asked
        return self.real().make_context(info_name, args, parent, **extra)


class Reporting(TyperCommand):
    """A command that tells faults in rule files in its `--format`, whatever it reads them for."""

    def invoke(self, ctx: Any) -> Any:
        """Run it."""
        from dealgate.cli.shown import faults_as  # noqa: PLC0415  # --help needs none of it

        given = [ctx.params[each.name] for each in self.params if "--format" in each.opts]
        format_ = str(getattr(given[0], "value", given[0])) if given else ""
        with faults_as(format_, alone=False):
            return super().invoke(ctx)


class LightGroup(TyperGroup):
    """A group whose --help is off by default: typer imports pydantic to read that it is None."""

    def get_help_option(self, ctx: Any) -> Any:
        """Return --help, unless the group has none."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option


class LazyGroup(LightGroup):
    """A group that knows its commands by name, and loads the one that runs."""

    names: ClassVar[Sequence[str]] = ()

    def __init__(self, **attrs: Any) -> None:
        """Take the arguments of a group."""
        super().__init__(**attrs)
        for name in self.names:
            self.add_command(TyperCommand(name, short_help=" "))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List all commands, each with its own first line."""
        for name in self.names:
            self.add_command(TyperCommand(name, short_help=first_line(name)))
        super().format_commands(ctx, formatter)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by name; a shell that completes names gets what each is for."""
        if ctx.resilient_parsing and cmd_name in self.names:
            return TyperCommand(cmd_name, short_help=first_line(cmd_name))
        return super().get_command(ctx, cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that `args` begin with, by its signature."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, light(name) if name and name in self.names else command, rest


def light(name: str) -> Any:
    """Return a command, or a group of them, that loads what it does when it runs."""
    function = function_of(name)
    app = app_of(name, signature((FOLDER / f"{function}.py").read_text(), function))
    app.info.cls = LightGroup
    for info in app.registered_commands:
        info.cls = Deferred
    command = get_command(app)
    if isinstance(command, Deferred):
        command.real = partial(real, name)
    elif isinstance(command, TyperGroup):
        for inner in command.commands:
            command.commands[inner].real = partial(_inner, name, inner)  # type: ignore[attr-defined]
    return command


def _inner(name: str, inner: str) -> Any:
    return real(name).commands[inner]


def real(name: str) -> Any:
    """Import a command, ready to be run."""
    function = function_of(name)
    app = app_of(name, vars(import_module(f"dealgate.cli.{function}")))
    for info in app.registered_commands:
        info.cls = Reporting
    return get_command(app)


def app_of(name: str, module: Mapping[str, Any]) -> typer.Typer:
    """Return the app of a module: its own, or one that is made for its only command."""
    app: typer.Typer
    if GROUP in module:
        app = module[GROUP]
        return app
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name=name)(module[function_of(name)])
    return app


def function_of(name: str) -> str:
    """Return the name of a command's function, and of the module that it is in."""
    return name.replace("-", "_")


def first_line(name: str) -> str:
    """Return the first line of a command's docstring, from its text: nothing is imported."""
    function = function_of(name)
    _, _, rest = (FOLDER / f"{function}.py").read_text().partition(f"\ndef {function}(")
    docstring = rest.partition('"""')[2].partition('"""')[0]
    return " ".join(docstring.partition("\n\n")[0].split())
