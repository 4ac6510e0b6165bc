"""The kernel: sets of half-open spans of UTC minutes, in two interchangeable forms."""

from solvers.timeline.bits import Bits
from solvers.timeline.span import Span
from solvers.timeline.spanset import SpanSet

__all__ = ["Bits", "Span", "SpanSet"]
