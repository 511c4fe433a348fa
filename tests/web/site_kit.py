"""A real website for tests: uvicorn in a thread, a wedding behind it, forms as a browser sends them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from parinaya_cli import settings
from parinaya_cli.services import site_links
from parinaya_cli.services.site_links import DashboardRequest, SiteSetup
from parinaya_cli.web import server, site
from parinaya_cli.web.bodies import Limits
from parinaya_cli.wiring import App
from tests.services.wedding_kit import Scene

MANGALAM = "Meera & Arjun"


@dataclass
class Website:
    """A website that runs; ``scene`` is the wedding behind it."""

    root: str
    scene: Scene
    setup: SiteSetup

    def link(self, unit: str, *, renew: bool = False) -> str:
        """The path of a household's page."""
        with self.scene.begin() as tx:
            return urlsplit(site_links.link(tx, self.setup, unit, renew=renew).url).path

    def parents(self, name: str = "Sunita", *, side: str | None = None, phones: bool = False) -> str:
        """The path of a parents' page."""
        with self.scene.begin() as tx:
            wanted = DashboardRequest(name, side, phones=phones)
            return urlsplit(site_links.make_dashboard(tx, self.setup, wanted)[1]).path

    def get(self, path: str) -> httpx.Response:
        """A page; redirects are followed."""
        return httpx.get(self.root + path, follow_redirects=True, timeout=60)

    def send(self, path: str, fields: Mapping[str, str]) -> httpx.Response:
        """Fill in the form of a page, as it stands now, and send it."""
        page = self.get(path).text
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
        return self.post(path, {name: unescape(value) for name, value in hidden.items()} | dict(fields))

    def post(self, path: str, fields: Mapping[str, str]) -> httpx.Response:
        """Send a form; the redirect is followed."""
        return httpx.post(f"{self.root}{path}/rsvp", data=dict(fields), follow_redirects=True, timeout=60)


@contextmanager
def website(
    env: Mapping[str, str], folder: Path, scene: Scene, limits: Limits | None = None
) -> Iterator[Website]:
    """A website in a thread."""
    app = App(settings.load(env=env, path=folder / "config" / "config.toml"), pool=4)
    ready = threading.Event()
    limits = limits or site.limits()
    with server.listen("127.0.0.1", 0) as listener:
        running = server.make(site.build(app, limits), limits, ready.set)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            assert ready.wait(60)
            yield Website(server.address(listener, "127.0.0.1"), scene, app.site_setup)
        finally:
            running.stop()
            thread.join(60)
            app.close()
            assert not thread.is_alive()
