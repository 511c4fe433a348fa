"""How guests read days, hours and lists of titles: in Hindi, and in English for every other language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

MONTHS_HI = (
    "जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून",
    "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर",
)  # fmt: skip


def is_hindi(language: str) -> bool:
    """Hindi in whatever script or region: ``hi``, ``hi_IN``, ``hi-Latn``."""
    return language.lower().replace("_", "-").split("-")[0] == "hi"


def show_day(day: date, language: str) -> str:
    """A day as a guest reads it: ``12 February 2027``, ``12 फ़रवरी 2027``."""
    if is_hindi(language):
        return f"{day.day} {MONTHS_HI[day.month - 1]} {day.year}"
    return f"{day.day} {day:%B %Y}"


def show_time(moment: datetime) -> str:
    """An hour as a guest reads it: ``4:00 pm``."""
    return f"{moment.hour % 12 or 12}:{moment:%M} {'am' if moment.hour < 12 else 'pm'}"


def join_titles(titles: Sequence[str], language: str) -> str:
    """Titles in a sentence: ``Sangeet, Pheras and Reception``."""
    if len(titles) < 2:
        return "".join(titles)
    last = " और " if is_hindi(language) else " and "
    return ", ".join(titles[:-1]) + last + titles[-1]
