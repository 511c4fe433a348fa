"""The zone of a phone number."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from parinaya_cli.domain.zones import zone_of

HOME = ZoneInfo("Asia/Dubai")


@pytest.mark.parametrize(
    ("phone", "zone"),
    [
        ("+919812345678", "Asia/Kolkata"),
        ("+447911123456", "Europe/London"),
        ("+6591234567", "Asia/Singapore"),
        ("+16045550123", "America/Vancouver"),
        ("+12125550123", "America/New_York"),
        ("+99912", "Asia/Dubai"),
        ("nobody", "Asia/Dubai"),
    ],
)
def test_where_a_number_rings(phone: str, zone: str) -> None:
    found = zone_of(phone, HOME)
    for month in (1, 7):
        moment = datetime(2027, month, 1, tzinfo=UTC)
        assert moment.astimezone(found).utcoffset() == moment.astimezone(ZoneInfo(zone)).utcoffset()


def test_of_several_zones_the_one_in_the_middle() -> None:
    """A mobile of Australia tells no city: between Perth and Sydney it is never far wrong."""
    assert zone_of("+61412345678", HOME).key.startswith("Australia/")
