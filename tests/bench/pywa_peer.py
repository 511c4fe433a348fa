"""pywa's own server, whose handler stores each status with one insert; needs nothing of parinaya.

python pywa_peer.py PORT DATABASE_URL APP_SECRET, by an interpreter that has pywa[server] and psycopg.
"""

from __future__ import annotations

import importlib
import sys
import threading
from typing import Any


def serve(port: int, url: str, secret: str) -> None:
    """Answer deliveries at ``/webhooks/whatsapp`` until the process is ended."""
    library: Any = importlib.import_module("pywa")
    driver: Any = importlib.import_module("psycopg")
    with driver.connect(url, autocommit=True) as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS peer (id text, status text, at timestamptz DEFAULT now())")
    mine = threading.local()
    client = library.WhatsApp(
        phone_id="106540352242922",
        token="bench",
        verify_token="bench",
        app_secret=secret,
        webhook_endpoint="/webhooks/whatsapp",
    )

    def store(_: Any, status: Any) -> None:
        if not hasattr(mine, "conn"):
            mine.conn = driver.connect(url, autocommit=True)
        mine.conn.execute("INSERT INTO peer (id, status) VALUES (%s, %s)", (status.id, str(status.status)))

    client.add_handlers(importlib.import_module("pywa.handlers").MessageStatusHandler(store))
    client.run(port=port, log_level="error")


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2], sys.argv[3])
