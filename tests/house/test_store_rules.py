"""The store: every public function works in a transaction, every query of a wedding's table names the wedding."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from parinaya_cli.store.tables import metadata
from tests.house.house_code import Function, Module, modules, text_of

PLUMBING = {
    "backups": "works on the database as a whole, also where no transaction of ours can begin",
    "engine": "opens the connection that transactions are made of",
    "transaction": "is the transaction",
    "schema": "comes before there is anything to work in",
    "locks": "holds a connection of its own",
    "chain": "is called by the transaction with its connection",
    "counts": "is called by the transaction with its connection",
}
WITHOUT_TRANSACTION = {"refs.named": "makes a condition and asks nothing"}

ACROSS_WEDDINGS = {
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
    "webhooks.claim": "the key of an effect is unique over all weddings",
    "webhooks.count_updates": "a parked update has no wedding yet",
    "webhooks.list_effects": "a delivery may concern several weddings",
    "webhooks.park": "the key of an effect is unique over all weddings",
    "webhooks.reopen_parked": "a parked update has no wedding yet",
    "site_links.open_link": "a link tells no wedding: it is found by the hash of its key",
    "weddings.find_grant": "a token tells who acts before a wedding is chosen",
    "weddings.insert_grant": "a role may hold in all weddings; which one is a parameter",
    "weddings.list_grants": "a role may hold in all weddings; which one is a parameter",
    "weddings.revoke_grant": "a role may hold in all weddings; which one is a parameter",
}

BOUND = {table.name for table in metadata.sorted_tables if "wedding_id" in table.columns}
TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|USING|COPY)\s+(?:ONLY\s+)?([a-z_]+)")
RUNS = {"rows", "row", "value", "run", "run_many"}


def nouns() -> Iterator[Module]:
    """The files of the store that hold verbs."""
    for module in modules("store"):
        name = module.name.removeprefix("store/")
        if "/" not in name and name not in {*PLUMBING, "__init__"}:
            yield module


def statements(module: Module, function: Function) -> Iterator[str]:
    """The SQL that a function runs."""
    known = dict(module.texts)
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            before = known.get(name)
            joined = ast.BinOp(before, ast.Add(), node.value) if before is not None else node.value
            known[name] = joined
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in RUNS:
            of = node.func.value
            if isinstance(of, ast.Name) and of.id == "tx":
                yield text_of(node.args[0], known)


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
    across, seen = set(), 0
    for module in nouns():
        for name, function in module.functions.items():
            for sql in statements(module, function):
                tables = set(TABLE.findall(sql)) & BOUND
                seen += bool(tables)
                if tables and ":wedding" not in sql:
                    across.add(f"{module.path.stem}.{name}")
    assert seen > 100, "the statements are not found any more"
    assert across == set(ACROSS_WEDDINGS)


def test_the_plumbing_is_there() -> None:
    assert {module.name.removeprefix("store/") for module in modules("store")} >= set(PLUMBING)
