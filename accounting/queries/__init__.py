"""Reads about the sync, inside the workspace in scope: frozen rows, ready to be shown."""
