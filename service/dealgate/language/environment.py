"""What the checker must know: Dealgate's declarations, in the form cel-expr-python reads."""

from dealgate.language.extensions import EXTENSIONS
from dealgate.language.operations import DECLARATIONS, REDECLARED, Declaration


def environment_yaml() -> str:
    """Write the declarations in the form that cel-expr-python reads."""
    lines = ["stdlib:", "  exclude_functions:"]
    lines += [f'    - name: "{function}"' for function in REDECLARED]
    lines += ["extensions:", *(f"  - name: {name}" for name in EXTENSIONS), "functions:"]
    for function in dict.fromkeys(declaration.function for declaration in DECLARATIONS):
        lines += [f'  - name: "{function}"', "    overloads:"]
        lines += [
            _overload(declaration)
            for declaration in DECLARATIONS
            if declaration.function == function
        ]
    return "\n".join(lines) + "\n"


def _overload(declaration: Declaration) -> str:
    arguments = ", ".join(_type_yaml(argument) for argument in declaration.arguments)
    result = _type_yaml(declaration.result)
    target = f"target: {_type_yaml(declaration.target)}, " if declaration.target else ""
    return f'      - {{id: "{declaration.id}", {target}args: [{arguments}], return: {result}}}'


def _type_yaml(name: str) -> str:
    if name.startswith("list("):
        return f'{{type_name: "list", params: [{_type_yaml(name[5:-1])}]}}'
    if name == "A":
        return '{type_name: "A", is_type_param: true}'
    return f'{{type_name: "{name}"}}'
