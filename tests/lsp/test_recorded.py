"""The recorded session of an editor is what the real server says."""

from docs.editor_session import ROOT, recorded


def test_the_recorded_session_is_replayed() -> None:
    """Each message is sent anew, and each answer is the one on the page (`make generate`)."""
    assert recorded() == (ROOT / "docs" / "editor-session.md").read_text()
