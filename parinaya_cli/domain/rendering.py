"""One household's message: its fields, its values, its header, its buttons."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from parinaya_cli.domain import taps
from parinaya_cli.domain.addressees import Addressee, Sending
from parinaya_cli.domain.conversation.understand import label_meaning
from parinaya_cli.domain.events import Event
from parinaya_cli.domain.messages import ButtonValue, MediaValue, TemplateContent, TextValue
from parinaya_cli.domain.templates import (
    MEDIA_HEADERS,
    ButtonKind,
    Filling,
    TemplateDefinition,
    fill,
    parameters,
)
from parinaya_cli.domain.wording import join_titles, show_day, show_time

About = tuple[Event, ...]


def fill_for(sending: Sending, addressee: Addressee, about: About, version: TemplateDefinition) -> Filling:
    """The values of one household; what its header lacks is a problem too."""
    filling = fill(version, sending.mapping, _fields(sending, addressee, about, version.language))
    lacking = _lacking(sending, version)
    if not lacking:
        return filling
    missing = (*filling.missing, f"header:{version.header_format}")
    return Filling(filling.values, missing, filling.shortened, (*filling.problems, lacking))


def _lacking(sending: Sending, version: TemplateDefinition) -> str:
    """What the header of a version needs and has not, as a sentence."""
    if version.header_format == "location":
        return "The header is a location, which parinaya does not fill."
    wanted, medium = version.header_format, sending.headers.get(version.language)
    if wanted not in MEDIA_HEADERS:
        return ""
    if medium is None:
        return f"The header has no {wanted}: parinaya templates map {version.name} --header-{wanted} FILE."
    if medium.kind not in {"", wanted}:
        return f"The header wants a {wanted}, and {medium.filename} is a {medium.kind}."
    return ""


def render(
    sending: Sending, addressee: Addressee, about: About, version: TemplateDefinition, filling: Filling
) -> TemplateContent:
    """The content of one household's message, from the values that ``fill_for`` has found."""
    named = version.parameter_format == "named"
    return TemplateContent(
        version.name,
        version.language,
        _header(sending, version, filling),
        tuple(
            TextValue(filling.values[name], name if named else None)
            for name in parameters(version)
            if ":" not in name
        ),
        tuple(_buttons(sending, addressee, about, version, filling)),
    )


def _header(sending: Sending, version: TemplateDefinition, filling: Filling) -> TextValue | MediaValue | None:
    for name, value in filling.values.items():
        if name.startswith("header:"):
            bare = name.removeprefix("header:")
            return TextValue(value, bare if version.parameter_format == "named" else None)
    medium = sending.headers.get(version.language)
    if version.header_format not in MEDIA_HEADERS or medium is None:
        return None
    filename = medium.filename if version.header_format == "document" else ""
    if medium.link:
        return MediaValue(version.header_format, None, medium.link, filename or None)
    # Without a living upload the file itself is named: so a rehearsal and the batch have one fingerprint.
    return MediaValue(version.header_format, medium.media_id or medium.sha256, None, filename or None)


@lru_cache(maxsize=1024)
def _answer(label: str) -> str | None:
    """What a button answers: the same for every guest, and slow to find out."""
    return label_meaning(label)


def _buttons(
    sending: Sending, addressee: Addressee, about: About, version: TemplateDefinition, filling: Filling
) -> list[ButtonValue]:
    found: list[ButtonValue] = []
    for button in version.buttons:
        if button.kind is ButtonKind.QUICK_REPLY:
            answer = _answer(button.text)
            if answer and addressee.unit_number:  # a test for nobody: a tap answers for no household
                numbers = tuple(event.number for event in about)
                meaning = taps.TapMeaning(answer, addressee.unit_number, numbers)
                payload = taps.write(sending.tap_secret, sending.wedding.id, meaning)
                found.append(ButtonValue(button.index, "quick_reply", payload))
        elif button.kind is ButtonKind.URL and button.variable:
            found.append(ButtonValue(button.index, "url", filling.values[f"button:{button.index}"]))
    return found


def _fields(sending: Sending, addressee: Addressee, about: About, language: str) -> dict[str, str]:
    fields = {
        "guest_name": addressee.full_name or addressee.label,
        "unit_name": addressee.label,
        "couple": sending.wedding.couple or sending.wedding.title,
        "link": addressee.link,
    }
    if about:
        fields["seats"] = str(max(addressee.invited.get(e.id, (0, None))[0] for e in about) or "")
    return fields | _event_fields(about, language, sending.wedding.zone)


@lru_cache(maxsize=1024)
def _event_fields(about: About, language: str, zone: ZoneInfo) -> dict[str, str]:
    """What is told of the same events to every household; the dictionary is not to be changed."""
    fields = {"events": join_titles([event.title for event in about], language)}
    if not about:
        return fields
    first = about[0]
    starts = first.starts_at.astimezone(zone)
    deadlines = [event.rsvp_by for event in about if event.rsvp_by]
    return fields | {
        "event_name": first.title,
        "event_date": show_day(starts.date(), language),
        "event_time": show_time(starts),
        "venue": first.venue,
        "rsvp_by": show_day(min(deadlines), language) if deadlines else "",
    }
