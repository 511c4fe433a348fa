"""What each of the database's users may do: the statements that say so, and whether they hold.

Least privilege: parinaya works as a user that owns nothing, changes no table, and can't change what is only ever added.
Row-level security is a second fence behind ``wedding_id = :wedding`` of every query. PostgreSQL's manual, 5.8 and 5.9.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import psycopg
from sqlalchemy import Connection, text

from parinaya_cli.domain.database_users import ACROSS, APP, DOORS, ERASER, MERGER, OWNER, USERS, WORKING

APPEND_ONLY = ("audit_logs", "consent_ledger", "delivery_events", "rsvp_responses")
"""Rows of these are only ever added."""

_SPECIAL = {
    **dict.fromkeys(APPEND_ONLY, ("SELECT", "INSERT")),
    "alembic_version": ("SELECT",),
    "installations": ("SELECT",),
    "audit_chains": ("SELECT", "INSERT", "UPDATE"),
    "audit_values": ("SELECT", "INSERT"),
}
_USUAL = ("SELECT", "INSERT", "UPDATE", "DELETE")
_ALL_RIGHTS = (*_USUAL, "TRUNCATE")

_COLUMNS = {
    (ERASER, "consent_ledger"): ("source", "source_key", "evidence"),
    (ERASER, "delivery_events"): ("event_key", "details"),
    (ERASER, "rsvp_responses"): ("note", "source", "source_key"),
    (MERGER, "rsvp_responses"): ("unit_id",),
    (APP, "installations"): ("retention_at", "totals_at", "totals_told"),
}
"""Columns of rows that are only ever added which a door lets change; triggers ask for the reason."""

WITHOUT_FENCE = {
    "folded_names": "names without people: their trigrams are searched, which no policy lets an index do",
    "webhook_updates": "kept before anybody knows of which wedding it is, as the deliveries are",
}
"""Tables with a wedding that no policy guards, and why."""

_MINE = "wedding_id = (nullif(current_setting('app.wedding_id', true), ''))::uuid"
_NOBODY = "there is no"


@dataclass(frozen=True)
class Held:
    """Whether something holds. ``name``: users, rights or fences; ``faults``: what does not, in words."""

    name: str
    faults: tuple[str, ...]


def fenced_tables() -> list[str]:
    """The tables of which a transaction sees the rows of one wedding alone."""
    from parinaya_cli.store.tables import metadata

    return sorted(
        table.name
        for table in metadata.sorted_tables
        if "wedding_id" in table.columns and table.name not in WITHOUT_FENCE
    )


def rights() -> dict[str, tuple[str, ...]]:
    """What whoever works may do with each table."""
    from parinaya_cli.store.tables import metadata

    names = sorted({*(table.name for table in metadata.sorted_tables), "alembic_version"})
    return {name: _SPECIAL.get(name, _USUAL) for name in names}


# ── the statements ─────────────────────────────────────────────────────────────────────────────────────

_MAKE = """DO $$ BEGIN
    IF to_regrole('{user}') IS NULL THEN CREATE ROLE {user} {login} NOINHERIT;
    ELSIF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{user}' AND (rolcanlogin <> {can} OR rolinherit OR rolsuper
                  OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)) THEN
        ALTER ROLE {user} {login} NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION;
    END IF;
END $$"""
_JOIN = """DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_auth_members
                    WHERE roleid = '{door}'::regrole AND member = '{app}'::regrole) THEN
        GRANT {door} TO {app};
    END IF;
END $$"""
_PART = """DO $$ DECLARE thing record; BEGIN
    FOR thing IN SELECT roleid::regrole AS name, member::regrole AS of FROM pg_auth_members
                  WHERE member::regrole::text IN ({users})
                    AND NOT (member = '{app}'::regrole AND roleid::regrole::text IN ({doors})) LOOP
        EXECUTE format('REVOKE %s FROM %s', thing.name, thing.of);
    END LOOP;
END $$"""
_BECOME = """DO $$ BEGIN
    IF NOT pg_has_role(current_user, '{owner}', 'USAGE') THEN
        EXECUTE format('GRANT {owner} TO %I', current_user);
    END IF;
END $$"""
_DATABASE = """DO $$ BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, {working}', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO {working}', current_database());
    EXECUTE format('GRANT CONNECT, CREATE ON DATABASE %I TO {owner}', current_database());
END $$"""
_TAKE_OVER = """DO $$ DECLARE thing record; BEGIN
    FOR thing IN SELECT oid::regclass AS name FROM pg_class
                  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname IN ({tables})
                    AND relowner <> '{owner}'::regrole LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO {owner}', thing.name);
    END LOOP;
    FOR thing IN SELECT p.oid::regprocedure AS name FROM pg_proc p
                  WHERE pronamespace = 'public'::regnamespace AND proowner <> '{owner}'::regrole
                    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO {owner}', thing.name);
    END LOOP;
END $$"""
_NO_POLICY = """DO $$ DECLARE thing record; BEGIN
    FOR thing IN SELECT polname FROM pg_policy WHERE polrelid = '{table}'::regclass LOOP
        EXECUTE format('DROP POLICY %I ON {table}', thing.polname);
    END LOOP;
END $$"""
_MAINTAIN = """DO $$ BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        GRANT MAINTAIN ON {tables} TO {working};
    END IF;
END $$"""


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)


def _quoted(names: Iterable[str]) -> str:
    return _list(f"'{name}'" for name in names)


def users_sql() -> list[str]:
    """Make the users, and let them into this database. An administrator's work: it takes CREATEROLE."""
    names = {"owner": OWNER, "app": APP, "working": _list(WORKING)}
    return [
        *(
            _MAKE.format(user=user, login="LOGIN" if user == APP else "NOLOGIN", can=user == APP)
            for user in USERS
        ),
        *(_JOIN.format(door=door, app=APP) for door in DOORS),
        _PART.format(app=APP, users=_quoted(USERS), doors=_quoted(DOORS)),
        _BECOME.format(**names),
        _DATABASE.format(**names),
        f"REVOKE ALL ON SCHEMA public FROM PUBLIC, {_list(WORKING)}",
        f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}",
        f"GRANT USAGE ON SCHEMA public TO {_list(WORKING)}",
        _TAKE_OVER.format(tables=_quoted(rights()), owner=OWNER),
    ]


def rights_sql() -> list[str]:
    """Say who may do what with which table, and with those to come. The owner's work."""
    working, by_right = _list(WORKING), dict[tuple[str, ...], list[str]]()
    for table, told in rights().items():
        by_right.setdefault(told, []).append(table)
    future = f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public"
    return [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, {working}",
        f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, {working}",
        *(
            f"GRANT {_list(told)} ON {_list(tables)} TO {working}"
            for told, tables in sorted(by_right.items(), key=lambda one: one[1])
        ),
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {working}",
        _MAINTAIN.format(tables=_list(by_right[_USUAL]), working=working),
        _MAINTAIN.format(tables=_list([*APPEND_ONLY, "audit_values"]), working=ERASER),
        *(
            f"GRANT UPDATE ({_list(columns)}) ON {table} TO {user}"
            for (user, table), columns in _COLUMNS.items()
        ),
        f"GRANT DELETE ON audit_values TO {ERASER}",
        f"{future} GRANT {_list(_USUAL)} ON TABLES TO {working}",
        f"{future} GRANT USAGE, SELECT ON SEQUENCES TO {working}",
    ]


def fences_sql() -> list[str]:
    """Show each transaction the rows of its wedding alone. The owner's work."""
    found = []
    for table in fenced_tables():
        found += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
            _NO_POLICY.format(table=table),
            f"CREATE POLICY own_wedding ON {table} TO {APP}, {ERASER}, {MERGER} USING ({_MINE})",
            f"CREATE POLICY all_weddings ON {table} TO {ACROSS}, {OWNER} USING (true)",
        ]
    return found


def script() -> str:
    """All of it, as an administrator runs it with psql; a second time changes nothing."""
    return "".join(f"{one};\n" for one in ["BEGIN", *users_sql(), *rights_sql(), *fences_sql(), "COMMIT"])


def run(conn: Connection, statements: Sequence[str]) -> None:
    """Run statements as they are, without values."""
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    for one in statements:
        driver.execute(one.encode())


# ── whether they hold ──────────────────────────────────────────────────────────────────────────────────


def can_apply(conn: Connection) -> bool:
    """Are the users there, and is this one an administrator of theirs?"""
    found: bool = conn.execute(
        text(
            "SELECT coalesce(r.rolsuper OR pg_has_role(r.oid, to_regrole(:owner), 'MEMBER'), false) "
            "AND to_regrole(:owner) IS NOT NULL AND to_regrole(:app) IS NOT NULL "
            "FROM pg_roles r WHERE r.rolname = current_user"
        ),
        {"owner": OWNER, "app": APP},
    ).scalar_one()
    return found


def settle(conn: Connection) -> bool:
    """Let everything hold where something does not; whether anything was to be done. The schema is at its head."""
    if not any(one.faults for one in holds(conn)):
        return False
    run(conn, [*users_sql(), *rights_sql(), *fences_sql()])
    return True


def holds(conn: Connection) -> list[Held]:
    """What of users, rights and fences holds."""
    users = tuple(_wrong_users(conn))
    if any(fault.startswith(_NOBODY) for fault in users):
        nobody = ("there is nobody to have any",)
        return [Held("users", users), Held("rights", nobody), Held("fences", nobody)]
    return [
        Held("users", users),
        Held("rights", tuple(_wrong_rights(conn))),
        Held("fences", tuple(_missing_fences(conn))),
    ]


def _wrong_users(conn: Connection) -> Iterable[str]:
    rows = conn.execute(
        text(
            "SELECT rolname, rolcanlogin, rolinherit, "
            "rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS strong, "
            "ARRAY(SELECT m.roleid::regrole::text FROM pg_auth_members m WHERE m.member = r.oid) AS becomes "
            "FROM pg_roles r WHERE rolname = ANY(:users)"
        ),
        {"users": list(USERS)},
    ).mappings()
    there = {row["rolname"]: row for row in rows}
    for user in USERS:
        if user not in there:
            yield f"{_NOBODY} {user}"
            continue
        found = there[user]
        if found["strong"]:
            yield f"{user} may do more than work"
        if found["rolcanlogin"] != (user == APP):
            yield f"{user} {'can' if found['rolcanlogin'] else 'can not'} log in"
        if set(found["becomes"]) != (set(DOORS) if user == APP else set()):
            yield f"{user} may become {_list(sorted(found['becomes'])) or 'nobody'}"
        if found["rolinherit"]:
            yield f"{user} has at once what it may become"


def _wrong_rights(conn: Connection) -> Iterable[str]:
    wanted = rights()
    rows = conn.execute(
        text(
            "SELECT c.relname, c.relowner::regrole::text AS owner, u.name AS who, "
            "ARRAY(SELECT p FROM unnest(CAST(:every AS text[])) AS p "
            "       WHERE has_table_privilege(u.name, c.oid, p)) AS rights, "
            "ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL "
            "       AND has_column_privilege(u.name, c.oid, a.attnum, 'UPDATE')) AS columns "
            "FROM pg_class c CROSS JOIN unnest(CAST(:users AS text[])) AS u(name) "
            "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname = ANY(:tables) "
            "ORDER BY c.relname, u.name"
        ),
        {"every": list(_ALL_RIGHTS), "users": list(WORKING), "tables": list(wanted)},
    ).mappings()
    for row in rows:
        table, user = row["relname"], row["who"]
        told = {*wanted[table], *(("DELETE",) if (user, table) == (ERASER, "audit_values") else ())}
        if row["owner"] != OWNER and user == APP:
            yield f"{table} belongs to {row['owner']}"
        if set(row["rights"]) != told:
            more, less = set(row["rights"]) - told, told - set(row["rights"])
            yield f"{user} {'may' if more else 'may not'} {_list(sorted(more or less))} in {table}"
        elif set(row["columns"]) != set(_COLUMNS.get((user, table), ())):
            yield f"{user} may change columns of {table}: {_list(sorted(row['columns'])) or 'none'}"


def _missing_fences(conn: Connection) -> Iterable[str]:
    rows = conn.execute(
        text(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AS fenced, "
            "ARRAY(SELECT concat_ws(': ', p.polname, array_to_string(ARRAY(SELECT o::regrole::text "
            "        FROM unnest(p.polroles) o ORDER BY 1), ' '), pg_get_expr(p.polqual, c.oid)) "
            "      FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY p.polname) AS policies "
            "FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' "
            "AND c.relname = ANY(:tables) ORDER BY c.relname"
        ),
        {"tables": fenced_tables()},
    ).mappings()
    wanted = {
        f"all_weddings: {' '.join(sorted((ACROSS, OWNER)))}: true",
        f"own_wedding: {' '.join(sorted((APP, ERASER, MERGER)))}: ({_OWN_AS_KEPT})",
    }
    for row in rows:
        if not row["fenced"]:
            yield f"{row['relname']} shows rows of every wedding"
        elif set(row["policies"]) != wanted:
            yield f"the policies of {row['relname']} are others"


_OWN_AS_KEPT = "wedding_id = (NULLIF(current_setting('app.wedding_id'::text, true), ''::text))::uuid"
"""As Postgres writes the policy down."""


def working_as(conn: Connection) -> str:
    """As which user this connection was made."""
    return str(conn.execute(text("SELECT session_user")).scalar_one())


def sees_all(conn: Connection) -> bool:
    """Does this user see the rows of every wedding?"""
    found: bool = conn.execute(
        text(
            "SELECT rolsuper OR rolbypassrls OR coalesce(pg_has_role(oid, to_regrole(:owner), 'USAGE'), false) "
            "OR NOT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity) "
            "FROM pg_roles WHERE rolname = current_user"
        ),
        {"owner": OWNER},
    ).scalar_one()
    return found
