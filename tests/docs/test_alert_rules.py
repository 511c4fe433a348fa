"""The alert rules of docs/operations.md stand on what a real receiver tells."""

from __future__ import annotations

import re
from pathlib import Path

import psycopg
import yaml
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.conftest import ROOT
from tests.web.receiver_kit import get, receiver_app, receiving

NAME = re.compile(r"(parinaya_[a-z_]+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)(=~?)"([^"]*)"')


def rules() -> dict[str, str]:
    """The expression of each alert."""
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    [block] = [one for one in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "alert:" in one]
    [group] = yaml.safe_load(block)["groups"]
    return {one["alert"]: one["expr"] for one in group["rules"]}


def scrape(root: str) -> list[Sample]:
    families = text_string_to_metric_families(get(root, "/metrics").text)
    return [sample for one in families for sample in one.samples]


def is_told(samples: list[Sample], name: str, matchers: str) -> bool:
    """Is there a sample of this name whose labels fit?"""
    wanted = [
        (label, value if how == "=~" else re.escape(value)) for label, how, value in MATCHER.findall(matchers)
    ]
    return any(
        sample.name == name
        and all(re.fullmatch(value, sample.labels.get(label, "")) for label, value in wanted)
        for sample in samples
    )


def test_each_figure_that_a_rule_names_is_told_before_anything_happened(
    env: dict[str, str], tmp_path: Path
) -> None:
    with receiving(receiver_app(env, tmp_path)) as root:
        samples = scrape(root)
    found = [(alert, *named) for alert, rule in rules().items() for named in NAME.findall(rule)]
    assert len(found) >= len(rules()) > 15
    assert [one for one in found if not is_told(samples, *one[1:])] == []
    assert not is_told(samples, "parinaya_sends_refused", 'class="Z"')


def test_what_was_refused_is_told_by_its_class(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    attempts = [
        ("accepted", None, 1), ("refused", 190, 1), ("refused", 132001, 2), ("refused", 131000, 1),
        ("refused", 999999, 1), ("not_sent", None, 1), ("no_answer", None, 1), ("", None, 10), ("refused", 190, 20),
    ]  # fmt: skip
    with psycopg.connect(database_url) as conn:
        conn.execute("INSERT INTO weddings (slug, title) VALUES ('a', 'A')")
        conn.execute("INSERT INTO invite_dispatch (wedding_id, state) SELECT id, 'failed' FROM weddings")
        for number, (outcome, code, minutes) in enumerate(attempts):
            conn.execute(
                "INSERT INTO dispatch_attempts (wedding_id, dispatch_id, number, token, outcome, error_code, "
                "started_at) SELECT wedding_id, id, %s, %s, %s, %s, now() - make_interval(mins => %s) "
                "FROM invite_dispatch",
                [number, f"t{number}", outcome, code, minutes],
            )
        for code in (131026, 131050):
            conn.execute(
                "INSERT INTO delivery_events (wedding_id, dispatch_id, event_key, status, at, error_code) "
                "SELECT wedding_id, id, %s, 'failed', now(), %s FROM invite_dispatch",
                [f"s{code}", code],
            )
    with receiving(receiver_app(env, tmp_path)) as root:
        samples = scrape(root)

    def told(name: str) -> dict[str, float]:
        return {"/".join(one.labels.values()): one.value for one in samples if one.name == name and one.value}

    assert told("parinaya_sends") == {
        "accepted": 1, "refused": 4, "not_sent": 1, "no_answer": 1, "lost": 1
    }, "what is older than 15 minutes is not of now"  # fmt: skip
    assert told("parinaya_sends_refused") == {
        "H/account": 1, "G/template": 1, "B1/says_failed": 1, "J/other": 1, "A/not_sent": 1, "B/no_answer": 2
    }  # fmt: skip
    assert told("parinaya_sends_failed") == {"F/recipient": 1, "F/opted_out": 1}
