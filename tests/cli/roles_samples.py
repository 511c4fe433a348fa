"""One call of every command, the row of the contract's matrix that it falls under, and the trace that it leaves.

A new command fails ``test_roles_matrix.py`` until it stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING

from parinaya_cli.domain.access import MATRIX, Permission, Role
from tests.docs.reference import commands

if TYPE_CHECKING:
    from typer._click import Command

_P, _R = Permission, Role


class Ground(Enum):
    """Why a command asks for no role: it neither reads nor changes what belongs to a wedding."""

    MACHINE = "settings, servers, schema or queue of this machine"
    OPEN = "tells what everybody may know"


@dataclass(frozen=True, eq=False)
class Sample:
    """A call of a command in the world of ``roles_world.py``.

    ``may``: the row of the matrix. ``action``: the entry of the audit log that it leaves as owner. ``code``: how it
    ends for whoever may. ``narrow``: how it ends for roles that the row lets in, but that see too little for it: names
    and answers only, or one side only. ``once``: it asks as another sample of its command does; only the owner runs it.
    """

    line: str
    may: Permission | Ground
    action: str = ""
    code: int = 0
    narrow: Mapping[Role, int] = field(default_factory=dict)
    once: bool = False

    def is_run_by(self, role: Role) -> bool:
        """Is it run by that role? What asks for none is run by the desk alone, and by the owner."""
        return not self.once and (isinstance(self.may, Permission) or role is Role.DESK)

    @property
    def command(self) -> str:
        """The words of the command."""
        words = self.line.split()
        return " ".join(words[:2]) if " ".join(words[:2]) in _commands() else words[0]

    @property
    def reason(self) -> str:
        """The reason that the line itself gives."""
        return self.line.partition("--reason '")[2].rstrip("'")

    @property
    def takes_reason(self) -> bool:
        """Does its command take --reason?"""
        return takes_reason(_commands()[self.command])

    def wanted(self, role: Role) -> int:
        """The exit code for somebody of a role."""
        if isinstance(self.may, Permission) and role not in MATRIX[self.may]:
            return 3
        return self.narrow.get(role, self.code)


_DESK, _BOTH = {_R.DESK: 3}, {_R.FAMILY: 3, _R.DESK: 3}
_FAMILY = {_R.FAMILY: 4}  # as for what is not there

SAMPLES = (
    Sample("doctor", Ground.MACHINE, code=1),
    Sample("init", Ground.MACHINE),
    # ── weddings, events ──
    Sample("weddings add 'Zoya & Imran'", _P.ADMIN, "wedding.add"),
    Sample("weddings list", _P.READ),
    Sample("weddings show", _P.READ),
    Sample("weddings edit --frequency-cap 3", _P.ADMIN, "wedding.edit"),
    Sample("weddings use ananya-kabir", _P.READ),
    Sample("events add Mehendi --starts 2099-02-11T10:00", _P.PLAN, "event.add"),
    Sample("events list", _P.READ),
    Sample("events show sangeet", _P.READ),
    Sample("events edit sangeet --venue 'The lawns'", _P.PLAN, "event.edit"),
    Sample("events cancel reception --yes", _P.PLAN, "event.edit"),
    Sample("events import {folder}/events.csv", _P.PLAN, "event.add"),
    # ── people ──
    Sample("people imports", _P.READ, narrow=_BOTH),
    Sample("people undo-import I3 --yes", _P.PEOPLE, "people.undo_import"),
    Sample("people import {folder}/new.csv --side bride", _P.PEOPLE, "people.import"),
    Sample("people list", _P.READ),
    Sample("people search asha", _P.READ),
    Sample("people show P1", _P.READ),
    Sample("people timeline P1", _P.READ),
    Sample("people remove P7 --with-household --yes", _P.PEOPLE, "person.remove"),
    Sample("people restore P5", _P.PEOPLE, "person.restore"),
    Sample("people erase P9 --yes --reason 'asked to be forgotten'", _P.ADMIN, "person.erase"),
    Sample("people merge P10 P11 --keep P10 --yes", _P.PEOPLE, "person.merge"),
    Sample("people unmerge P8 --yes", _P.PEOPLE, "person.unmerge"),
    Sample("people presets", _P.PEOPLE),
    Sample("people drop-preset family", _P.PEOPLE, "preset.remove"),
    Sample("people add 'Uma Devi' --phone '98333 11111' --side bride", _P.PEOPLE, "person.add"),
    Sample("people edit P1 --city Nagpur", _P.PEOPLE, "person.edit"),
    Sample("people tag P1 +vip", _P.PEOPLE, "person.edit"),
    Sample("people dnm P12 --reason 'asked for quiet'", _P.CONSENT_RECORD, "person.dnm"),
    Sample("people dnm P4 --lift --reason 'changed their mind'", _P.CONSENT_LIFT, "person.dnm"),
    # ── duplicates, households ──
    Sample("dedupe pairs", _P.READ),
    Sample("dedupe explain P1 P2", _P.READ, narrow=_DESK),
    Sample("dedupe review", _P.PEOPLE, code=2),
    Sample("dedupe decide D2 different", _P.PEOPLE, "duplicate.decide"),
    Sample("dedupe apply --yes", _P.PEOPLE, "duplicate.apply"),
    Sample("dedupe undo A1", _P.PEOPLE, "duplicate.undo"),
    Sample("dedupe scan", _P.PEOPLE, "duplicate.scan"),
    Sample("units add 'Uma Devi' --member P33", _P.PEOPLE, "unit.add"),
    Sample("units build", _P.PEOPLE, "units.build"),
    Sample("units list", _P.READ),
    Sample("units show U1", _P.READ),
    Sample("units edit U1 --label 'Asha and family' --extra-seats 2", _P.PEOPLE, "unit.edit"),
    Sample("units merge U13 U14", _P.PEOPLE, "unit.merge"),
    Sample("units split U13 --member P14", _P.PEOPLE, "unit.split"),
    # ── roles, consent ──
    Sample("roles grant Sunita family --side bride", _P.ADMIN, "role.grant"),
    Sample("roles list", _P.ADMIN),
    Sample("roles revoke Ravi --yes", _P.ADMIN, "role.revoke"),
    Sample("roles matrix", Ground.OPEN),
    Sample("help", Ground.OPEN),
    Sample("completion bash", Ground.OPEN),
    Sample("consent record P15 opt-out --source 'on the phone'", _P.CONSENT_RECORD, "consent.record"),
    Sample("consent history P3", _P.READ, narrow=_DESK),
    # ── invitations, messages ──
    Sample("invite add --event haldi --unit U24", _P.PLAN, "invitation.add"),
    Sample("invite remove --event haldi --unit U19 --yes", _P.PLAN, "invitation.remove"),
    Sample("invite list", _P.READ),
    Sample("invite send --template shaadi_invite --event sangeet --unit U20 --repeat --yes", _P.SEND, "invite.send"),
    Sample("invite send --template shaadi_invite --event sangeet --unit U20 --repeat --dry-run", _P.SEND),
    Sample("invite remind --template sangeet_reminder --event sangeet --unit U1 --yes", _P.SEND, "invite.remind"),
    Sample("invite test --template shaadi_invite --to '98123 45678'", _P.SEND, "invite.test"),
    Sample("invite status B1", _P.READ),
    Sample("invite messages B1", _P.READ),
    Sample("invite pause B3", _P.SEND, "invite.pause"),
    Sample("invite resume B4", _P.SEND, "invite.resume"),
    Sample("invite cancel B5 --yes", _P.SEND, "invite.cancel"),
    Sample("invite retry B2 --yes", _P.SEND),
    Sample("templates sync", _P.SEND, code=6),
    Sample("templates list", _P.READ),
    Sample("templates show shaadi_invite", _P.READ),
    Sample("templates map venue_update venue=venue", _P.SEND, "template.map"),
    Sample("inbox list", _P.SEND),
    Sample("inbox show N1", _P.SEND),
    Sample("inbox reply N1 'Yes, there is a lift.'", _P.SEND, "inbox.reply"),
    Sample("inbox close N3", _P.SEND, "inbox.close"),
    # ── answers ──
    Sample("rsvp status", _P.READ),
    Sample("rsvp list", _P.READ),
    Sample("rsvp set U2 yes --event sangeet --heads 1", _P.ANSWER, "answer.set"),
    Sample("rsvp history U3", _P.READ),
    Sample("rsvp why --event sangeet", _P.READ),
    Sample("rsvp import-calls {folder}/calls.csv", _P.ANSWER, "answer.call"),
    Sample("checkin U3 --event sangeet", _P.ANSWER, "checkin.set"),
    # ── looking, handing on ──
    Sample("dashboard show", _P.READ),
    Sample("dashboard link --name Rajesh", _P.PLAN, "link.make"),
    Sample("dashboard links", _P.PLAN),
    Sample("dashboard revoke 'Sunita aunty'", _P.PLAN, "link.revoke"),
    Sample("export people --to {folder}/people.csv", _P.EXPORT, "export.make"),
    *(
        Sample(f"export {kind} --to {{folder}}/{kind}.{ending}", _P.EXPORT, "export.make", once=True)
        for kind, ending in (
            ("units", "xlsx"), ("rsvp", "json"), ("headcount", "csv"), ("call-list", "xlsx"), ("messages", "csv"),
        )
    ),
    Sample("export gifts --to {folder}/gifts.csv", _P.EXPORT, "export.make", narrow={_R.AUDITOR: 3}),
    Sample("export consent --to {folder}/consent.csv", _P.EXPORT, "export.make"),
    Sample("export audit --to {folder}/audit.csv", _P.AUDIT, "export.make"),
    Sample("exports list", _P.EXPORT),
    Sample("exports show X1", _P.EXPORT, narrow=_FAMILY),
    Sample("exports link X1", _P.EXPORT, code=2, narrow=_FAMILY),
    Sample("site build --to {folder}/public", _P.READ),
    Sample("site link U1", _P.SEND, "link.make"),
    Sample("gifts mode charity --text 'For the village school'", _P.PLAN, "gifts.mode"),
    Sample("gifts add --unit U1 --what 'A clock'", _P.GIFTS, "gift.add"),
    Sample("gifts list", _P.GIFTS),
    Sample("gifts thank G1", _P.GIFTS, "gift.thank"),
    # ── running ──
    Sample("config show", Ground.MACHINE),
    Sample("config set PARINAYA_SITE_URL https://wedding.example", Ground.MACHINE),
    Sample("config unset PARINAYA_SITE_URL", Ground.MACHINE),
    Sample("google status", Ground.MACHINE),
    Sample("google sign-out", Ground.MACHINE),
    Sample("services status", Ground.MACHINE),
    Sample("services stop", Ground.MACHINE),
    Sample("db status", Ground.MACHINE),
    Sample("db upgrade", Ground.MACHINE),
    Sample("db grants", Ground.MACHINE),
    Sample("db backup --to {folder}/all.backup", _P.ADMIN, "db.backup"),
    Sample("db move --undo --yes", _P.ADMIN, code=1),
    Sample("queue status", Ground.MACHINE),
    Sample("queue failed", _P.SEND),
    Sample("queue retry --all --yes", _P.SEND),
    Sample("queue drop 8d1c2f41 --reason 'never mind'", _P.SEND, code=4),
    Sample("webhook list", _P.AUDIT),
    Sample("webhook show 1", _P.AUDIT),
    Sample("webhook replay 1", _P.SEND, "webhook.replay"),
    Sample("webhook archive --to {folder}/archive", _P.ADMIN, "webhook.archive"),
    Sample("webhook trigger text --from 9820012345 --text haan --url http://127.0.0.1:9/", _P.SEND, code=6),
    Sample("worker --burst --queues reconciliation.run", _P.SEND),
    Sample("reconcile --only projections", _P.SEND),
    Sample("audit list", _P.AUDIT),
    Sample("audit show 1", _P.AUDIT),
    Sample("audit verify", _P.AUDIT),
)  # fmt: skip

NOT_RUN = {
    "demo": "plays in an invented wedding on servers of its own, as its own owner",
    "google sign-in": "waits for a person at a browser; it keeps a file of this machine's user",
    "services start": "would start servers beside those of the tests; it reads no wedding",
    "db restore": "asks for an empty database, where nobody has a role yet",
    "webhook serve": "runs until it is stopped, as parinaya itself; WhatsApp is known by its signature",
    "site serve": "runs until it is stopped; guests and parents are known by their links",
    "sandbox serve": "runs until it is stopped, and knows no wedding",
}
"""Commands that no sample runs, and why no role is asked for there."""


SILENT = {
    "weddings use": "chooses a wedding in the settings of this machine",
    "dedupe review": "needs a terminal; its decisions are those of `dedupe decide`",
    "db move": "nothing was moved in the world",
    "queue retry": "nothing has failed in the world",
    "queue drop": "nothing has failed in the world",
    "reconcile": "finds nothing to mend in the world",
    "invite retry": "nothing has failed in the world",
    "templates sync": "WhatsApp is away in the world",
}
"""Commands that take a reason, and whose sample leaves no entry."""


@cache
def _commands() -> Mapping[str, Command]:
    return dict(commands())


def takes_reason(command: Command) -> bool:
    """Is it one of the commands that change something?"""
    return any(param.name == "call_reason" for param in command.params)
