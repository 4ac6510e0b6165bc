"""The kernel: sets of half-open spans of UTC minutes, one algebra in two forms, and counting over many sets.

`SpanSet` suits sets made once, `Bits` sets combined often. `BitTable` is the algebra of `Bits` for many sets at
once, `Shelf` keeps what a table holds to be counted again and again, and `starts_of` counts once.
"""

from solvers.timeline.bits import Bits
from solvers.timeline.counting import minutes_of, starts_of
from solvers.timeline.shelf import Shelf
from solvers.timeline.span import Span
from solvers.timeline.spanset import SpanSet
from solvers.timeline.table import BitTable

__all__ = ["BitTable", "Bits", "Shelf", "Span", "SpanSet", "minutes_of", "starts_of"]
