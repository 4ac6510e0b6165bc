"""The adapter to the database; the only place that speaks SQL."""
