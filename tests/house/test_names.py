"""The files on the floors bear the nouns of the language, and the same noun on each floor."""

from __future__ import annotations

import pytest

from tests.house.house_code import modules

NOUNS = {
    *("weddings", "events", "people", "units", "invitations", "templates", "batches", "dispatches"),
    *("policy", "answers", "consent", "audit", "conversation", "inbox", "imports", "webhooks", "roles"),
    *("projections", "reconcile", "jobs", "refs", "messages"),
}

# Beside the nouns of the language: what a floor needs for itself.
OTHERS: dict[str, set[str]] = {
    "domain": {"access", "errors", "headers", "names", "numbering", "phones", "prices", "taps", "wording"},
    "store": {"engine", "transaction", "schema", "locks", "chain", "counts", "figures", "health"},
    "services": {"doctor", "figures", "queue", "workload"},
    "jobs": {"errors", "ground", "invites", "reconciliation", "worker"},
}


@pytest.mark.parametrize("floor", OTHERS)
def test_files_are_named_by_the_language(floor: str) -> None:
    files = {module.name.removeprefix(f"{floor}/") for module in modules(floor)}
    here = {name for name in files if "/" not in name and name != "__init__"}
    assert here - NOUNS == OTHERS[floor]


def test_a_table_file_has_its_noun() -> None:
    tables = {one.name.rpartition("/")[2] for one in modules("store/tables")} - {"__init__", "base"}
    assert tables <= NOUNS
