"""``parinaya doctor``: is everything in place?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from parinaya_cli.cli.options import Call, single, verb
from parinaya_cli.cli.output import Result

if TYPE_CHECKING:
    from parinaya_cli.services.doctor import Finding, Patient

app = single()

NEEDED = (
    "PARINAYA_AUDIT_KEY",
    "PARINAYA_TAP_SECRET",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_PHONE_NUMBER_ID",
    "WHATSAPP_BUSINESS_ACCOUNT_ID",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
)


@verb(app, "doctor", examples=["parinaya doctor", "parinaya doctor --json"])
def doctor(call: Call) -> Result:
    """Check that everything is in place: one line each, with the mend. Exit 1 when something is wrong.

    It looks at settings and secrets, servers, schema, what must hold in the rows, the queue, the webhook, the audit
    log, and, where WhatsApp can be reached, at the token, the webhooks' subscription, our own address
    (PARINAYA_WEBHOOK_URL) and templates. It changes nothing.
    """
    from parinaya_cli.domain.errors import UsedWrongly
    from parinaya_cli.services import doctor as verbs

    try:
        _ = call.settings
    except UsedWrongly as error:
        return _told([verbs.Finding("settings", False, error.message, error.hint)])
    return _told(verbs.examine(_patient(call)))


def _patient(call: Call) -> Patient:
    from parinaya_cli import settings
    from parinaya_cli.services.doctor import Patient

    opened = call.app()

    def schema() -> tuple[str | None, str]:
        found = opened.schema_status()
        return found.current, found.head

    return Patient(
        begin=lambda: opened.begin(bound=False),
        queue=lambda: opened.queue,
        queue_facts=lambda: opened.queue.is_alive(),
        source=lambda: opened.whatsapp,
        account=lambda: opened.account_desk,
        greet=opened.greet_webhook,
        address=call.settings.webhook_url or "",
        settings={name: bool(getattr(call.settings, settings.find(name).attribute)) for name in NEEDED},
        schema=schema,
        room=lambda: _room(call.settings.home),
        places=lambda: opened.checkpoint_places,
        site=lambda: opened.site_setup if call.settings.site_secret else None,
    )


def _room(folder: Path) -> int:
    """Bytes that are free where a folder lies, or will lie."""
    import shutil

    there = next(one for one in (folder, *folder.parents) if one.exists())
    return shutil.disk_usage(there).free


def _told(found: Sequence[Finding]) -> Result:
    ok = all(one.ok for one in found)
    lines = []
    for one in found:
        word = "FAIL" if not one.ok else "soon" if one.hint else "ok"
        lines.append(f"{word:4}  {one.name:11} {one.detail}")
        if one.hint:
            lines.append(f"      {'':11} {one.hint}")
    checks = [dict(one.__dict__) for one in found]
    return Result({"ok": ok, "checks": checks}, "\n".join(lines), 0 if ok else 1)
