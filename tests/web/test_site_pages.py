"""The pages over HTTP: who sees what, what a form records, what nobody can make them do."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import zxingcpp
from icalendar import Calendar
from PIL import Image, ImageDraw

from parinaya_cli.domain.errors import Failed
from parinaya_cli.domain.gifts import GiftsMode, GiftsNote, upi_link
from parinaya_cli.services import gifts, inbox
from parinaya_cli.store.units import Unit
from parinaya_cli.web import site_kept
from parinaya_cli.web.site_words import ENGLISH, HINDI
from tests.services.wedding_kit import SETUP, Scene, open_scene
from tests.web.site_kit import Website, website

HOSTILE = """<script>alert(1)</script>"'&{{7*7}}</textarea>"""


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    with open_scene(database_url) as opened:
        yield opened


@pytest.fixture
def web(env: dict[str, str], tmp_path: Path, scene: Scene) -> Iterator[Website]:
    with website(env, tmp_path, scene) as opened:
        yield opened


def two_events(scene: Scene, seats: int = 4) -> Unit:
    """A household that is invited to a public sangeet and a private haldi."""
    scene.event("sangeet", venue="Taj Lake Palace", visibility="public")
    scene.event("haldi", venue="Sharma Niwas", visibility="invite-only", days=59)
    unit = scene.household("Asha Sharma", seats=seats)
    scene.invite("sangeet", "haldi", units=[unit.ref])
    return unit


# ── who sees what ──────────────────────────────────────────────────────────────────────────────────────


def test_the_public_page_knows_nothing_of_private_events(scene: Scene, web: Website) -> None:
    unit = two_events(scene)
    other = scene.household("Ravi Rao")
    scene.invite("sangeet", units=[other.ref])
    public, theirs, own = (
        web.get(path) for path in ("/w/ananya-kabir", web.link(other.ref), web.link(unit.ref))
    )
    assert {page.status_code for page in (public, theirs, own)} == {200}
    for page in (public, theirs):
        assert "Taj Lake Palace" in page.text
        assert "aldi" not in page.text
        assert "Sharma Niwas" not in page.text
    assert "Sharma Niwas" in own.text
    assert "aldi" not in web.get("/w/ananya-kabir/events/sangeet.ics").text
    # Titles and previews tell no name, no event and no count.
    head = own.text.partition("</head>")[0]
    assert not re.search("sharma|haldi|sangeet|seats", head, re.IGNORECASE)


def test_a_calendar_is_for_whom_it_concerns(scene: Scene, web: Website) -> None:
    unit, other = two_events(scene), scene.household("Ravi Rao")
    own = web.get(f"{web.link(unit.ref)}/events/haldi.ics")
    [entry] = Calendar.from_ical(own.text).walk("VEVENT")
    assert (entry["summary"], entry["location"]) == ("Haldi: Ananya-Kabir", "Sharma Niwas")
    assert entry.decoded("dtstart").utcoffset() == timedelta(hours=5, minutes=30)
    assert own.headers["content-type"].startswith("text/calendar")
    for path in (
        f"{web.link(other.ref)}/events/haldi.ics",
        f"{web.link(unit.ref)}/events/pheras.ics",
        "/w/ananya-kabir/events/haldi.ics",
        "/w/nobody/events/sangeet.ics",
    ):
        assert web.get(path).status_code == 404, path


def test_whatever_opens_nothing_is_the_same_missing_page(scene: Scene, web: Website) -> None:
    unit = two_events(scene)
    revoked, parents = web.link(unit.ref), web.parents()
    live = web.link(unit.ref, renew=True)
    assert live != revoked
    late = scene.household("Late Guest")
    scene.event("past", days=1)
    scene.invite("past", units=[late.ref])
    expired = web.link(late.ref)
    scene.run("UPDATE events SET starts_at = now() - interval '8 days' WHERE slug = 'past'")
    token = live.removeprefix("/i/")
    wrong = [
        revoked,
        expired,
        live[:-1] + ("A" if live[-1] != "A" else "B"),
        f"/d/{token}",
        f"/i/{parents.removeprefix('/d/')}",
        "/i/",
        "/i/x",
        "/d/" + "a" * 43,
        "/w/nobody",
        "/nothing",
    ]
    answers = [web.get(path) for path in wrong]
    assert {one.status_code for one in answers} == {404}
    assert len({one.text for one in answers}) == 1
    assert len({tuple(sorted(set(one.headers) - {"date"})) for one in answers}) == 1
    assert web.get(live).status_code == 200
    assert web.get(parents).status_code == 200
    assert web.post(revoked, {"sangeet.status": "no"}).status_code == 404


def test_tokens_are_not_stored_and_work_in_their_own_installation_alone(
    env: dict[str, str], tmp_path: Path, scene: Scene, web: Website
) -> None:
    unit = two_events(scene)
    paths = [web.link(unit.ref), web.parents()]
    assert web.link(unit.ref) == paths[0], "a link can be named again"
    stored = str([scene.rows("SELECT * FROM site_links"), scene.rows("SELECT * FROM guest_units")])
    for path in paths:
        token = path[3:]
        assert len(token) == 43
        assert token not in stored
        assert token[:22] not in stored
    with website({**env, "PARINAYA_SITE_SECRET": "another"}, tmp_path, scene) as other:
        assert {other.get(path).status_code for path in paths} == {404}
    rotated = {"PARINAYA_SITE_SECRET": "another", "PARINAYA_SITE_SECRET_BEFORE": env["PARINAYA_SITE_SECRET"]}
    with website({**env, **rotated}, tmp_path, scene) as next_one:
        new = next_one.link(unit.ref)
        assert [next_one.get(path).status_code for path in [*paths, new]] == [200, 200, 200]
        assert next_one.send(paths[0], {"sangeet.status": "no"}).status_code == 200
    assert (web.get(paths[0]).status_code, web.get(new).status_code) == (200, 404)


def test_guessing_is_slowed_down_and_a_right_link_is_not(scene: Scene, web: Website) -> None:
    right = web.link(two_events(scene).ref)
    codes = [web.get(f"/i/{number:043}").status_code for number in range(25)]
    assert codes == [404] * 20 + [429] * 5
    assert web.get("/d/x").status_code == 429
    assert web.get(right).status_code == 200
    assert web.get("/w/nobody").status_code == 404


def test_the_parents_page_counts_and_tells_phones_only_when_asked(scene: Scene, web: Website) -> None:
    two_events(scene)
    scene.household("Groom Uncle", "+919811122333", side="groom")
    scene.invite("sangeet")
    plain, phones = web.get(web.parents()), web.get(web.parents("Ravi", phones=True))
    groom = web.get(web.parents("Raj", side="groom", phones=True))
    assert "+91" not in plain.text
    assert "+919811122333" in phones.text
    assert "Asha Sharma family" in phones.text
    assert "+919811122333" in groom.text
    assert "Asha" not in groom.text
    unit = web.link("U1")
    web.send(unit, {"sangeet.status": "yes", "sangeet.heads": "3"})
    told = web.get(web.parents("Anew")).text
    assert "order 3 plates" in told
    assert ">Still open: 1 household to answer<" in told, "who may still want a plate"


def test_gifts_are_shown_to_the_parents_of_their_own_side_alone(scene: Scene, web: Website) -> None:
    scene.event()
    for name, side in (("Bride Aunt", "bride"), ("Groom Uncle", "groom")):
        scene.household(name, side=side)
    scene.invite("sangeet")
    with scene.begin() as tx:
        gifts.thank(tx, gifts.add(tx, "U1", "A silver lamp", Decimal(5100)).ref)
        gifts.add(tx, "U2", "A dinner set")
    bride, groom = web.get(web.parents("B", side="bride")).text, web.get(web.parents("G", side="groom")).text
    assert "A silver lamp" in bride
    assert "₹5,100" in bride
    assert "all have been thanked" in bride
    assert "A dinner set" not in bride
    assert "A dinner set" in groom
    assert "1 gift, 1 still to be thanked." in groom
    assert "silver lamp" not in groom
    for path in (web.parents("All"), web.link("U1"), "/w/ananya-kabir"):
        told = web.get(path).text
        assert "lamp" not in told
        assert "dinner set" not in told
        assert "5,100" not in told


# ── answers ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_form_is_recorded_and_changed(scene: Scene, web: Website) -> None:
    path = web.link(two_events(scene).ref)
    done = web.send(
        path,
        {
            "sangeet.status": "yes", "sangeet.heads": "३", "sangeet.children": "1", "sangeet.diet.jain": "2",
            "sangeet.note": "late by an hour", "haldi.status": "no",
        },
    )  # fmt: skip
    assert (done.status_code, urlsplit(str(done.url)).path) == (200, path)
    assert "Thank you" in done.text
    assert scene.answers() == [("haldi", "no", None, None), ("sangeet", "yes", 3, None)]
    [row] = scene.rows("SELECT * FROM rsvp_responses WHERE status = 'yes'")
    assert (row["adults"], row["children"], row["diets"], row["note"]) == (
        2,
        1,
        {"jain": 2},
        "late by an hour",
    )
    assert (row["channel"], row["source"]) == ("site", "page of U1")
    assert scene.counts()["sangeet"]["heads"] == 3
    again = web.send(path, {"sangeet.status": "yes", "sangeet.heads": "3", "sangeet.children": "1",
                            "sangeet.diet.jain": "2", "sangeet.note": "late by an hour"})  # fmt: skip
    assert "stands as it was" in again.text
    assert scene.value("SELECT count(*) FROM rsvp_responses") == 2
    web.send(path, {"sangeet.status": "maybe"})
    assert scene.answers() == [("haldi", "no", None, None), ("sangeet", "maybe", None, None)]
    web.send(path, {"sangeet.status": "yes", "sangeet.heads": "4"})
    assert scene.counts()["sangeet"]["heads"] == 4
    entries = scene.rows("SELECT actor, channel, ref FROM audit_logs WHERE action = 'answer.add'")
    assert {(one["channel"], one["ref"]) for one in entries} == {("site", "U1")}
    assert len(entries) == 4


def test_the_same_form_sent_several_times_at_once_is_recorded_once(scene: Scene, web: Website) -> None:
    path = web.link(two_events(scene).ref)
    fields = {"sangeet.mark": "", "sangeet.status": "yes", "sangeet.heads": "3"}
    with ThreadPoolExecutor(6) as hands:
        told = list(hands.map(lambda _: web.post(path, fields).status_code, range(6)))
    assert told == [200] * 6
    assert scene.value("SELECT count(*) FROM rsvp_responses") == 1


def test_more_people_than_seats_is_a_request(scene: Scene, web: Website) -> None:
    path = web.link(two_events(scene).ref)
    web.send(path, {"sangeet.status": "yes", "sangeet.heads": "2"})
    told = web.send(path, {"sangeet.status": "yes", "sangeet.heads": "7"})
    assert "You asked for 7 seats" in told.text
    assert scene.answers() == [("sangeet", "yes", 2, 7)]
    assert scene.counts()["sangeet"]["heads"] == 2


WRONG: list[dict[str, str]] = [
    {"sangeet.status": "yes"},
    {"sangeet.status": "yes", "sangeet.heads": "0"},
    {"sangeet.status": "yes", "sangeet.heads": "many"},
    {"sangeet.status": "yes", "sangeet.heads": "-1"},
    {"sangeet.status": "yes", "sangeet.heads": "501"},
    {"sangeet.status": "yes", "sangeet.heads": "2", "sangeet.children": "3"},
    {"sangeet.status": "yes", "sangeet.heads": "2", "sangeet.diet.jain": "2", "sangeet.diet.veg": "1"},
    {"sangeet.status": "perhaps"},
    {"sangeet.status": "no", "sangeet.note": "x" * 501},
]


def test_a_request_from_the_page_waits_for_the_family(scene: Scene, web: Website) -> None:
    two_events(scene)
    web.send(web.link("U1"), {"sangeet.status": "yes", "sangeet.heads": "7"})
    web.send(web.link("U1"), {"sangeet.status": "yes", "sangeet.heads": "7", "sangeet.note": "please"})
    with scene.begin() as tx:
        [item] = inbox.list_inbox(tx)
        told = inbox.document(item)
    assert (told["unit"], told["why"]) == ("U1", "asks for 7 seats, has 4 (Sangeet)")
    assert (told["text"], told["from"], told["window_open_until"]) == ("(on their page)", item.sender, None)
    assert item.sender.startswith("+91")
    web.send(web.link("U1"), {"sangeet.status": "yes", "sangeet.heads": "6"})
    with scene.begin() as tx:
        [item] = inbox.list_inbox(tx)
        assert item.why == "asks for 6 seats, has 4 (Sangeet)"
        with pytest.raises(Failed, match=r"24 hours|window"):
            inbox.reply(tx, item.ref, "You are welcome", SETUP)
        assert inbox.show(tx, item.ref)[1] == []
        assert inbox.close(tx, item.ref).state == "closed"
    scene.run("DELETE FROM person_contacts")
    web.send(web.link("U1"), {"sangeet.status": "yes", "sangeet.heads": "8"})
    with scene.begin() as tx:
        [item] = inbox.list_inbox(tx)
        with pytest.raises(Failed, match="has no phone"):
            inbox.reply(tx, item.ref, "You are welcome", SETUP)


def test_a_form_that_is_wrong_is_shown_again_and_nothing_is_recorded(scene: Scene, web: Website) -> None:
    path = web.link(two_events(scene).ref)
    for fields in WRONG:
        told = web.send(path, {**fields, "haldi.status": "yes", "haldi.heads": "2"})
        assert told.status_code == 422, fields
        assert 'class="trouble"' in told.text, fields
        assert re.search(r'name="haldi.heads"[^>]* value="2"', told.text), "what was typed is kept"
        assert scene.answers() == [], fields


def test_an_answer_given_meanwhile_is_not_overwritten(scene: Scene, web: Website) -> None:
    path = web.link(two_events(scene).ref)
    stale = {"sangeet.mark": "", "sangeet.status": "no"}
    web.send(path, {"sangeet.status": "yes", "sangeet.heads": "2"})
    told = web.post(path, stale)
    assert told.status_code == 422
    assert "meanwhile" in told.text
    assert scene.answers() == [("sangeet", "yes", 2, None)]
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', told.text))
    assert web.post(path, {**hidden, "sangeet.status": "no"}).status_code == 200
    assert scene.answers() == [("sangeet", "no", None, None)]


def test_a_function_that_is_over_or_cancelled_takes_no_answer(scene: Scene, web: Website) -> None:
    path = web.link(two_events(scene).ref)
    scene.run("UPDATE events SET cancelled_at = now() WHERE slug = 'haldi'")
    scene.run("UPDATE events SET starts_at = now() - interval '1 day' WHERE slug = 'sangeet'")
    page = web.get(path)
    assert "will not take place" in page.text
    assert "is over" in page.text
    assert 'type="radio"' not in page.text
    for slug in ("haldi", "sangeet", "pheras"):
        web.post(path, {f"{slug}.status": "yes", f"{slug}.heads": "2"})
    assert scene.answers() == []


def test_a_link_follows_a_household_that_was_merged(scene: Scene, web: Website) -> None:
    one, two = two_events(scene), scene.household("Asha S.", seats=1)
    path = web.link(two.ref)
    scene.run("UPDATE guest_units SET merged_into = :into WHERE id = :id", into=one.id, id=two.id)
    assert "Asha Sharma family" in web.get(path).text


# ── hostile hands ──────────────────────────────────────────────────────────────────────────────────────


class Scripts(HTMLParser):
    """What a browser would run, fetch or obey in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "iframe", "object", "embed", "img", "base"}:
            self.found.append(tag)
        for name, value in attrs:
            address = name in {"href", "src", "action", "formaction"} and value is not None
            odd = address and not (value or "").startswith(("/", "#", "https://", "tel:", "events/"))
            if name.startswith("on") or name == "style" or odd:
                self.found.append(f"{tag} {name}={value}")


def test_nothing_that_was_written_runs(scene: Scene, web: Website) -> None:
    scene.event("sangeet", title=HOSTILE, venue=HOSTILE, address=HOSTILE, dress_code=HOSTILE)
    scene.run("UPDATE events SET map_url = 'javascript:alert(1)'")
    unit = scene.household(HOSTILE)
    scene.invite("sangeet")
    scene.run("UPDATE weddings SET couple = :text, title = :text", text=HOSTILE)
    with scene.begin() as tx:
        gifts.set_note(tx, GiftsNote(GiftsMode.REGISTRY, HOSTILE, ("https://example.in/a?b=1&c=2",)))
    path = web.link(unit.ref)
    web.send(path, {"sangeet.status": "yes", "sangeet.heads": "2", "sangeet.note": HOSTILE})
    for page in (web.get(path), web.get("/w/ananya-kabir"), web.get(web.parents(HOSTILE[:20], phones=True))):
        assert page.status_code == 200
        reader = Scripts()
        reader.feed(page.text)
        assert reader.found == []
        assert "alert(1)" in page.text
        assert "javascript:" not in page.text
        assert "49" not in re.sub(
            r"\d{3,}|\d\.\d+|\d:\d\d", "", re.sub(r"<svg.*?</svg>", "", page.text, flags=re.DOTALL)
        )


def test_every_answer_is_guarded(scene: Scene, web: Website) -> None:
    path, parents = web.link(two_events(scene).ref), web.parents()
    style = re.search(r'href="(/static/[^"]+)"', web.get(path).text)
    assert style
    for one in (
        "/w/ananya-kabir",
        path,
        parents,
        "/nothing",
        style[1],
        f"{path}/events/haldi.ics",
        "/robots.txt",
    ):
        told = web.get(one).headers
        assert "default-src 'none'" in told["content-security-policy"], one
        assert "script-src" not in told["content-security-policy"]
        assert "frame-ancestors 'none'" in told["content-security-policy"]
        assert (told["x-content-type-options"], told["referrer-policy"]) == ("nosniff", "no-referrer"), one
        assert "server" not in told
    for one in (path, parents, "/nothing", f"{path}/events/haldi.ics"):
        told = web.get(one).headers
        assert "noindex" in told["x-robots-tag"], one
        assert told["cache-control"] == "no-store", one
    assert "noindex" not in web.get("/w/ananya-kabir").headers.get("x-robots-tag", "")


def test_odd_requests_are_turned_away(scene: Scene, web: Website) -> None:
    path = web.link(two_events(scene).ref)
    form = "application/x-www-form-urlencoded"
    url = f"{web.root}{path}/rsvp"
    assert httpx.post(url, content=b"a=b", headers={"Content-Type": "text/plain"}).status_code == 415
    assert httpx.post(url, content=b"a=b&" * 600, headers={"Content-Type": form}).status_code == 400
    assert httpx.post(url, content=b"x" * 70_000, headers={"Content-Type": form}).status_code == 413
    assert httpx.post(url, content=b"\xff\xfe=%ff&%zz", headers={"Content-Type": form}).status_code in {
        200,
        303,
    }
    assert httpx.get(url).status_code == 405
    assert httpx.post(f"{web.root}{path}").status_code == 405
    assert httpx.delete(f"{web.root}/w/ananya-kabir").status_code == 405
    assert scene.answers() == []


def test_a_form_that_comes_too_slowly_is_given_up(env: dict[str, str], tmp_path: Path, scene: Scene) -> None:
    from parinaya_cli.web.bodies import Limits

    with website(env, tmp_path, scene, Limits(body=1000, read=0.3)) as web:
        path = web.link(two_events(scene).ref)
        parts = urlsplit(web.root)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=60) as connection:
            head = f"POST {path}/rsvp HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n"
            connection.sendall(
                head.encode() + b"Content-Type: application/x-www-form-urlencoded\r\n\r\nsangeet"
            )
            assert connection.recv(1000).startswith(b"HTTP/1.1 408 ")


def test_postgres_away_is_said_kindly(env: dict[str, str], tmp_path: Path, scene: Scene) -> None:
    away = {**env, "DATABASE_URL": "postgresql://parinaya@127.0.0.1:9/parinaya"}
    with website(away, tmp_path, scene) as web:
        told = web.get("/w/ananya-kabir")
        assert told.status_code == 503
        assert "back in a moment" in told.text
        assert web.get("/healthz").status_code == 200


# ── gifts, words ───────────────────────────────────────────────────────────────────────────────────────


def test_the_code_of_a_shagun_is_read_by_a_payment_app(scene: Scene, web: Website) -> None:
    with scene.begin() as tx:
        gifts.set_note(tx, GiftsNote(GiftsMode.SHAGUN, "", (), "ananya@okbank"))
    page = web.get("/w/ananya-kabir").text
    assert "ananya@okbank" in page
    [path] = re.findall(r'class="qrline"[^>]* d="([^"]+)"', page) or re.findall(
        r' d="([^"]+)" class="qrline"', page
    )
    [read] = zxingcpp.read_barcodes(drawn(path))
    assert read.text == upi_link("ananya@okbank", "Ananya-Kabir")
    assert read.text == "upi://pay?pa=ananya@okbank&pn=Ananya-Kabir&cu=INR"


def drawn(path: str, scale: int = 8) -> Image.Image:
    """The picture of segno's path: lines of one unit, drawn with ``M``, ``h`` and ``m``."""
    picture = Image.new("L", (60 * scale, 60 * scale), 255)
    pen, x, y = ImageDraw.Draw(picture), 0.0, 0.0
    for letter, numbers in re.findall(r"([Mmh])([-\d. ]+)", path):
        told = [float(number) for number in re.findall(r"-?\d*\.?\d+", numbers)]
        if letter == "h":
            top = (y - 0.5) * scale
            pen.rectangle([x * scale, top, (x + told[0]) * scale - 1, top + scale - 1], fill=0)
            x += told[0]
        elif letter == "M":
            x, y = told
        else:
            x, y = x + told[0], y + told[1]
    return picture


def test_every_word_is_there_in_both_languages() -> None:
    assert ENGLISH.keys() == HINDI.keys()
    for key, told in ENGLISH.items():
        assert set(re.findall(r"{(\w+)}", told)) == set(re.findall(r"{(\w+)}", HINDI[key])), key


def test_the_pages_speak_the_language_of_whom_they_are_for(scene: Scene, web: Website) -> None:
    path = web.link(two_events(scene).ref)
    scene.run("UPDATE weddings SET language = 'hi'")
    page = web.get(path).text
    assert '<html lang="hi">' in page
    assert "क्या आप आएँगे?" in page
    assert "Will you come" not in page
    assert '<html lang="hi">' in web.get("/w/ananya-kabir").text
    assert "कुल कितने लोग आएँगे।" in web.send(path, {"sangeet.status": "yes"}).text
    other = scene.household("Ravi Rao", language="en")
    scene.invite("sangeet", units=[other.ref])
    assert '<html lang="en">' in web.get(web.link(other.ref)).text


def test_a_change_is_seen_within_a_second(scene: Scene, web: Website) -> None:
    two_events(scene)
    assert "Taj Lake Palace" in web.get("/w/ananya-kabir").text
    scene.run("UPDATE events SET venue = 'City Palace'")
    end = scene.value("SELECT clock_timestamp()") + timedelta(seconds=60)
    while "City Palace" not in web.get("/w/ananya-kabir").text:
        assert scene.value("SELECT clock_timestamp()") < end
    assert site_kept.FRESH <= 1
