"""The pages as HTML: templates with everything escaped, ornaments and codes drawn here."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.events import Event
from parinaya_cli.domain.gifts import GiftsMode, GiftsNote, check_url, show_amount, upi_link
from parinaya_cli.domain.site import DIETS, Entered, OwnEvent, Said, entered_before
from parinaya_cli.domain.weddings import Wedding
from parinaya_cli.services.site import PublicPage, Visit
from parinaya_cli.web.site_words import Words

PAGES = Path(__file__).parent / "pages"

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""What a browser may do on our pages: nothing but show them in our style and send the form to us."""


@cache
def style() -> str:
    """The style sheet of all pages."""
    return (PAGES / "site.css").read_text("utf-8")


@cache
def style_name() -> str:
    """Its file name, which changes with what it holds, so that it may be kept for ever."""
    return f"site-{hashlib.sha256(style().encode()).hexdigest()[:12]}.css"


_ORNAMENTS = ("toran", "mandala", "scallops", "divider")
"""What is drawn once and stands on every page."""


@cache
def _templates() -> Environment:
    found = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters["host"] = lambda url: (urlsplit(url).hostname or "").removeprefix("www.")
    found.filters["indian"] = indian
    drawn = found.get_template("ornaments.html").module
    found.globals["ornament"] = {name: getattr(drawn, name)() for name in _ORNAMENTS}
    return found


def render(name: str, **values: object) -> str:
    """A page from its template."""
    shared: dict[str, object] = {
        "style": f"/static/{style_name()}",
        "inline_style": "",
        "policy": "",
        "hidden": True,
        "lang": "en",
    }
    return _templates().get_template(name).render(shared | values)


@dataclass(frozen=True)
class Shown:
    """An event as a template needs it; times in the wedding's zone. ``calendar``: the address of its file."""

    slug: str
    title: str
    starts: datetime
    ends: datetime | None
    venue: str
    address: str
    map: str
    dress_code: str
    calendar: str


def _shown(event: Event, zone: ZoneInfo, calendar: str) -> Shown:
    return Shown(
        event.slug,
        event.title,
        event.starts_at.astimezone(zone),
        event.ends_at.astimezone(zone) if event.ends_at else None,
        event.venue,
        event.address,
        _safe(event.map_url),
        event.dress_code,
        calendar,
    )


def _safe(url: str) -> str:
    """An address that may stand in a link; empty when a browser could take it for anything but the web's."""
    try:
        return check_url(url) if url else ""
    except UsedWrongly:
        return ""


def couple_of(wedding: Wedding) -> list[str]:
    """The names of the two, apart, as far as an ``&`` tells them."""
    return [part for part in re.split(r"\s+&\s+", (wedding.couple or wedding.title).strip()) if part]


def public(page: PublicPage, *, static: bool = False) -> str:
    """The page that anybody may see. ``static``: for a folder of files, with addresses beside it."""
    words = Words(page.wedding.language)
    zone = page.wedding.zone
    root = "" if static else f"/w/{page.wedding.slug}/"
    shown = [_shown(one, zone, f"{root}events/{one.slug}.ics") for one in page.events]
    days = sorted({one.starts.date() for one in shown})
    when = words.day(days[0]) if len(days) == 1 else ""
    if len(days) > 1:
        when = f"{words.day(days[0])} – {words.day(days[-1])}"
    return render(
        "public.html",
        lang=words.language,
        w=words,
        couple=couple_of(page.wedding),
        events=shown,
        preview=when or words("no_events"),
        gifts=page.gifts,
        qr=qr_code(page.gifts, page.wedding),
        hidden=False,
        policy=POLICY.replace("; frame-ancestors 'none'", "") if static else "",
        style=style_name() if static else f"/static/{style_name()}",
    )


def unit(visit: Visit, token: str, entered: Mapping[str, Entered], banner: str = "") -> str:
    """A household's page. ``entered``: what was typed, where it could not be recorded; ``banner``: a word for it."""
    words = Words(visit.page.language or visit.wedding.language)
    root = f"/i/{token}"
    events = [_own(one, visit.wedding, words, root, entered) for one in visit.page.events]
    troubled = any(one.trouble for one in entered.values())
    return render(
        "unit.html",
        lang=words.language,
        w=words,
        couple=couple_of(visit.wedding),
        label=visit.page.label or ", ".join(visit.page.members),
        action=f"{root}/rsvp",
        events=events,
        open=any(one.open for one in visit.page.events),
        diets=DIETS,
        banner=words("mend") if troubled else (words(banner) if banner else ""),
        troubled=troubled,
        gifts=visit.gifts,
        qr=qr_code(visit.gifts, visit.wedding),
    )


def _own(
    own: OwnEvent, wedding: Wedding, words: Words, root: str, entered: Mapping[str, Entered]
) -> Mapping[str, object]:
    typed = entered.get(own.event.slug)
    return {
        "event": _shown(own.event, wedding.zone, f"{root}/events/{own.event.slug}.ics"),
        "seats": own.seats,
        "open": own.open,
        "cancelled": own.event.cancelled_at is not None,
        "answer_by": words.day(own.event.rsvp_by) if own.event.rsvp_by else "",
        "stands": _stands(own.said, words),
        "form": typed if typed is not None and typed.trouble else _merged(own, typed),
    }


def _merged(own: OwnEvent, typed: Entered | None) -> Entered:
    """What the form shows: what was typed, when another event's trouble kept it from being sent."""
    return typed if typed is not None else entered_before(own.said)


def _stands(said: Said, words: Words) -> str:
    if said.status == "yes":
        if said.requested_heads is not None:
            return words("stands_asked", heads=said.requested_heads)
        return words("stands_yes", heads=said.heads) if said.heads is not None else words("stands_yes_open")
    return words(f"stands_{said.status}") if said.status else ""


def qr_code(gifts: GiftsNote, wedding: Wedding) -> Markup:
    """The code that payment apps read, as SVG; empty when no shagun is wished for."""
    if gifts.mode is not GiftsMode.SHAGUN:
        return Markup("")
    return _drawn(upi_link(gifts.upi_id, wedding.couple or wedding.title))


@lru_cache(maxsize=64)
def _drawn(text: str) -> Markup:
    """A code takes milliseconds, more than all the rest of a page, and each wedding has one."""
    made = segno.make(text, error="m", micro=False)
    out = io.BytesIO()
    made.save(out, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2, title="UPI", nl=False)
    return Markup(out.getvalue().decode("utf-8"))  # noqa: S704 (made of a code's squares; the text is not in it)


def missing(status: int) -> str:
    """The page for what is not there, or can't be shown now."""
    told = {
        404: (
            "This page is not here",
            "Please look at the address again, or open the link of your invitation.",
        ),
        429: ("A moment, please", "Too many addresses were tried. Please try again in a minute."),
        503: ("We will be back in a moment", "The page can’t be shown right now. Please try again soon."),
    }
    heading, advice = told.get(status, ("Something went wrong", "Please go back and try again."))
    return render("missing.html", heading=heading, advice=advice)


def inline_style() -> Markup:
    """The style sheet for a file that has it inside: our own text, with nothing in it that would end the element."""
    return Markup(style().replace("</", "<\\/"))  # noqa: S704


def indian(number: int) -> str:
    """A number with its digits grouped as in India: 1,00,000."""
    return show_amount(Decimal(number)).removeprefix("₹")
