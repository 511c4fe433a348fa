"""The database's users: who owns the tables, as whom parinaya works, and the doors to a little more than that."""

from __future__ import annotations

OWNER = "parinaya_owner"
"""Owns tables and functions; migrations run as it. It can't log in."""

APP = "parinaya_app"
"""Who parinaya is at work: reads and writes rows, of one wedding at a time; changes no table, empties none."""

ACROSS = "parinaya_across"
"""Whom parinaya becomes for a statement that concerns several weddings."""

ERASER = "parinaya_eraser"
"""Whom parinaya becomes to take a guest's words out of rows that are otherwise only ever added."""

MERGER = "parinaya_merger"
"""Whom parinaya becomes to let an answer belong to the household that took over."""

DOORS = (ACROSS, ERASER, MERGER)
"""Users that can't log in: ``APP`` may become one of them, for the rest of a transaction at most."""

WORKING = (APP, *DOORS)
"""All as whom rows are read and written."""

USERS = (OWNER, *WORKING)
"""All of them."""
