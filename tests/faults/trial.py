"""One trial: a batch to the whole crowd, something that goes wrong, and what must hold afterwards."""

from __future__ import annotations

import uuid
from collections import Counter
from pathlib import Path
from typing import Any

from tests.faults.ledger import MESSAGES, PATIENCE, tell
from tests.journeys.stage import Process, Stage, dispatch_of, invitations, is_settled, until


class Trial:
    """A batch under way on a stage. ``host``: where the stand-in listens; ``receiver``: its further environment."""

    def __init__(
        self,
        stage: Stage,
        *faults: str,
        delay: str = "0.02-0.1",
        host: str = "127.0.0.1",
        **receiver: str,
    ) -> None:
        self.stage = stage
        self.kept: Path = stage.folder / "journal"
        self.receiver = stage.start("webhook", "serve", "--port", "0", **receiver)
        self.stand_in = stage.start(
            *(
                "sandbox",
                "serve",
                "--host",
                host,
                "--port",
                "0",
                "--webhook",
                self.receiver.address,
                "--rate",
                "5000",
            ),
            *("--delay", delay, "--journal", self.kept),
            *(word for fault in faults for word in ("--fault", fault)),
        )
        stage.env["WHATSAPP_BASE_URL"] = self.stand_in.address

    def work(self, *argv: object, **more: str) -> Process:
        """Start a worker; ``more``: further environment."""
        return self.stage.start("worker", *argv, **more)

    def send(self) -> None:
        """Queue a message for each household."""
        argv = ("invite", "send", "--template", "shaadi_invite", "--yes")
        assert self.stage.json(*argv)["queued"] == MESSAGES

    @property
    def out(self) -> int:
        """How many messages were accepted so far."""
        return len(invitations(self.kept))

    def wait_for(self, share: float) -> None:
        """Wait until this share of the batch is out."""
        until(lambda: self.out >= share * MESSAGES, PATIENCE, f"{share:.0%} are out")

    def lose(self) -> list[uuid.UUID]:
        """What is on its way now has been so for an hour; returns it. One by one: no lock is waited for long."""
        lost = [row[0] for row in self.stage.rows("SELECT id FROM invite_dispatch WHERE state = 'sending'")]
        for one in lost:
            self.stage.rows(
                "UPDATE invite_dispatch SET lease_until = lease_until - interval '1 hour' "
                "WHERE id = %s AND state = 'sending'",
                one,
            )
        return lost

    def reconcile(self) -> dict[str, Any]:
        """The checks by name; again while a worker's own round is at it."""
        while True:
            ran = self.stage.run("reconcile", "--json")
            if ran.code != 7:
                assert ran.code in (0, 5), ran.err
                return {one["name"]: one for one in ran.json["checks"]}

    def settle(self) -> None:
        """Wait until nothing more happens by itself today."""
        until(lambda: is_settled(self.stand_in.address, self._open), PATIENCE, "all is settled", pause=0.3)

    def _open(self) -> int:
        found: int = self.stage.rows(
            "SELECT (SELECT count(*) FROM invite_dispatch WHERE state IN ('planned', 'sending') "
            "OR (state = 'queued' AND not_before < now() + interval '1 hour')) + "
            "(SELECT count(*) FROM webhook_events WHERE state IN ('pending', 'failed'))"
        )[0][0]
        return found

    def judge(self, times: int, **more: int) -> Counter[str]:
        """See that nobody got two and nobody was lost, whatever was done ``times`` times; returns the states.

        A message of which the provider has none must say so itself: unknown, or failed, waiting or left out with
        its reason. One that the provider has must have been settled by its statuses.
        """
        lines = invitations(self.kept)
        messages = Counter(dispatch_of(line) for line in lines)
        assert set(messages.values()) <= {1}, "a household got two"
        assert set(Counter(line["to"] for line in lines).values()) <= {1}, "a phone got two"
        rows = self.stage.rows("SELECT id, state, reason FROM invite_dispatch WHERE kind = 'template'")
        assert len(rows) == MESSAGES, "a household has no row"
        states = Counter(state for _, state, _ in rows)
        for dispatch, state, reason in rows:
            told = state in {"unknown", "failed", "skipped", "queued"} and bool(reason)
            assert state == "read" if dispatch in messages else told, (state, reason)
        checks = self.reconcile()
        assert checks["batches"]["left"] == []
        assert len(checks["unknown"]["left"]) == states["unknown"]
        settled = sum(state == "read" for _, state, _ in rows)
        tell(
            times,
            duplicates=len(lines) - len(messages),
            lost=MESSAGES - len(messages) - sum(dispatch not in messages for dispatch, _, _ in rows),
            unknown=states["unknown"],
            messages=MESSAGES,
            settled=settled,
            **more,
        )
        return states
