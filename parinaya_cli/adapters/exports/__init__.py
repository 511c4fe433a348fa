"""Files that leave the house: CSV for programs, workbooks for people, lines of JSON."""

from __future__ import annotations
