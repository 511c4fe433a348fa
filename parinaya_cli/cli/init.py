"""``parinaya init``: settings, secrets, servers, schema."""

from __future__ import annotations

from parinaya_cli.cli.options import Call, single, verb
from parinaya_cli.cli.output import Result

app = single()

SECRETS = ("PARINAYA_AUDIT_KEY", "PARINAYA_TAP_SECRET", "PARINAYA_SITE_SECRET")
"""What `init` makes once and never again: a lost audit key can't prove old entries, a lost tap secret old buttons."""


@verb(app, "init", changes=True, examples=["parinaya init", "parinaya init --json"])
def init(call: Call) -> Result:
    """Make the settings and secrets, start or check the servers, bring the schema up. Safe to run again."""
    from parinaya_cli.wiring import set_up

    made = make_secrets(call)
    kept = bool(call.settings.database_url) and not call.settings.token
    if kept:
        keep_token(call)
    report = set_up(call.app())
    if kept and report.token is None:  # others were here first: the token proves nothing
        drop_token()
        call.out.note(
            "There is an owner already: ask for a token, and set it with `parinaya config set PARINAYA_TOKEN -`."
        )
    lines = [f"Settings: {call.settings.config_file}"]
    if made:
        lines.append(f"Made {', '.join(made)}. Keep that file: nobody can make the same ones again.")
    lines.append(f"Schema: {report.current}" + (" (was brought up)" if report.upgraded else ""))
    if report.token:
        lines += [
            f"The owner {report.owner!r} acts with this token; it stands in the settings of this machine too:",
            f"  PARINAYA_TOKEN={report.token}",
        ]
    lines.append("Next: parinaya weddings add 'Ananya & Kabir', or parinaya demo.")
    document = {
        "config_file": call.settings.config_file,
        "secrets_made": made,
        "schema": report.current,
        "upgraded": report.upgraded,
        "owner": report.owner,
        "token": report.token,
    }
    return Result(document, "\n".join(lines), essential=report.token is not None)


def keep_token(call: Call) -> None:
    """Make the token of the first owner and keep it in this machine's settings, before it is given any role."""
    from parinaya_cli import settings
    from parinaya_cli.services import roles

    settings.write("PARINAYA_TOKEN", roles.new_token())
    call.__dict__.pop("settings", None)


def drop_token() -> None:
    """Take the token out of this machine's settings."""
    from parinaya_cli import settings

    settings.write("PARINAYA_TOKEN", None)


def make_secrets(call: Call) -> list[str]:
    """Make the secrets that are missing; returns their names."""
    import secrets

    from parinaya_cli import settings

    made = [name for name in SECRETS if not getattr(call.settings, settings.find(name).attribute)]
    for name in made:
        settings.write(name, secrets.token_urlsafe(32))
    if made:
        call.__dict__.pop("settings", None)
    return made
