"""Definitions of facts lead into the contracts."""

from pathlib import Path

from dealgate.kinds import KINDS
from dealgate.lsp.protos import declarations
from dealgate.model.contracts import comment

PROTO = Path(__file__).parents[2] / "proto"
NESTED = """
syntax = "proto3";
package a.b;
import "x.proto"; // message Not { }
option go_package = "message No {}";
/* enum
   Neither { NO = 0; } */
message Outer {
  reserved 3, 4;
  optional string name = 1 [deprecated = true];
  enum Sort { SORT_UNSPECIFIED = 0; SORT_UP = 1; }
  message Inner { map<string, Outer> of = 1; }
  oneof choice { Inner inner = 5; Sort sort = 6; }
  string last = 7;
}
service Calls { rpc Ask(Outer) returns (stream Outer) { option deprecated = true; } }
"""


def test_every_fact_is_found_where_it_is_declared() -> None:
    """The name found is that of the field, before its number."""
    for kind in KINDS.values():
        for field in kind.facts.DESCRIPTOR.fields:
            said = comment(field.full_name)
            assert said is not None
            text = (PROTO / said.file).read_text()
            index = declarations(text)[field.full_name]
            assert text[index:].startswith(f"{field.name} = {field.number}")


def test_names_go_by_what_is_open_around_them() -> None:
    """Fields of a oneof are fields of its message; comments and texts declare nothing."""
    assert set(declarations(NESTED)) == {
        "a.b.Outer",
        "a.b.Outer.name",
        "a.b.Outer.Sort",
        "a.b.Outer.Sort.SORT_UNSPECIFIED",
        "a.b.Outer.Sort.SORT_UP",
        "a.b.Outer.Inner",
        "a.b.Outer.Inner.of",
        "a.b.Outer.choice",
        "a.b.Outer.inner",
        "a.b.Outer.sort",
        "a.b.Outer.last",
        "a.b.Calls",
        "a.b.Calls.Ask",
    }
