"""The files on the floors bear the nouns of the language, and the same noun on each floor."""

from __future__ import annotations

import pytest

from tests.house.house_code import modules

NOUNS = {
    *("weddings", "events", "people", "units", "invitations", "templates", "batches", "dispatches"),
    "units_moves",
    *("policy", "answers", "consent", "audit", "conversation", "inbox", "imports", "webhooks", "roles"),
    *("projections", "reconcile", "jobs", "refs", "messages", "presets"),
    *("dashboard", "exports", "calls", "call_sheets", "why", "export_rows"),
    *("search", "timeline", "removals", "erasures", "merges", "duplicates"),
    *("site", "site_links", "gifts", "checkins"),
    *("statuses", "points", "news"),
    *("sending", "permission", "pace", "outcomes", "unknowns", "numbers"),
    *("backups", "checkpoints", "grants"),
    *("dead_letters", "invariants", "moves", "archives"),
    *("standing", "completion", "retention", "trials", "accounts"),
}

# Beside the nouns of the language: what a floor needs for itself.
OTHERS: dict[str, set[str]] = {
    "domain": {
        "database_users",
        *("access", "errors", "headers", "names", "numbering", "phones", "prices", "taps", "wording"),
        *("contents", "header_events", "header_forms", "header_rows", "header_table"),
        *("name_words", "places", "row_fields", "rows_again", "unreadable_rows"),
        *("merge_homes", "merge_rows", "merge_undo"),
        *("units_homes", "units_primary", "units_relations"),
        *("addressees", "estimates", "media", "rendering", "zones"),
        *("findings", "forgotten", "redaction"),
        "import_undo",
        "wa_ids",
    },
    "store": {
        *("engine", "transaction", "schema", "locks", "chain", "counts", "figures", "health", "google"),
        *("forgetting", "forgetting_traces"),
        *("import_changes", "import_matching", "import_merge", "import_preview", "import_staging"),
        *("import_queue", "import_restore", "import_undo"),
        *("merge_rows", "duplicate_near", "duplicate_scans"),
        *("media", "tallies"),
        "scope",
    },
    "services": {
        *(
            "doctor",
            "doctor_account",
            "figures",
            "google",
            "queue",
            "workload",
            "import_reading",
            "import_report",
        ),
        *("import_queue", "import_undo"),
        *("merge_undo", "applies", "conversation_speaker"),
        *("media", "planning"),
    },
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
