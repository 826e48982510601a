"""Every file that a new kind of decision needs, written or with a line more."""

import re
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template

from dealgate.desk.drafting.versions import next_version
from dealgate.model.errors import OperatorError
from dealgate.rulebook.digest import digest
from dealgate.rulebook.source import Source
from dealgate.rulebook.strict_yaml import read_yaml

NEW = {
    "kind.proto.tmpl": "proto/dealgate/v1/{name}.proto",
    "kind.py.tmpl": "service/dealgate/kinds/{name}.py",
    "README.md.tmpl": "rules/{name}/README.md",
    "v1.yaml.tmpl": "rules/{name}/v1.yaml",
    "v1.cases.yaml.tmpl": "rules/{name}/v1.cases.yaml",
    "test_kind.py.tmpl": "tests/kinds/test_{name}.py",
}
CLIENT = "clients/python/dealgate_client"
WIDTH = 100
MEMBERS = r"from dealgate_client\.[\w.]+ import (?:\([^)]*\)|[^\n(]+)"
STUB = r'    @cached_property\n    def (_\w+)\(self\) -> "?{service}'


# Services that have a contract of their own and take no decision.
UNDECIDING = {"RuleService", "InsightService", "FactService"}


class NotACheckout(OperatorError):
    """A file that every checkout has is not there, or does not look as it should."""

    reason = "NOT_A_CHECKOUT"


def services(root: Path) -> Mapping[str, Path]:
    """Return the services that decide, by the file of each contract."""
    paths = {}
    for path in sorted((root / "proto/dealgate/v1").glob("*_service.proto")):
        match = re.search(r"^service (\w+) \{", path.read_text(), re.MULTILINE)
        if match and "google.rpc" not in path.read_text() and match[1] not in UNDECIDING:
            paths[match[1]] = path
    return paths


def kind_files(root: Path, name: str, service: str, rpc: str) -> Mapping[Path, str]:
    """Return what each file of the checkout at `root` becomes; raises NotACheckout."""
    words = {
        "name": name,
        "Name": name.title(),
        "NAME": name.upper(),
        "CODE": name.upper()[:8],
        "rpc": rpc,
    }
    files = {
        root / path.format(name=name): _made(template, words) for template, path in NEW.items()
    }
    home = root / "rules" / name
    files[home / "releases.yaml"] = _releases(files[home / "v1.yaml"], words)
    files |= _drafts(files, home)
    for path, change in _changes(root, service, words).items():
        files[path] = change(_read(path))
    return files


def _made(template: str, words: Mapping[str, str]) -> str:
    text = (files("dealgate.cli") / "templates" / template).read_text(encoding="utf-8")
    return Template(text).substitute(words)


def _read(path: Path) -> str:
    if not path.is_file():
        raise NotACheckout(f"there is no {path}: run this in a checkout of Dealgate")
    return path.read_text(encoding="utf-8")


def _releases(rules: str, words: Mapping[str, str]) -> str:
    document = read_yaml(Source("v1.yaml", rules), [])
    sealed = digest(document) if document is not None else ""
    return _made("releases.yaml.tmpl", {**words, "digest": sealed})


def _drafts(result: Mapping[Path, str], home: Path) -> Mapping[Path, str]:
    """Return version 2, a draft that means the same."""
    files_ = {path: text for path, text in result.items() if path.name.startswith("v1.")}
    return next_version(home, 1, "An example, to be replaced by rules of your own.", texts=files_)


def _changes(
    root: Path, service: str, words: Mapping[str, str]
) -> Mapping[Path, Callable[[str], str]]:
    """Return what changes in files that are there already."""
    v1 = root / "proto/dealgate/v1"
    return {
        services(root)[service]: lambda text: _rpc(text, words),
        v1 / "decision_service.proto": lambda text: _oneofs(text, words),
        root / "service/dealgate/kinds/__init__.py": lambda text: _listed(text, words),
        root / "service/dealgate/model/bound_table.py": lambda text: _bounded(text, words),
        root / CLIENT / "questions.py": lambda text: _unions(text, words),
        root / CLIENT / "__init__.py": lambda text: _exports(text, words),
        _client_file(root, service): lambda text: _method(text, service, words),
    }


def _client_file(root: Path, service: str) -> Path:
    """Return the asyncio client's: `make generate` writes the blocking one from it."""
    for path in sorted((root / CLIENT / "aio").glob("*.py")):
        if f"{service}Stub" in path.read_text():
            return path
    raise NotACheckout(f"no file of the client calls {service}")


def _rpc(text: str, words: Mapping[str, str]) -> str:
    text = _imported(text, f'import "dealgate/v1/{words["name"]}.proto";', r'import "[^"]+";')
    call = _filled(
        '  // Say here what it decides. The rule sets are those of kind "$name".\n'
        "  rpc $rpc(${rpc}Request) returns (${rpc}Response) {\n"
        "    option (google.api.http) = {\n"
        '      post: "/v1/decisions:$name"\n'
        '      body: "*"\n'
        "    };\n"
        "  }\n",
        words,
    )
    at = text.rindex("}")
    return text[:at] + call + text[at:]


def _oneofs(text: str, words: Mapping[str, str]) -> str:
    text = _imported(text, f'import "dealgate/v1/{words["name"]}.proto";', r'import "[^"]+";')
    for part, comment in (
        ("Request", "Decide a $name question."),
        ("Response", "To a `$name` question."),
    ):
        word = "question" if part == "Request" else "answer"
        start = text.index(f"  oneof {word} {{")
        end = text.index("\n  }", start) + 1
        message = text[text.rindex("\nmessage ", 0, start) : text.index("\n}", end)]
        taken = {int(number) for number in re.findall(r"= (\d+);", message)}
        number = next(number for number in range(1, 1000) if number not in taken)
        line = f"    // {comment}\n    ${{rpc}}{part} $name = {number};\n"
        text = text[:end] + _filled(line, words) + text[end:]
    return text


def _listed(text: str, words: Mapping[str, str]) -> str:
    at = text.index("\n)\n", text.index("\nNAMES = (")) + 1
    return f'{text[:at]}    "{words["name"]}",\n{text[at:]}'


def _bounded(text: str, words: Mapping[str, str]) -> str:
    """Give the example's number a bound, as the last line of its table."""
    line = _filled('    "${Name}Facts.quantity": COUNT,\n', words)
    match = re.search(r"^BOUNDS: .*?\n(?=}$)", text, re.MULTILINE | re.DOTALL)
    if match is None:
        raise NotACheckout("bound_table.py has no table BOUNDS")
    return f"{text[: match.end()]}{line}{text[match.end() :]}"


def _unions(text: str, words: Mapping[str, str]) -> str:
    facts, response = f"{words['Name']}Facts", f"{words['rpc']}Response"
    line = _import(words["name"], sorted((facts, response)))
    text = _imported(text, line, MEMBERS)
    for union, member in (("Facts", facts), ("Response", response)):
        match = re.search(rf"^{union}: TypeAlias = \(\n(.*?)^\)\n", text, re.MULTILINE | re.DOTALL)
        if match is None:
            raise NotACheckout(f"questions.py has no union of {union}")
        members = [*re.findall(r"\w+", match[1]), member]
        text = text[: match.start()] + _union(union, members) + text[match.end() :]
    return text


def _union(name: str, members: Sequence[str]) -> str:
    line = f"    {' | '.join(members)}\n"
    if len(line) > WIDTH:
        line = "    " + "\n    | ".join(members) + "\n"
    return f"{name}: TypeAlias = (\n{line})\n"


def _exports(text: str, words: Mapping[str, str]) -> str:
    names = [f"{words['Name']}{suffix}" for suffix in ("Facts", "Outcome", "Verdict")]
    lines = "".join(
        f"    {name} as {name},\n" for name in sorted([*names, f"{words['rpc']}Response"])
    )
    block = f"from dealgate_client.v1.{words['name']}_pb2 import (\n{lines})"
    return _imported(text, block, MEMBERS)


def _method(text: str, service: str, words: Mapping[str, str]) -> str:
    stub = re.search(STUB.format(service=service), text)
    if stub is None:
        raise NotACheckout(f"the client has no stub of {service}")
    method = re.sub(r"(?<!^)(?=[A-Z])", "_", words["rpc"]).lower()
    made = _made("method.py.tmpl", {
        **words,
        "method": method,
        "stub": stub[1],
    })  # fmt: skip
    text = text[: stub.start()] + made + text[stub.start() :]
    names = sorted((f"{words['Name']}Facts", f"{words['rpc']}Request", f"{words['rpc']}Response"))
    line = _import(words["name"], names)
    return _imported(text, line, MEMBERS)


def _import(name: str, names: Sequence[str]) -> str:
    line = f"from dealgate_client.v1.{name}_pb2 import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    listed = "".join(f"    {imported},\n" for imported in names)
    return f"{line[: line.index('import ')]}import (\n{listed})"


def _imported(text: str, line: str, pattern: str) -> str:
    """Return `text` with an import more, where the alphabet has it."""
    imports = list(re.finditer(rf"^{pattern}\n", text, re.MULTILINE))
    before = [match for match in imports if match[0] < line]
    if not imports:
        raise NotACheckout(f"nothing is imported where {line!r} belongs")
    at = before[-1].end() if before else imports[0].start()
    return f"{text[:at]}{line}\n{text[at:]}"


def _filled(text: str, words: Mapping[str, str]) -> str:
    return Template(text).substitute(words)
