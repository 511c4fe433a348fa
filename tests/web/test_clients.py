"""Who asks: behind proxies of ours and of others, and who may see the figures of the receiver."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parinaya_cli.web import clients
from tests.services.wedding_kit import Scene, open_scene
from tests.web.receiver_kit import receiver_app, receiving
from tests.web.site_kit import website

OURS = clients.networks("10.0.0.7, 10.1.0.0/16,::1")


def scope(peer: str, *lines: str) -> dict[str, object]:
    return {
        "client": (peer, 4711),
        "headers": [(b"x-forwarded-for", line.encode("latin-1")) for line in lines],
    }


@pytest.mark.parametrize(
    ("peer", "lines", "found"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.0.7", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:10.0.0.7", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.7", ["1.2.3.4, 198.51.100.1, 10.1.9.9"], "198.51.100.1"),
        ("10.0.0.7", ["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
        ("10.0.0.7", [], "10.0.0.7"),
        ("10.0.0.7", ["not an address"], "not an address"),
    ],
)
def test_only_our_proxies_are_believed_and_from_the_end(peer: str, lines: list[str], found: str) -> None:
    assert clients.address(scope(peer, *lines), OURS) == found


@given(st.lists(st.text(alphabet="0123456789.,: a", max_size=30), max_size=4))
def test_what_a_stranger_writes_before_never_changes_who_they_are(lines: list[str]) -> None:
    assert clients.address(scope("10.0.0.7", *lines, "198.51.100.1"), OURS) == "198.51.100.1"
    assert clients.address(scope("203.0.113.9", *lines), OURS) == "203.0.113.9"


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_figures_are_for_this_machine_and_for_whoever_has_the_token(
    env: dict[str, str], tmp_path: Path, path: str
) -> None:
    env = {**env, "PARINAYA_METRICS_TOKEN": "a token of the tests"}

    def ask(root: str, **told: str) -> int:
        sent = {name.replace("_", "-"): value for name, value in told.items()}
        return httpx.get(root + path, headers=sent, timeout=60).status_code

    with receiving(receiver_app(env, tmp_path)) as root:
        assert ask(root) == 200
        for name in ("X_Forwarded_For", "Forwarded", "X_Real_IP"):
            assert ask(root, **{name: "127.0.0.1"}) == 403, "it came through a proxy that is not named"
        assert ask(root, X_Forwarded_For="203.0.113.9", Authorization="Bearer a token of the tests") == 200
        assert ask(root, X_Forwarded_For="203.0.113.9", Authorization="Bearer a guess") == 403
        assert (
            httpx.get(f"{root}/healthz", headers={"X-Real-IP": "203.0.113.9"}, timeout=60).status_code == 200
        )
    named = {**env, "PARINAYA_PROXIES": "127.0.0.1", "PARINAYA_METRICS_FROM": "203.0.113.0/24"}
    with receiving(receiver_app(named, tmp_path)) as root:
        assert ask(root, X_Forwarded_For="203.0.113.9") == 200
        assert ask(root, X_Forwarded_For="203.0.113.9, 198.51.100.1") == 403
        assert ask(root) == 403


def test_wrong_links_are_counted_by_whom_our_proxy_names(
    env: dict[str, str], tmp_path: Path, database_url: str
) -> None:
    with open_scene(database_url) as scene:
        for proxies, codes in (("127.0.0.1", {404}), ("10.0.0.7", {404, 429})):
            assert _guess(scene, {**env, "PARINAYA_PROXIES": proxies}, tmp_path) == codes


def _guess(scene: Scene, env: dict[str, str], folder: Path) -> set[int]:
    """Thirty places guess once each, behind one proxy."""
    with website(env, folder, scene) as web, httpx.Client(timeout=60) as client:
        return {
            client.get(f"{web.root}/i/x", headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code
            for n in range(30)
        }
