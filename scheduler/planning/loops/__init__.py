"""Loops: several sessions of one candidate, or of many, in local terms; to a problem, and back to an answer."""
