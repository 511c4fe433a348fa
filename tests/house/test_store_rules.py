"""The store: every public function works in a transaction, every query of a wedding's table names the wedding."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from parinaya_cli.store.tables import metadata
from tests.house.house_code import Function, Module, modules, text_of

PLUMBING = {
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
    "dispatches.next_due": "a phone number sends for several weddings",
    "dispatches.next_due_in": "a phone number sends for several weddings",
    "dispatches.take_due": "a phone number sends for several weddings",
    "dispatches.read_number": "the daily limit of a number counts over all weddings",
    "dispatches.find_for_status": "a status tells no wedding: it is found by token or message id",
    "dispatches.find_sent": "an answered message tells no wedding: it is found by its id",
    "dispatches.reap": "dead workers leave rows in any wedding",
    "dispatches.list_unknown": "reconcile looks at all weddings",
    "dispatches.count_due": "reconcile looks at all weddings",
    "dispatches.count_moved_lately": "is the receiver of the installation alive?",
    "dispatches.count_sending": "how much work the installation has open",
    "dispatches.count_heard": "how many households the installation has heard",
    "figures.read": "figures of the installation: counts only",
    "erasures.anywhere": "a status tells no wedding: does anybody have to be looked out for?",
    "forgetting_traces.empty_deliveries": "a delivery may concern several weddings",
    "import_queue.claim": "workers import the lists of all weddings",
    "import_queue.count_queued": "workers import the lists of all weddings",
    "health.silence": "is the receiver of the installation alive?",
    "templates.hear": "a template belongs to the account, which serves several weddings",
    "webhooks.effect_once": "the key of an effect is unique over all weddings",
    "webhooks.list_effects": "a delivery may concern several weddings",
    "webhooks.park": "the key of an effect is unique over all weddings",
    "webhooks.count_parked": "a parked update has no wedding yet",
    "webhooks.reopen_parked": "a parked update has no wedding yet",
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
