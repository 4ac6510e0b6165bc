"""Names as people type them: with or without accents, in any case, and sometimes wrong."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

NEAREST = 3


def folded(name: str) -> str:
    """The name without case, accents and superfluous blanks, for comparing (Unicode UAX #15, NFKD)."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(char for char in apart if not unicodedata.combining(char)).split())


def nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known names that look most like it, the best first; at most NEAREST, and maybe none."""
    spelled = {folded(each): each for each in sorted(known, reverse=True)}
    return tuple(spelled[each] for each in get_close_matches(folded(name), spelled, NEAREST, cutoff=0.6))


def instead(name: str, known: Iterable[str], called: str, nothing: str) -> str:
    """What to do about a name that nobody knows, as a remedy: the nearest ones, else all, else what `nothing` says.

    Args:
        called: several of what is named, such as `offices`.
    """
    names = sorted(set(known))
    if not names:
        return nothing
    close = nearest(name, names)
    if close:
        return f"the nearest {'is' if len(close) == 1 else 'are'} {_listed(close)}"
    shown = ", ".join(names[:10])
    return f"use one of the {called} {shown}" + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _listed(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
