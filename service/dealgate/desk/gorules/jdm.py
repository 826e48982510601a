"""Files of GoRules (JDM), as far as they are read here: nodes, and edges between them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from dealgate.desk.exchange import NotExported

MOST_NODES = 500
Said = Annotated[str, BeforeValidator(lambda value: value or "")]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Column(_Read):
    """A column of a table, or an expression of a node."""

    id: str = ""
    name: Said = ""
    field: Said = ""
    key: Said = ""
    value: Said = ""


class Statement(_Read):
    """A way out of a switch."""

    id: str
    condition: Said = ""


class Content(_Read):
    """What a node does; which of these depends on its type."""

    hit: Said = Field("first", alias="hitPolicy")
    inputs: Sequence[Column] = ()
    outputs: Sequence[Column] = ()
    rules: Sequence[Mapping[str, Any]] = ()
    expressions: Sequence[Column] = ()
    statements: Sequence[Statement] = ()
    passes: bool = Field(default=False, alias="passThrough")
    input_field: Said = Field("", alias="inputField")
    output_path: Said = Field("", alias="outputPath")
    mode: Said = Field("single", alias="executionMode")


def _content(value: object) -> object:
    return value if isinstance(value, dict) else {}


class JdmNode(_Read):
    """One node of a graph."""

    id: str
    type: str
    name: Said = ""
    content: Annotated[Content, BeforeValidator(_content)] = Content.model_validate({})


class JdmEdge(_Read):
    """From one node to the next; `way` is the statement of a switch."""

    source: str = Field(alias="sourceId")
    target: str = Field(alias="targetId")
    way: Said = Field("", alias="sourceHandle")


class Example(_Read):
    """A test that the file holds."""

    input: Any = None
    output: Any = None


class Jdm(_Read):
    """A decision graph."""

    nodes: Sequence[JdmNode] = Field(max_length=MOST_NODES)
    edges: Sequence[JdmEdge] = ()
    tests: Sequence[Example] = ()

    def ordered(self) -> Sequence[JdmNode]:
        """Return the nodes, each behind all that lead to it; raises NotExported."""
        waits = {
            node.id: {e.source for e in self.edges if e.target == node.id} for node in self.nodes
        }
        known, found = {node.id: node for node in self.nodes}, list[JdmNode]()
        while waits:
            ready = [id_ for id_, sources in waits.items() if not sources & waits.keys()]
            if not ready:
                raise NotExported("its nodes lead to one another in a circle")
            for id_ in ready:
                del waits[id_]
                found.append(known[id_])
        return found


def read_jdm(path: Path) -> Jdm:
    """Read a graph; raises NotExported."""
    try:
        return Jdm.model_validate(json.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise NotExported(f"it cannot be read as JSON: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise NotExported(
            f"it is not a decision graph of GoRules: {place}: {first['msg']}"
        ) from None
