"""The pages in a browser: answering without JavaScript, on small and large screens, in light and dark, readable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, ConsoleMessage, Page

from parinaya_cli.domain.gifts import GiftsMode, GiftsNote
from parinaya_cli.services import answers, gifts
from parinaya_cli.services.answers import StatusRow
from tests.services.wedding_kit import Scene, open_scene
from tests.web.site_kit import Website, website

PATIENCE = 60_000
"""Milliseconds."""

# What axe leaves to others: contrast over a gradient and in pictures (WCAG 2.2, 1.4.3), and that nothing is wider than
# the screen (1.4.10).
TROUBLES = (Path(__file__).parent / "troubles.js").read_text("utf-8")

# All rules of axe, with the one that it leaves off by itself (2.5.8, target size).
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
CONTRAST = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}


def troubles(page: Page, rules: Mapping[str, object] = RULES) -> list[str]:
    """Whatever keeps people with poor sight, or with a screen reader, from using a page."""
    told = Axe().run(page, options=rules).response["violations"]
    own: list[str] = page.evaluate(TROUBLES)
    return [f"{one['id']}: {one['nodes'][0]['html'][:90]}" for one in told] + own


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    with open_scene(database_url) as opened:
        yield opened


@pytest.fixture
def web(env: dict[str, str], tmp_path: Path, scene: Scene) -> Iterator[Website]:
    with website(env, tmp_path, scene) as opened:
        yield opened


def a_wedding(scene: Scene) -> None:
    """Names in four scripts, two events, gifts."""
    scene.run("UPDATE weddings SET couple = 'Ananya & Kabir'")
    scene.event("haldi", days=59, venue="Sharma Niwas", visibility="invite-only", dress_code="Yellow")
    scene.event(
        "sangeet", venue="Taj Lake Palace", address="Pichola Lake, Udaipur", map_url="https://maps.example.in/",
        capacity=10,
    )  # fmt: skip
    for name in ("गीता शर्मा", "જીગ્નેશ પટેલ", "மீனாட்சி சுந்தரம்"):
        scene.household(name, seats=4)
    scene.household("Asha Rao", seats=4, side="bride")
    scene.invite("haldi", "sangeet")
    with scene.begin() as tx:
        gifts.set_note(tx, GiftsNote(GiftsMode.SHAGUN, "", (), "ananya@okbank"))


def status(scene: Scene, event: str) -> StatusRow:
    """What `rsvp status` tells."""
    with scene.begin() as tx:
        [row] = answers.status(tx, event)
    return row


def opened(browser: Browser, url: str, *, width: int = 360, dark: bool = False, script: bool = True) -> Page:
    """A page on a screen of this width."""
    context = browser.new_context(
        viewport={"width": width, "height": 780},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    return page


def test_a_household_answers_and_changes_its_mind_without_javascript(
    browser: Browser, scene: Scene, web: Website
) -> None:
    a_wedding(scene)
    page = opened(browser, web.root + web.link("U1"), script=False)
    assert "गीता शर्मा family" in page.inner_text("h1 + p + p, .greeting")
    sangeet = page.locator("#sangeet")
    sangeet.get_by_text("Yes, with joy").click()
    sangeet.get_by_label("How many of you come?").fill("3")
    sangeet.get_by_text("Food, children, a word for us").click()
    sangeet.get_by_label("Jain").fill("2")
    page.locator("#haldi").get_by_text("Can’t come").click()
    page.get_by_role("button", name="Send our answer").click()
    page.wait_for_url("**said=1**")
    assert "Thank you" in page.inner_text("[role=status]")
    assert "3 of you" in page.inner_text("#sangeet .stands")
    row = status(scene, "sangeet")
    assert (row.yes_units, row.yes_heads, row.pending_units) == (1, 3, 3)
    assert status(scene, "haldi").no_units == 1

    page.locator("#sangeet").get_by_label("How many of you come?").fill("6")
    page.locator("#haldi").get_by_text("Not sure yet").click()
    page.get_by_role("button", name="Send our answer").click()
    page.wait_for_selector("text=You asked for 6 seats")
    assert (status(scene, "sangeet").yes_heads, status(scene, "haldi").maybe_units) == (3, 1)
    page.context.close()


def test_what_is_wrong_is_told_beside_it(browser: Browser, scene: Scene, web: Website) -> None:
    a_wedding(scene)
    page = opened(browser, web.root + web.link("U1"))
    page.locator("#sangeet").get_by_text("Yes, with joy").click()
    page.get_by_role("button", name="Send our answer").click()
    assert "Nothing was sent yet" in page.inner_text("[role=alert]")
    fieldset = page.locator("#sangeet fieldset.answer")
    trouble = fieldset.get_attribute("aria-describedby")
    assert "how many of you" in page.inner_text(f"[id='{trouble}']")
    assert page.is_checked("[id='sangeet.yes']")
    assert troubles(page) == []
    assert scene.answers() == []
    page.context.close()


def _hear(said: list[str], message: ConsoleMessage) -> None:
    said.append(message.text)


def test_every_page_can_be_read_on_every_screen(
    browser: Browser, scene: Scene, web: Website, tmp_path: Path
) -> None:
    a_wedding(scene)
    web.send(web.link("U1"), {"sangeet.status": "yes", "sangeet.heads": "3"})
    with scene.begin() as tx:
        gifts.add(tx, "U4", "Shagun envelope", Decimal(5100))
    pages = {
        "public": "/w/ananya-kabir",
        "unit": web.link("U1"),
        "thanks": f"{web.link('U1')}?said=1",
        "parents": web.parents(phones=True),
        "bride": web.parents("Asha", side="bride"),
        "missing": "/nothing",
    }
    asked: list[str] = []
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: asked.append(request.url))
    said: list[str] = []
    page.on("console", partial(_hear, said))
    for name, path in pages.items():
        page.set_viewport_size({"width": 360, "height": 780})
        page.emulate_media(color_scheme="light")
        page.goto(web.root + path)
        assert name == "missing" or said == [], name
        said.clear()
        page.screenshot(path=tmp_path / f"{name}-360.png", full_page=True)
        assert troubles(page) == [], name
        page.emulate_media(color_scheme="dark")
        assert troubles(page, CONTRAST) == [], name
        for width in (768, 1280):
            page.set_viewport_size({"width": width, "height": 780})
            page.screenshot(path=tmp_path / f"{name}-{width}.png", full_page=True)
            assert page.evaluate(TROUBLES) == [], (name, width)
    context.close()
    assert all(url.startswith(web.root) for url in asked), "nobody else is asked"
    assert len(list(tmp_path.glob("*.png"))) == 18
