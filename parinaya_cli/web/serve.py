"""``parinaya webhook serve``: checks that it can, listens, and runs the receiver in one process or several."""

from __future__ import annotations

import gc
import logging
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from parinaya_cli.domain.errors import ParinayaError, UsedWrongly
from parinaya_cli.web import processes, server
from parinaya_cli.web.bells import ReceiverApp
from parinaya_cli.web.bodies import Limits

MOST_PROCESSES = 64

_LOG = logging.getLogger("parinaya.webhook")


@dataclass(frozen=True)
class Where:
    """Where to listen, and with how many processes."""

    host: str = "127.0.0.1"
    port: int = 8000
    processes: int = 1


def serve(app: ReceiverApp, where: Where, ready: Callable[[str], None]) -> None:
    """Receive until SIGTERM or SIGINT. ``app`` is closed at the end.

    ``ready`` is given the address of the webhook when connections are accepted.

    Raises:
        UsedWrongly: a secret is not set, or there is no such host.
        Failed: the port is taken.
    """
    require_set_up(app)
    if not 1 <= where.processes <= MOST_PROCESSES:
        raise UsedWrongly(f"Between 1 and {MOST_PROCESSES} processes can receive.", "Give --processes N.")
    with server.listen(where.host, where.port) as listener:
        from_outside = server.address(listener, where.host) + "/webhooks/whatsapp"

        def say() -> None:
            ready(from_outside)

        if where.processes == 1:
            _run(app, listener, say)
        else:
            processes.supervise(where.processes, lambda told, life: _run(app, listener, told, life), say)


def require_set_up(app: ReceiverApp) -> None:
    """Refuse to receive what could not be checked or kept.

    Raises:
        UsedWrongly: the app secret or the audit key is not set.
    """
    if not app.settings.whatsapp_app_secret:
        raise UsedWrongly(
            "There is no app secret, so no delivery could be trusted.",
            "Copy it from the Meta app's basic settings: `parinaya config set WHATSAPP_APP_SECRET -`.",
            code="not_set_up",
        )
    _ = app.audit_key
    if not app.settings.whatsapp_verify_token:
        _LOG.warning("WHATSAPP_VERIFY_TOKEN is not set: Meta's handshake will be refused")


def _run(
    app: ReceiverApp, listener: socket.socket, ready: Callable[[], None], life: int | None = None
) -> None:
    """Receive in this process, whose first look at Postgres may fail: it answers 503 until that is back."""
    from parinaya_cli.web import webhook  # not before the parent has said where processes count together

    try:
        try:
            webhook.look(app)
        except ParinayaError as error:
            _LOG.warning("deliveries are answered with 503 for now: %s %s", error.message, error.hint)
        limits = Limits()
        receiver = webhook.make(app, limits, ready, life=life)
        # Loaded now: the first bell would stop the answers for as long as that takes.
        import_module("parinaya_cli.adapters.queue")
        gc.collect()
        gc.freeze()  # what is loaded lives as long as the process: looking it through stops the answers for a while
        receiver.run(sockets=[listener])
    finally:
        if life is not None:  # the parent's signal may come when the terminal's has been heard already
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
        app.close()
