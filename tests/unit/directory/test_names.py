"""Names are told apart by more than case and accents, and a wrong one names the nearest."""

from __future__ import annotations

import pytest

from scheduler.directory.names import folded, instead, nearest


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Zürich", "zurich"), ("  São  Paulo ", "sao paulo"), ("STRASSE", "strasse"), ("Straße", "strasse")],
)
def test_case_accents_and_blanks_do_not_count(typed: str, kept: str) -> None:
    """However somebody types it, it is the same name."""
    assert kept == folded(typed)


def test_the_nearest_come_first() -> None:
    """A slip of the finger finds the name that was meant, as it is spelt; a stranger finds nothing."""
    offices = ["Zürich", "Zug", "Hudson"]
    assert "Zürich" == nearest("zurch", offices)[0]
    assert () == nearest("Reykjavik", offices)


def test_what_to_do_instead() -> None:
    """It names the nearest, else all, else what there is to do."""
    assert "the nearest is Hudson" == instead("hudsn", ["Hudson", "Herengracht"], "offices", "none")
    assert "use one of the offices Herengracht, Hudson" == instead(
        "x", ["Hudson", "Herengracht"], "offices", "none"
    )
    assert "import some" == instead("x", [], "offices", "import some")
