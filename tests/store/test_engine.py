"""Errors of the driver: what becomes of them tells where and what kind, and no value of a row."""

from __future__ import annotations

import traceback

import pytest
from sqlalchemy import text

from parinaya_cli.domain.errors import Failed, ParinayaError, UsedWrongly
from parinaya_cli.store import engine

PHONE = "+919876504321"


@pytest.mark.parametrize(
    ("statement", "kind", "place"),
    [
        ("INSERT INTO canary VALUES (:phone), (:phone)", Failed, "constraint canary_pkey"),
        ("SELECT CAST(:phone AS uuid)", UsedWrongly, "SQLSTATE 22P02"),
        ("INSERT INTO canary VALUES (:phone || NULL)", Failed, "column phone"),
    ],
)
def test_a_traceback_tells_the_place_and_no_value(
    database_url: str, statement: str, kind: type[ParinayaError], place: str
) -> None:
    db = engine.open_engine(database_url, pool=1)

    def ask() -> None:
        with engine.translated(), db.begin() as conn:
            conn.execute(text("CREATE TEMPORARY TABLE canary (phone text PRIMARY KEY)"))
            conn.execute(text(statement), {"phone": PHONE})

    with pytest.raises(kind) as caught:
        ask()
    db.dispose()
    told = "".join(traceback.format_exception(caught.value))
    assert PHONE[1:] not in told
    assert place in told
    assert "canary" in told or "uuid" in told
