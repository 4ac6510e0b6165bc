"""One file a schema version, forward only."""
