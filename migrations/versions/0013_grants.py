"""Who of the database's users may do what.

That is said anew after every upgrade, for all tables that there are (``parinaya_cli/store/grants.py``), so that a table
of a later migration can't be forgotten. What is older than this revision knows nothing of it and would see no row.
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_TAKE_DOWN = """
DO $$ DECLARE thing record; BEGIN
    FOR thing IN SELECT polname, polrelid::regclass AS name FROM pg_policy
                  WHERE polname IN ('own_wedding', 'all_weddings') LOOP
        EXECUTE format('DROP POLICY %I ON %s', thing.polname, thing.name);
        EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', thing.name);
    END LOOP;
END $$
"""


def upgrade() -> None:
    """Nothing to do: ``db upgrade`` ends with it."""


def downgrade() -> None:
    """Show all rows to whoever may read a table."""
    op.execute(_TAKE_DOWN)
