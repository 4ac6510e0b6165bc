"""Where in a document something is wrong."""

from __future__ import annotations

Path = tuple[str | int, ...]
"""Keys of objects and indices of arrays, from the outside in."""


class PartError(ValueError):
    """A part of a document that cannot stand as it is.

    Args:
        path: where it is, from the value on that is spoken of.
        sentence: what is wrong with it, without the path.
    """

    def __init__(self, path: Path, sentence: str) -> None:
        super().__init__(f"{'.'.join(map(str, path))}: {sentence}")
        self.path = path
        self.sentence = sentence
