"""Where it is night: the time zone of a phone number."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_INDIA = ZoneInfo("Asia/Kolkata")
_MIDWINTER = datetime(2027, 1, 1, tzinfo=UTC)


def zone_of(e164: str, home: ZoneInfo) -> ZoneInfo:
    """The zone in which a number rings, or ``home`` where the numbering plan does not tell.

    Of a country with several zones the one in the middle is taken, so that the error is least on both sides. A number
    tells where it was given out, not where its owner is.
    """
    if e164.startswith("+91"):
        return _INDIA
    return _middle(e164) or home


@lru_cache(maxsize=65536)
def _middle(e164: str) -> ZoneInfo | None:
    import phonenumbers
    from phonenumbers import timezone  # its table of prefixes is large, and most guests are Indian

    try:
        names = timezone.time_zones_for_number(phonenumbers.parse(e164, None))
    except phonenumbers.NumberParseException:
        return None
    found = []
    for name in names:
        try:
            found.append(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError):  # "Etc/Unknown"
            continue
    found.sort(key=lambda zone: (_MIDWINTER.astimezone(zone).utcoffset(), zone.key))
    return found[len(found) // 2] if found else None
