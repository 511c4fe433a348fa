"""``parinaya doctor``: is everything in place?"""

from __future__ import annotations

from parinaya_cli.cli.options import Call, single, verb
from parinaya_cli.cli.output import Result

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
    """Check that everything is in place: one line each, with the mend. Exit 1 when something is wrong."""
    from parinaya_cli import settings
    from parinaya_cli.services import doctor as verbs

    opened = call.app()

    def schema() -> tuple[str | None, str]:
        found = opened.schema_status()
        return found.current, found.head

    there = {name: bool(getattr(call.settings, settings.find(name).attribute)) for name in NEEDED}
    found = verbs.examine(
        verbs.Patient(
            begin=lambda: opened.begin(bound=False),
            queue=lambda: opened.queue,
            queue_facts=lambda: opened.queue.is_alive(),
            source=lambda: opened.whatsapp,
            settings=there,
            schema=schema,
        )
    )
    ok = all(one.ok for one in found)
    lines = []
    for one in found:
        lines.append(f"{'ok  ' if one.ok else 'FAIL'}  {one.name:10} {one.detail}")
        if not one.ok:
            lines.append(f"      {'':10} {one.hint}")
    return Result(
        {"ok": ok, "checks": [dict(one.__dict__) for one in found]}, "\n".join(lines), 0 if ok else 1
    )
