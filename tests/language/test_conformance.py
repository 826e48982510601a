"""The script that runs cel-spec's tests reads them, and says what each comes to."""

from pathlib import Path

import pytest

from docs.conformance import main

TESTS = r"""
# proto-message: cel.expr.conformance.test.SimpleTestFile
name: "some"
section {
  name: "texts"
  test { name: "right" expr: "'tacoc\303\244t'.charAt(5)" value { string_value: "\303\244" } }
  test { name: "implied" expr: "'abc'.indexOf(\"c\") == 2" }
  test { name: "fails" expr: "'abc'.charAt(30)" eval_error { errors { message: "no" } } }
  test { name: "refused" expr: "dyn(1) == 1" }
  test { name: "bound" expr: "x" type_env { name: "x" } value: { int64_value: 1 } }
  test { name: "list" expr: "[1, 2].map(n, n * 2)"
    value: { list_value { values: [ { int64_value: 2 }, { int64_value: 4 } ] } } }
}
"""


def test_each_test_is_counted_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As right, told at load, refused or left out; a wrong one fails the run."""
    (tmp_path / "some.textproto").write_text(TESTS)

    assert main(tmp_path, write=False) == 0
    assert "| some | 3 | 1 | 1 | 0 | 1 |" in capsys.readouterr().out
    (tmp_path / "some.textproto").write_text(TESTS.replace("== 2", "== 3"))
    assert main(tmp_path, write=False) == 1


def test_without_a_folder_nothing_is_tried(tmp_path: Path) -> None:
    """Fetched data is not part of the project."""
    assert main(tmp_path, write=False) == 0
