"""What a transaction sees: as which of the database's users it works, and the rows of which wedding.

Row-level security shows ``parinaya_app`` the rows of the wedding that ``app.wedding_id`` names, and none while it
names none (PostgreSQL's manual, 5.9). Both settings end with the transaction: a pooled connection keeps nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection

from parinaya_cli.domain.database_users import APP

_TOLD = "set_config('role', %s, true), set_config('app.wedding_id', %s, true)"


class Scope:
    """What the connection of a transaction has been told; it is told anew only when something else is wanted.

    Whoever connects as another user than ``parinaya_app`` works as that user and sees what that one sees.

    Args:
        conn: the connection, in a transaction.
        now: the moment of the transaction, where it is not the database's.
    """

    def __init__(self, conn: Connection, now: datetime | None = None) -> None:
        self.user = ""
        self._conn = conn
        self._now = now
        self._told = ("", "")
        driver = conn.connection.driver_connection
        self._fenced = driver is not None and driver.info.user == APP

    @property
    def now(self) -> datetime:
        """The moment at which the transaction began; asked for when it is first wanted."""
        if self._now is None:
            self._now = self._conn.exec_driver_sql("SELECT now()").scalar_one()
        return self._now

    def enter(self, wedding: uuid.UUID | None, user: str = "") -> Connection:
        """The connection, seeing the rows of this wedding (None: of none), as this user (``""``: ``self.user``)."""
        wanted = (user or self.user, str(wedding) if wedding else "")
        if self._fenced and wanted != self._told:
            values = (wanted[0] or "none", wanted[1])
            if self._now is None:  # one round trip for both
                self._now = self._conn.exec_driver_sql(f"SELECT now(), {_TOLD}", values).one()[0]
            else:
                self._conn.exec_driver_sql(f"SELECT {_TOLD}", values).close()
            self._told = wanted
        return self._conn

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What happens inside is undone if it raises: the settings too."""
        user, told = self.user, self._told
        nested = self._conn.begin_nested()
        try:
            yield
        except BaseException:
            nested.rollback()
            self.user, self._told = user, told
            raise
        nested.commit()
