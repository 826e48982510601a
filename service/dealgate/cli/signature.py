"""What a command takes, without what it does: its module's text, less the bodies of functions.

Of the imports only those remain that options and their types are made of, so that `--help`, a
mistyped option and a shell that completes wait for no engine, no journal and no server.
"""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# The `Typer` of a module that holds a group of commands.
GROUP = "app"
DEFINITIONS = ast.FunctionDef | ast.ClassDef
IMPORTS = ast.Import | ast.ImportFrom


def signature(text: str, function: str) -> Mapping[str, Any]:
    """Run what of a module's text says how `function`, or its group of commands, is called."""
    module = ast.parse(text)
    commands = [
        _without_body(statement)
        for statement in module.body
        if isinstance(statement, ast.FunctionDef) and _is_command(statement, function)
    ]
    rest = [statement for statement in module.body if not _is_in(statement, commands)]
    body = [*_needed(rest, _names(commands)), *commands]
    code = compile(ast.Module(body, []), f"dealgate.cli.{function}", "exec")
    held: dict[str, Any] = {"__name__": f"dealgate.cli.{function}"}
    exec(code, held)  # noqa: S102  # text of this package
    return held


def _is_command(definition: ast.FunctionDef, function: str) -> bool:
    return definition.name == function or any(
        isinstance(node, ast.Name) and node.id == GROUP
        for decorator in definition.decorator_list
        for node in ast.walk(decorator)
    )


def _is_in(statement: ast.stmt, commands: Sequence[ast.FunctionDef]) -> bool:
    return any(statement is command for command in commands)


def _without_body(definition: ast.FunctionDef) -> ast.FunctionDef:
    definition.body = definition.body[:1]  # the docstring
    definition.returns = None
    return definition


def _needed(statements: Sequence[ast.stmt], names: set[str]) -> Iterator[ast.stmt]:
    """Return those that define `names`, and what they need themselves, in their order."""
    kept: list[ast.stmt] = []
    for statement in reversed(statements):
        reduced = _reduced(statement, names)
        if reduced is not None:
            kept.append(reduced)
            names |= _names([statement])
    return reversed(kept)


def _reduced(statement: ast.stmt, names: set[str]) -> ast.stmt | None:
    """Return what of a statement defines some of `names`; None: nothing of it."""
    if isinstance(statement, IMPORTS):
        wanted = [alias for alias in statement.names if (alias.asname or alias.name) in names]
        statement.names = wanted
        return statement if wanted else None
    if isinstance(statement, DEFINITIONS):
        return statement if statement.name in names else None
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return (
            statement
            if names & {target.id for target in targets if isinstance(target, ast.Name)}
            else None
        )
    return None


def _names(nodes: Sequence[ast.AST]) -> set[str]:
    """Return the names that are read anywhere in these."""
    return {node.id for root in nodes for node in ast.walk(root) if isinstance(node, ast.Name)}
