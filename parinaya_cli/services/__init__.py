"""The verbs of each noun: ask for the permission, fetch, decide, write, ring."""
