"""A send rate without a clock."""

from __future__ import annotations


class FakePacer:
    """``Pacer`` that never waits.

    ``waits`` holds (phone number id, count) of each wait, ``slowed`` the ids that were slowed down.
    """

    def __init__(self) -> None:
        self.waits: list[tuple[str, int]] = []
        self.slowed: list[str] = []

    def wait(self, phone_number_id: str, count: int) -> None:
        self.waits.append((phone_number_id, count))

    def slow_down(self, phone_number_id: str) -> None:
        self.slowed.append(phone_number_id)
