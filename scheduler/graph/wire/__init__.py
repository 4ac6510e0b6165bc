"""Graph's own JSON shapes: lenient in what they accept, strict in what they send."""
