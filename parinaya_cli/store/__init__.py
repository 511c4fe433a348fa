"""Postgres: queries and writes of each noun, functions that take the transaction first."""
