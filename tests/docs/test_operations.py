"""``docs/operations.md``: what the units, the crontab, the proxies and the rules name is there."""

from __future__ import annotations

import re
import shlex
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
import yaml
from prometheus_client.core import Metric

from parinaya_cli.adapters.queue import RedisQueue
from parinaya_cli.domain.access import Channel
from parinaya_cli.services import figures
from parinaya_cli.web import bodies, site
from parinaya_cli.web.metrics import Counts, State
from parinaya_cli.wiring import App
from tests.docs.test_documents import find, read

PAGE = read("docs/operations.md")
FENCED = re.compile(r"^```(ini|crontab|yaml|nginx|caddyfile)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks_of(kind: str) -> list[str]:
    return [body for told, body in FENCED.findall(PAGE) if told == kind]


def test_units_and_crontab_start_commands_that_exist() -> None:
    lines = [
        line.partition("=")[2]
        for body in blocks_of("ini")
        for line in body.splitlines()
        if line.startswith(("ExecStart", "ExecStop"))
    ]
    [crontab] = blocks_of("crontab")
    where, *jobs = crontab.splitlines()
    programs = {str(Path(line.split()[0]).parent) for line in lines}
    assert programs == {where.removeprefix("PATH=").split(":")[0]}, "cron finds what the units start"
    lines += [job.split(None, 6)[6] for job in jobs]
    ours = [words for line in lines if (words := shlex.split(line))[0].endswith("parinaya")]
    found = [find(words[1:], whole=True) for words in ours]
    assert sorted(found) == [
        *("parinaya audit verify", "parinaya db backup", "parinaya reconcile"),
        *("parinaya services start", "parinaya services stop"),
        *("parinaya site serve", "parinaya webhook serve", "parinaya worker"),
    ]


def test_the_proxies_let_through_what_there_is_and_no_more(app: App) -> None:
    """nginx by its pattern, Caddy by its list: the addresses of the site, the webhook's, and the sizes of both."""
    [nginx], [caddy] = blocks_of("nginx"), blocks_of("caddyfile")
    pattern = re.search(r"location ~ (\S+) \{", nginx)
    listed = re.search(r"@site path (.+)", caddy)
    assert pattern is not None
    assert listed is not None
    for route in site.build(app).routes:
        path = re.sub(r"\{\w+\}", "x", getattr(route, "path", ""))
        told = path != "/healthz"
        assert bool(re.search(pattern[1], path)) == told, path
        assert any(fnmatchcase(path, one) for one in listed[1].split()) == told, path
    for path in ("/metrics", "/readyz", "/healthz", "/webhooks/whatsapp"):
        assert not re.search(pattern[1], path), path
    assert "location = /webhooks/whatsapp {" in nginx
    assert "handle /webhooks/whatsapp {" in caddy
    sizes = [bodies.Limits().body // 1024, site.limits().body // 1024]
    kib = {"m": 1024, "MiB": 1024, "k": 1, "KiB": 1}
    for block, size in ((nginx, r"client_max_body_size (\d+)(\w+)"), (caddy, r"max_size (\d+)(\w+)")):
        assert [int(count) * kib[unit] for count, unit in re.findall(size, block)] == sizes
    assert "read_body" not in caddy, "it answers 200 for what never came whole"


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
