"""Links, gifts and arrivals as services: rehearsals, merges, who may."""

from __future__ import annotations

from dataclasses import replace

import pytest

from parinaya_cli.domain.access import Role
from parinaya_cli.domain.errors import NotFound, NotPermitted
from parinaya_cli.services import checkins, gifts, site, site_links
from parinaya_cli.services.site_links import DashboardRequest, SiteSetup
from tests.services.wedding_kit import Scene

SETUP = SiteSetup("https://site.example.in", b"secret of the tests")


def test_a_rehearsal_names_the_link_that_will_be_sent_and_writes_nothing(scene: Scene) -> None:
    units = [scene.household(name).id for name in ("Asha", "Ravi")]
    before = scene.table_sizes()
    with scene.begin() as tx:
        named = site_links.unit_links(tx, SETUP, units, write=False)
    assert scene.table_sizes() == before
    with scene.begin() as tx:
        assert site_links.unit_links(tx, SETUP, units) == named
    with scene.begin() as tx:
        assert site_links.unit_links(tx, SETUP, units[:1]) == {units[0]: named[units[0]]}
    assert scene.value("SELECT count(*) FROM site_links") == 2
    assert scene.value("SELECT count(*) FROM audit_logs WHERE action = 'link.make'") == 1


def test_two_secrets_hold_at_once_until_the_last_link_of_the_old_one_has_run_out(scene: Scene) -> None:
    rotated = SiteSetup(SETUP.url, b"the next secret", SETUP.secret)
    unit = scene.ready("Asha")[0]

    def opens(setup: SiteSetup, url: str) -> bool:
        with scene.begin() as tx:
            try:
                return bool(site.visit(tx, setup.secrets, url.rpartition("/")[2]))
            except NotFound:
                return False

    with scene.begin() as tx:
        assert site_links.examine(tx, SETUP) == []
        old = site_links.unit_link(tx, SETUP, unit.id)
        site_links.make_dashboard(tx, SETUP, DashboardRequest("Sunita", days=700))
    with scene.begin() as tx:
        lost = [*site_links.examine(tx, replace(rotated, before=b""))]
        new = site_links.unit_link(tx, rotated, unit.id)
        [told] = site_links.examine(tx, rotated)
        lost += site_links.examine(tx, replace(rotated, before=b""))
    assert new != old
    assert [opens(rotated, url) for url in (old, new)] == [True, True]
    assert [opens(SETUP, url) for url in (old, new)] == [True, False]
    assert told.detail.startswith("links of PARINAYA_SITE_SECRET_BEFORE that hold: 2, the last until ")
    assert [(one.ok, one.detail[-3:]) for one in lost] == [(False, ": 2"), (False, ": 1")], "one was renewed"
    scene.run("UPDATE site_links SET expires_at = now() WHERE kind = 'dashboard'")
    scene.run("UPDATE events SET starts_at = now() - interval '8 days', ends_at = NULL")
    with scene.begin() as tx:
        [told] = site_links.examine(tx, rotated)
        assert "config unset PARINAYA_SITE_SECRET_BEFORE" in told.detail
    assert [opens(rotated, url) for url in (old, new)] == [False, False]


def test_a_renewed_link_ends_under_both_secrets(scene: Scene) -> None:
    rotated = SiteSetup(SETUP.url, b"the next secret", SETUP.secret)
    unit = scene.ready("Asha")[0]
    with scene.begin() as tx:
        before = [site_links.unit_link(tx, setup, unit.id) for setup in (SETUP, rotated)]
        site_links.link(tx, rotated, unit.ref, renew=True)
        for url in before:
            with pytest.raises(NotFound):
                site.visit(tx, rotated.secrets, url.rpartition("/")[2])


def test_what_a_household_brought_comes_along_when_it_is_merged(scene: Scene) -> None:
    one, two = scene.ready("Asha", "Ravi")
    with scene.begin() as tx:
        gifts.add(tx, two.ref, "Bowl")
        checkins.check_in(tx, two.ref, "sangeet", 1)
        checkins.check_in(tx, one.ref, "sangeet", 2)
    scene.run("DELETE FROM invitations WHERE unit_id = :id", id=two.id)
    scene.run("UPDATE guest_units SET merged_into = :into WHERE id = :id", into=one.id, id=two.id)
    with scene.begin() as tx:
        [gift] = gifts.list_gifts(tx)
        [arrival] = checkins.list_arrivals(tx, "sangeet")
        assert (gift.unit, arrival.unit, arrival.arrived) == (one.ref, one.ref, 3)
        assert checkins.check_in(tx, one.ref, "sangeet", 2).arrived == 2
    with scene.begin() as tx:
        assert [each.arrived for each in checkins.list_arrivals(tx, "sangeet")] == [2]


def test_roles_make_links_that_they_may(scene: Scene) -> None:
    unit = scene.household("Asha", side="bride")
    for role in (Role.DESK, Role.AUDITOR):
        with pytest.raises(NotPermitted), scene.begin(role) as tx:
            site_links.link(tx, SETUP, unit.ref)
    for role in (Role.OPERATOR, Role.DESK, Role.AUDITOR):
        with pytest.raises(NotPermitted), scene.begin(role) as tx:
            site_links.make_dashboard(tx, SETUP, DashboardRequest("me"))
        with pytest.raises(NotPermitted), scene.begin(role) as tx:
            site_links.list_dashboards(tx)
