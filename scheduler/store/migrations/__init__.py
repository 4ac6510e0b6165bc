"""Alembic's home: env.py runs the versions on a connection that engine.py opened."""
