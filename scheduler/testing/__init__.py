"""Public helpers for tests: fixtures, strategies, an oracle, and the laws every slot search has to keep."""
