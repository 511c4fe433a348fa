"""``docs/operations.md``: what the units, the crontab and the rules name is there."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml
from prometheus_client.core import Metric

from parinaya_cli.adapters.queue import RedisQueue
from parinaya_cli.domain.access import Channel
from parinaya_cli.services import figures
from parinaya_cli.web.metrics import Counts, State
from parinaya_cli.wiring import App
from tests.docs.test_documents import find, read

PAGE = read("docs/operations.md")
FENCED = re.compile(r"^```(ini|crontab|yaml)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks_of(kind: str) -> list[str]:
    return [body for told, body in FENCED.findall(PAGE) if told == kind]


def test_units_and_crontab_start_commands_that_exist() -> None:
    lines = [
        line.partition("=")[2]
        for body in blocks_of("ini")
        for line in body.splitlines()
        if "ExecStart" in line
    ]
    lines += [line.split(None, 6)[6] for body in blocks_of("crontab") for line in body.splitlines()]
    ours = [words for line in lines if (words := shlex.split(line))[0].endswith("parinaya")]
    found = [find(words[1:], whole=True) for words in ours]
    assert sorted(found) == [
        *("parinaya audit verify", "parinaya db backup", "parinaya reconcile"),
        *("parinaya site serve", "parinaya webhook serve", "parinaya worker"),
    ]


@pytest.fixture
def metrics(app: App) -> dict[str, set[str]]:
    """Every figure that the receiver tells, with the names of its labels."""
    counts = Counts()
    counts.request("stored", 0.1)
    counts.commit(1, 1)
    with app.begin_as_system(Channel.WEBHOOK) as tx:
        state = State(figures.read(tx), RedisQueue(app.addresses[1]).figures())
    families: list[Metric] = [*counts._registry.collect(), *state.collect()]
    names: dict[str, set[str]] = {}
    for family in families:
        labels = set(getattr(family, "_labelnames", ()))
        names[family.name] = labels
        for sample in family.samples:
            names.setdefault(sample.name, set()).update(sample.labels)
    return names


def test_every_figure_of_the_rules_is_told(metrics: dict[str, set[str]]) -> None:
    [rules] = blocks_of("yaml")
    told = [rule for group in yaml.safe_load(rules)["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in told}) == len(told) > 8
    for rule in told:
        named = re.findall(r"(parinaya_\w+)(?:\{(\w+)=)?", rule["expr"])
        assert named, rule
        for name, label in named:
            assert name in metrics, rule
            assert not label or label in metrics[name], rule
