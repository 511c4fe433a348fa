"""A wedding: the workspace that everything else belongs to."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from parinaya_cli.domain import refs
from parinaya_cli.domain.errors import UsedWrongly

LONGEST_DAYS = 3650
"""Days for which a wedding may say that something is kept."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True)
class Wedding:
    """One wedding. ``quiet_from``/``quiet_until`` are hours (0 to 23) in the recipient's zone, or None.

    ``ask_children``, ``ask_diets``: guests who come are asked for them together with the head count.
    ``forget_after``: so many days after the last event all guests are forgotten (None: never by itself);
    ``legal_hold``: nothing of this wedding is let go of by itself. ``keep_texts``, ``keep_files``: days for which texts
    of settled messages and files that name guests are kept (None: as the installation says).
    """

    id: uuid.UUID
    slug: str
    title: str
    couple: str = ""
    timezone: str = "Asia/Kolkata"
    region: str = "IN"
    language: str = "en"
    phone_number_id: str | None = None
    require_opt_in: bool = False
    quiet_from: int | None = None
    quiet_until: int | None = None
    frequency_cap: int | None = None
    ask_children: bool = False
    ask_diets: bool = False
    forget_after: int | None = None
    legal_hold: bool = False
    keep_texts: int | None = None
    keep_files: int | None = None
    version: int = 1

    @property
    def zone(self) -> ZoneInfo:
        """The wedding's time zone."""
        return ZoneInfo(self.timezone)


def check_slug(slug: str) -> str:
    """A slug as it may stand in commands and addresses.

    Raises:
        UsedWrongly: it holds anything but small letters, digits and hyphens, or looks like a ref.
    """
    if not _SLUG.fullmatch(slug) or refs.looks_like_one(slug):
        raise UsedWrongly(
            f"{slug!r} is no slug.",
            "A slug has small letters, digits and hyphens, such as ananya-kabir, and does not look like a ref.",
        )
    return slug


def make_slug(title: str) -> str:
    """A slug made from a title: ``Ananya & Kabir`` becomes ``ananya-kabir``.

    Raises:
        UsedWrongly: nothing of the title can stand in a slug.
    """
    ascii_only = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:60]
    if not slug or refs.looks_like_one(slug):
        raise UsedWrongly(f"No slug can be made from {title!r}.", "Give one with --slug.")
    return slug


def check_zone(name: str) -> str:
    """The name of a time zone.

    Raises:
        UsedWrongly: there is no such zone.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise UsedWrongly(f"There is no time zone {name!r}.", "Use a name such as Asia/Kolkata.") from None
    return name


def check_region(region: str) -> str:
    """A region of two letters, in capitals.

    Raises:
        UsedWrongly: it is none.
    """
    if not re.fullmatch(r"[A-Za-z]{2}", region):
        raise UsedWrongly(f"{region!r} is no region.", "Use two letters such as IN, AE or GB.")
    return region.upper()


def check_hours(quiet: str) -> tuple[int | None, int | None]:
    """Quiet hours as ``21-9``; ``off`` lifts them.

    Raises:
        UsedWrongly: it is neither.
    """
    if quiet.lower() in {"off", "none", ""}:
        return None, None
    match = re.fullmatch(r"(\d{1,2})-(\d{1,2})", quiet)
    if not match or int(match[1]) > 23 or int(match[2]) > 23:
        raise UsedWrongly(f"{quiet!r} are no quiet hours.", "Give them as 21-9, or off.")
    return int(match[1]), int(match[2])


def choose(wanted: str | None, there: Sequence[Wedding]) -> Wedding:
    """Which wedding is meant: the one that is named, else the only one.

    Raises:
        UsedWrongly: the named one does not exist, or none or several could be meant.
    """
    names = ", ".join(wedding.slug for wedding in there)
    if wanted:
        for wedding in there:
            if wanted in {wedding.slug, str(wedding.id)}:
                return wedding
        known = f"There are: {names}." if there else "Make one with `parinaya weddings add TITLE --slug S`."
        raise UsedWrongly(f"There is no wedding {wanted!r}.", known, code="no_such_wedding")
    if len(there) == 1:
        return there[0]
    if not there:
        raise UsedWrongly(
            "There is no wedding yet.",
            "Make one with `parinaya weddings add TITLE --slug S`.",
            code="no_wedding",
        )
    raise UsedWrongly(
        f"Several weddings could be meant: {names}.",
        "Name one with --wedding SLUG, or choose one with `parinaya weddings use SLUG`.",
        code="which_wedding",
    )
