"""Readers of the lists that families send."""
