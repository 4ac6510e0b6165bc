"""Signing in to Microsoft 365, as the app itself or as people who consented."""
