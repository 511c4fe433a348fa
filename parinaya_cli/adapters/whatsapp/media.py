"""Uploads of files that stand above the texts of templates (``POST /{phone number id}/media``).

Source: Meta, WhatsApp, business-phone-numbers/media. This way sends nothing to guests.
"""

from __future__ import annotations

import re

import httpx

from parinaya_cli import __version__
from parinaya_cli.adapters.whatsapp import errors
from parinaya_cli.adapters.whatsapp.client import Account
from parinaya_cli.adapters.whatsapp.envelope import identifier
from parinaya_cli.domain.errors import Failed, Unreachable, UsedWrongly
from parinaya_cli.domain.media import MediaFile

LARGEST_ANSWER = 64 * 1024
"""Bytes of an answer that are read; it holds one id."""

_TIMES = httpx.Timeout(60.0, connect=5.0)
_CHECK = "Check the network and WhatsApp's status page, then try again."
_NUMBER = re.compile(r"[0-9A-Za-z_-]{1,64}")


class MediaUploads:
    """``MediaHost`` over Meta's Cloud API: one request for each file, no retries, no redirects."""

    def __init__(self, account: Account) -> None:
        """Nothing is opened yet. Proxies of the environment hold, except towards this machine."""
        self._account = account
        self._trust_env = httpx.URL(account.base_url).host not in {"127.0.0.1", "::1", "localhost"}

    def upload(self, phone_number_id: str, file: MediaFile) -> str:
        """Upload a file; returns its id, which belongs to this phone number.

        Raises:
            Unreachable: the Graph API can't be reached, or broke off.
            Failed: it refused the file, or its answer names no id.
        """
        if not _NUMBER.fullmatch(phone_number_id):
            raise UsedWrongly("The sending number's id is none of Meta's.", "Check WHATSAPP_PHONE_NUMBER_ID.")
        status, body = self._post(phone_number_id, file)
        data = errors.json_object(body) or {}
        error = errors.graph_error(data)
        if error is not None:
            raise Failed(
                f"WhatsApp refused {file.filename}: {error.details or error.title} (code {error.code}).",
                errors.what_to_do(error.code),
            )
        found = identifier(data.get("id"))
        if status != 200 or found is None:
            raise Unreachable(f"WhatsApp answered the upload with HTTP {status} and no id.", _CHECK)
        return found

    def _post(self, phone_number_id: str, file: MediaFile) -> tuple[int, bytes]:
        base = f"{self._account.base_url.rstrip('/')}/{self._account.version}"
        headers = {
            "Authorization": f"Bearer {self._account.access_token}",
            "User-Agent": f"parinaya/{__version__}",
            "Accept-Encoding": "identity",
        }
        form = {"messaging_product": "whatsapp", "type": file.mime_type}
        # The provider needs no name of the file, and a family's name may stand in it.
        part = {"file": (f"header.{file.mime_type.rpartition('/')[2]}", file.content, file.mime_type)}
        try:
            with (
                httpx.Client(timeout=_TIMES, trust_env=self._trust_env, headers=headers) as client,
                client.stream("POST", f"{base}/{phone_number_id}/media", data=form, files=part) as answer,
            ):
                body = bytearray()
                for chunk in answer.iter_raw():
                    body += chunk
                    if len(body) > LARGEST_ANSWER:
                        break
                return answer.status_code, bytes(body)
        except (httpx.HTTPError, httpx.StreamError, OSError) as failure:
            raise Unreachable(f"WhatsApp can't be reached: {type(failure).__name__}.", _CHECK) from failure
