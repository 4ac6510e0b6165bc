"""Public helpers for tests: fixtures, strategies and oracles."""
