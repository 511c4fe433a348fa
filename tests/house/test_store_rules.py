"""The store: every public function works in a transaction, every query of a wedding's table names the wedding."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

from parinaya_cli.store import grants
from parinaya_cli.store.tables import metadata
from tests.house.house_code import Function, Module, functions_of, modules, text_of

PLUMBING = {
    "backups": "works on the database as a whole, also where no transaction of ours can begin",
    "moves": "closes and opens a database as a whole",
    "engine": "opens the connection that transactions are made of",
    "transaction": "is the transaction",
    "schema": "comes before there is anything to work in",
    "scope": "is what the transaction tells its connection",
    "grants": "says what each user of the database may do, before anybody works as one",
    "locks": "holds a connection of its own",
    "chain": "is called by the transaction with its connection",
    "counts": "is called by the transaction with its connection",
}
WITHOUT_TRANSACTION = {"refs.named": "makes a condition and asks nothing"}

ACROSS_WEDDINGS = {
    "figures._attempts": "how the installation sends",
    "figures._failures": "how the installation sends",
    "accounts.count": "the provider counts the messages of the account, of whatever wedding",
    "statuses.standing_failures": "a status tells no wedding: it is found by its message",
    "conversation.find_point_of": "a message tells no wedding: it is found by who wrote",
    "conversation.last_written_to": "chooses among weddings by which wrote last",
    "sending.next_due": "a phone number sends for several weddings",
    "sending.next_due_in": "a phone number sends for several weddings",
    "sending.take_due": "a phone number sends for several weddings",
    "numbers.count_reached": "the daily limit of the account counts over all weddings",
    "numbers.reached_among": "the daily limit of the account counts over all weddings",
    "unknowns.reap": "dead workers leave rows in any wedding",
    "unknowns.list_unknown": "reconcile looks at all weddings",
    "sending.count_due": "reconcile looks at all weddings",
    "unknowns.count_moved_lately": "is the receiver of the installation alive?",
    "dispatches.count_sending": "how much work the installation has open",
    "dispatches.count_heard": "how many households the installation has heard",
    "exports.count_try": "workers make the exports of all weddings",
    "exports.count_queued": "workers make the exports of all weddings",
    "exports.list_abandoned": "reconcile looks at all weddings",
    "retention.count_old_bodies": "a delivery may concern several weddings",
    "retention.empty_bodies": "a delivery may concern several weddings",
    "retention.count_old_texts": "reconcile looks at all weddings",
    "retention.empty_texts": "reconcile looks at all weddings",
    "retention.list_back": "a restored backup holds all weddings",
    "retention.list_forgotten": "the list outside of the database is of all weddings",
    "retention.list_over": "reconcile looks at all weddings",
    "figures.read": "figures of the installation: counts only",
    "erasures.anywhere": "a status tells no wedding: does anybody have to be looked out for?",
    "forgetting_traces.empty_deliveries": "a delivery may concern several weddings",
    "import_queue.claim": "workers import the lists of all weddings",
    "import_queue.count_queued": "workers import the lists of all weddings",
    "health.silence": "is the receiver of the installation alive?",
    "news.tell_template": "a template belongs to the account, which serves several weddings",
    "points.learn": "a user id is that of a phone in every wedding; each row brings its own",
    "points.lock": "a message tells no wedding: it is found by who wrote",
    "points.phones_of": "a guest changes their number in every wedding",
    "points.rename_user": "a guest is given another user id in every wedding",
    "points.sent_to": "an answered message tells no wedding: it is found by its id",
    "points.users_of": "a user id is that of a guest in every wedding",
    "statuses.add": "a slice holds statuses of several weddings; each row brings its own",
    "statuses.cool_down": "a slice holds statuses of several weddings",
    "statuses.find": "a status tells no wedding: it is found by token or message id",
    "statuses.find_sent": "an answered message tells no wedding: it is found by its id",
    "statuses.known_keys": "a status tells no wedding: its key is unique over all",
    "statuses.lock_points": "a slice holds statuses of several weddings",
    "statuses.lost_among": "a slice holds statuses of several weddings",
    "statuses.move": "a slice holds statuses of several weddings",
    "statuses.weigh": "a slice holds statuses of several weddings",
    "archives.drop_bodies": "a delivery may concern several weddings",
    "webhooks.claim": "the key of an effect is unique over all weddings",
    "webhooks.count_updates": "a parked update has no wedding yet",
    "webhooks.list_effects": "a delivery may concern several weddings",
    "webhooks.park": "the key of an effect is unique over all weddings",
    "webhooks.reopen_parked": "a parked update has no wedding yet",
    "site_links.count_others": "a secret signs the links of all weddings: counts only",
    "site_links.open_link": "a link tells no wedding: it is found by the hash of its key",
    "weddings.find_grant": "a token tells who acts before a wedding is chosen",
    "weddings.is_live": "a role may hold in all weddings",
    "weddings.insert_grant": "a role may hold in all weddings; which one is a parameter",
    "weddings.list_grants": "a role may hold in all weddings; which one is a parameter",
    "weddings.revoke_grant": "a role may hold in all weddings; which one is a parameter",
}

UNDER_NO_POLICY = {
    "duplicate_near._list_sharing": "keys are found in an index of arrays",
    "search._ending": "a number is found by its last digits in an index of what a function makes of it",
    "search.by_tag": "tags are found in an index of arrays",
}
"""Statements that name the wedding and use the door all the same: an index that they need is closed to the policy."""

DOOR = {"transaction.rows", "transaction.row", "transaction.value", "transaction.run", "transaction.run_many"}
"""The door itself."""

FENCED = set(grants.fenced_tables())
BOUND = {table.name for table in metadata.sorted_tables if "wedding_id" in table.columns}
TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|USING|COPY)\s+(?:ONLY\s+)?([a-z_]+)")
RUNS = {"rows", "row", "value", "run", "run_many"}


def nouns() -> Iterator[Module]:
    """The files of the store that hold verbs."""
    for module in modules("store"):
        name = module.name.removeprefix("store/")
        if "/" not in name and name not in {*PLUMBING, "__init__"}:
            yield module


@cache
def house() -> dict[str, Module]:
    """The files of the store by name."""
    return {module.name: module for module in modules("store")}


def _imported(module: Module) -> dict[str, ast.expr]:
    """What names stand for that another file of the store gives: a piece of SQL hides no table by its home."""
    found: dict[str, ast.expr] = {}
    for node in module.tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("parinaya_cli.store."):
            other = "store/" + (node.module or "").removeprefix("parinaya_cli.store.").replace(".", "/")
            texts = house()[other].texts if other in house() else {}
            found |= {
                alias.asname or alias.name: texts[alias.name] for alias in node.names if alias.name in texts
            }
    return found


def statements(module: Module, function: Function) -> Iterator[tuple[str, bool]]:
    """The SQL that a function runs, and whether it does so through the door to all weddings (``tx.across``)."""
    known = {**_imported(module), **module.texts}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            before = known.get(name)
            joined = ast.BinOp(before, ast.Add(), node.value) if before is not None else node.value
            known[name] = joined
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNS:
            of = ast.unparse(node.func.value)
            if of in ("tx", "tx.across"):
                yield text_of(node.args[0], known), of == "tx.across"


def test_every_public_function_takes_a_transaction_first() -> None:
    wrong = []
    for module in nouns():
        for name, function in module.verbs.items():
            first = function.args.args[0] if function.args.args else None
            told = ast.unparse(first.annotation) if first is not None and first.annotation else ""
            if told != "Transaction":
                wrong.append(f"{module.path.stem}.{name}")
    assert sorted(wrong) == sorted(WITHOUT_TRANSACTION)


def test_every_query_of_a_weddings_table_names_the_wedding() -> None:
    across, behind_the_fence, seen = set(), set(), 0
    for module in nouns():
        for name, function in module.functions.items():
            for sql, through_the_door in statements(module, function):
                tables = set(TABLE.findall(sql)) & BOUND
                seen += bool(tables)
                if tables and ":wedding" not in sql:
                    across.add(f"{module.path.stem}.{name}")
                    if tables & FENCED:
                        behind_the_fence.add(f"{module.path.stem}.{name}")
                        assert through_the_door, (
                            f"{module.path.stem}.{name}: ask tx.across for rows of all weddings"
                        )
    assert seen > 100, "the statements are not found any more"
    assert across == set(ACROSS_WEDDINGS)
    assert behind_the_fence | {*UNDER_NO_POLICY, *DOOR} == door_users(), (
        "nobody else uses the door to all weddings"
    )


# What a policy lets no index be used with (store/search.py): a join that finds rows by what leaks.
LEAKS = re.compile(r"\b\w+\.\w+ = (?:coalesce\(\w+\.|\(?\w+\.\w+ ?->>|'[^']*' \|\|)")


def test_no_join_leaves_the_indexes_unused_behind_the_fence() -> None:
    assert LEAKS.search("JOIN people p ON p.id = coalesce(q.merged_into, q.id)"), (
        "leaks are not found any more"
    )
    leaking = {
        f"{module.path.stem}.{name}"
        for module in nouns()
        for name, function in module.functions.items()
        for sql, through_the_door in statements(module, function)
        if not through_the_door and set(TABLE.findall(sql)) & FENCED and LEAKS.search(sql)
    }
    assert leaking == {"merges.return_messages"}, "its few answers are found by household, which has an index"


def door_users() -> set[str]:
    """The functions of the house that go through the door, or become who may; ``grants`` says who that is."""
    found = set()
    for module in modules():
        for function in functions_of(module) if module.name != "store/grants" else ():
            if re.search(r"\bacross\.(rows|row|value|run|run_many)\b|\bACROSS\b", ast.unparse(function)):
                found.add(f"{module.path.stem}.{function.name}")
    return found


def test_the_plumbing_is_there() -> None:
    assert {module.name.removeprefix("store/") for module in modules("store")} >= set(PLUMBING)
