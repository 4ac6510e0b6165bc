"""People and rooms as frozen values."""
