"""An account at the provider without a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from parinaya_cli.domain.accounts import NEEDED, CountedDay, Subscription, Token
from parinaya_cli.domain.errors import ParinayaError

WELL = Token(True, permissions=frozenset(NEEDED))


@dataclass
class FakeAccount:
    """``ProviderAccount``: answers what is set here, or raises ``error``; ``asked`` counts the questions."""

    told: Token = WELL
    apps: list[Subscription] = field(default_factory=lambda: [Subscription("Weddings")])
    days: list[CountedDay] = field(default_factory=list)
    error: ParinayaError | None = None
    asked: int = 0

    def token(self) -> Token:
        self._ask()
        return self.told

    def subscriptions(self) -> list[Subscription]:
        self._ask()
        return list(self.apps)

    def counted_days(self, since: datetime, until: datetime, numbers: Sequence[str] = ()) -> list[CountedDay]:
        self._ask()
        return [one for one in self.days if one.until > since and one.since < until]

    def _ask(self) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error
