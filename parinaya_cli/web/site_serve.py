"""``parinaya site serve``: checks that it can, listens, and shows the pages."""

from __future__ import annotations

import logging
from collections.abc import Callable

from parinaya_cli.domain.errors import ParinayaError
from parinaya_cli.web import server, site
from parinaya_cli.wiring import App

_LOG = logging.getLogger("parinaya.site")


def serve(app: App, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Show pages until SIGTERM or SIGINT. ``app`` is closed at the end.

    ``ready`` is given the address when connections are accepted. Postgres may be away: pages come when it is back.

    Raises:
        UsedWrongly: the secret of the links is not set, or there is no such host.
        Failed: the port is taken.
    """
    try:
        limits = site.limits()
        built = site.build(app, limits)
        with server.listen(host, port) as listener:
            try:
                site.look(app)
            except ParinayaError as error:
                _LOG.warning("no page can be shown for now: %s %s", error.message, error.hint)
            address = server.address(listener, host)
            server.make(built, limits, lambda: ready(address), debug=app.settings.debug).run(
                sockets=[listener]
            )
    finally:
        app.close()
