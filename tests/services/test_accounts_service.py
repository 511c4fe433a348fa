"""The provider's own count of messages, once a day: quiet when it is ours, one line when it is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from parinaya_cli.domain.accounts import Counted, CountedDay
from parinaya_cli.domain.errors import Unreachable
from parinaya_cli.domain.messages import DeliveryStatus
from parinaya_cli.services import reconcile, statuses
from parinaya_cli.services.reconcile import CheckReport, Outside
from tests.fakes.provider_account import FakeAccount
from tests.services.wedding_kit import Scene

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + DAY
"""When all of this is played, whatever the time is."""

TODAY = NOON - timedelta(hours=17, minutes=30)
"""Since when it is today in India, where the account is: the day is not over."""

TOLD = {
    0: {DeliveryStatus.SENT: TODAY - 2 * DAY + HOUR},
    1: {
        DeliveryStatus.SENT: TODAY - 2 * DAY + HOUR,
        DeliveryStatus.DELIVERED: TODAY - 2 * DAY + 12 * HOUR,
        DeliveryStatus.READ: TODAY - HOUR,
    },
    2: {DeliveryStatus.READ: TODAY - HOUR},  # the steps before are missing
}
"""When each of three messages was told to be where: three were sent and two arrived, one of each on the last day."""


def day(before: int, sent: int, delivered: int) -> CountedDay:
    """What the provider counted on the day that begins so many days before today."""
    since = TODAY - before * DAY
    return CountedDay(since, since + DAY, Counted(sent, delivered))


OURS = [day(2, 2, 1), day(1, 1, 1)]
UNFINISHED = day(0, 99, 99)


@pytest.fixture
def heard(scene: Scene) -> Scene:
    scene.ready("Asha", "Ravi", "Mina")
    scene.send()
    scene.deliver()
    with scene.system() as tx:
        for place, told in TOLD.items():
            message = scene.sender.sent[place]
            updates = [scene.status(message, status, wamid=f"w{place}") for status in told]
            statuses.hear(tx, [replace(one, at=told[one.status]) for one in updates])
    return scene


def totals(scene: Scene, account: FakeAccount, *, hours_later: int = 0, only: bool = False) -> CheckReport:
    """What ``reconcile`` says of them at noon."""

    def after() -> timedelta:
        return NOON + hours_later * HOUR - datetime.now(UTC)

    found = reconcile.reconcile(
        lambda: scene.system(after()),
        only=["totals"] if only else [],
        outside=Outside(account=lambda: account),
    )
    return {one.name: one for one in found}["totals"]


def test_it_is_quiet_when_both_have_counted_the_same(heard: Scene) -> None:
    account = FakeAccount(days=[*OURS, UNFINISHED])
    assert totals(heard, account) == CheckReport("totals", 3, 0, 0)


@pytest.mark.parametrize(
    ("days", "ours"),
    [
        ([day(2, 3, 1), day(1, 1, 1)], "3 and 2"),
        ([day(2, 2, 1), day(1, 1, 0)], "3 and 2"),
        ([day(3, 1, 0), *OURS], "3 and 2"),
        ([day(1, 1, 1)], "3 and 2"),
        ([], "2 and 1"),
    ],
    ids=["more sent", "fewer delivered", "before ours", "a day that it does not know", "no day at all"],
)
def test_a_difference_is_one_line_and_nothing_is_done(
    heard: Scene, days: list[CountedDay], ours: str
) -> None:
    before = heard.states()
    report = totals(heard, FakeAccount(days=[*days, UNFINISHED]))
    assert (report.drift, report.mended, len(report.left)) == (0, 0, 1)
    assert f"we were told of {ours}:" in report.left[0]
    assert heard.states() == before


def test_it_is_asked_once_a_day_and_what_was_found_stands_meanwhile(heard: Scene) -> None:
    account = FakeAccount(days=[day(2, 9, 9), day(1, 1, 1)])
    first = totals(heard, account)
    assert len(first.left) == 1
    account.days = OURS
    assert (totals(heard, account).left, account.asked) == (first.left, 1)
    assert (totals(heard, account, only=True).left, account.asked) == ((), 2), "unless somebody wants to know"
    account.days = [day(2, 9, 9), day(1, 1, 1)]
    assert totals(heard, account).left == ()
    account.days = [*OURS, day(0, 5, 5)]
    assert len(totals(heard, account, hours_later=25).left) == 1, (
        "the day is over, and these five are not ours"
    )
    assert account.asked == 3


def test_who_can_not_be_asked_is_asked_again_and_nobody_is_woken(heard: Scene) -> None:
    account = FakeAccount(days=OURS, error=Unreachable("WhatsApp can't be reached.", "Wait."))
    assert (totals(heard, account).left, totals(heard, account).left, account.asked) == ((), (), 2)
    assert totals(heard, account, only=True).left == ("totals were not compared: WhatsApp can't be reached.",)


def test_other_numbers_of_the_account_are_not_ours(heard: Scene) -> None:
    heard.run(
        "INSERT INTO sender_numbers (phone_number_id, display_number) VALUES ('another', '+15550100') "
        "ON CONFLICT (phone_number_id) DO NOTHING"
    )
    heard.run("UPDATE sender_numbers SET display_number = '' WHERE phone_number_id <> 'another'")
    report = totals(heard, FakeAccount())
    assert report.left == (), "of the numbers that are known by name, none has sent anything"
