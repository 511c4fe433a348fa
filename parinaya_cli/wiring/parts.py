"""The parts that reach outside: WhatsApp, files, Google. Each is opened when it is first asked for."""

from __future__ import annotations

import math
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from parinaya_cli.adapters.files.rejects import RejectsWriter
    from parinaya_cli.adapters.google.contacts import GoogleContacts
    from parinaya_cli.adapters.google.credentials import Places
    from parinaya_cli.adapters.pacing import SharedPacer
    from parinaya_cli.adapters.whatsapp.client import CloudApi
    from parinaya_cli.ports import InboundParser, OpenedList, ReadingOptions
    from parinaya_cli.settings import Settings


class Parts:
    """What an ``App`` can ask of the world outside Postgres and the queue."""

    settings: Settings

    @property
    def addresses(self) -> tuple[str, str]:
        """The addresses of Postgres and of Redis or Valkey."""
        raise NotImplementedError

    @property
    def in_flight(self) -> int:
        """How many requests may be in flight: what the rate needs at 0.3 s each, at most 32."""
        return max(1, min(32, math.ceil(self.settings.whatsapp_messages_per_second * 0.3)))

    @cached_property
    def whatsapp(self) -> CloudApi:
        """The Graph API: sends messages, lists templates.

        Raises:
            UsedWrongly: the account is not set.
        """
        from parinaya_cli.adapters.whatsapp.client import Account, CloudApi

        told = self.settings
        if not told.whatsapp_access_token:
            raise UsedWrongly(
                "There is no access token for WhatsApp.",
                "Set it with `parinaya config set WHATSAPP_ACCESS_TOKEN -`, or rehearse with `parinaya sandbox serve`.",
            )
        return CloudApi(
            Account(
                told.whatsapp_base_url,
                told.whatsapp_graph_version,
                told.whatsapp_access_token,
                told.whatsapp_business_account_id or "",
            ),
            in_flight=self.in_flight,
        )

    @cached_property
    def pacer(self) -> SharedPacer:
        """The send rate that all workers share."""
        from parinaya_cli.adapters.pacing import SharedPacer

        return SharedPacer(self.addresses[1], self.settings.whatsapp_messages_per_second)

    @cached_property
    def parser(self) -> InboundParser:
        """Reads deliveries."""
        from parinaya_cli.adapters.whatsapp.parsing import Parser

        return Parser()

    def open_list(
        self, path: Path | None, options: ReadingOptions, *, stdin: BinaryIO | None = None
    ) -> OpenedList:
        """Open a family's list: a file of any kind, or what comes on ``stdin``. Close it in any case.

        Raises:
            UsedWrongly: it is no list, or can't be understood.
            Failed: reading it took more memory or time than a list may take.
        """
        from parinaya_cli.adapters.files.reading import FileLists

        lists = FileLists()
        if path is not None:
            return lists.open(path, options)
        if stdin is None:
            raise UsedWrongly("There is no standard input.", "Name the file with the list.")
        return lists.open_stream(stdin, "-", options)

    def open_rejects(self, path: Path) -> RejectsWriter:
        """The file for the rejected rows of a list; it appears when it is finished."""
        from parinaya_cli.adapters.files.rejects import RejectsWriter

        return RejectsWriter(path)

    @property
    def google_places(self) -> Places:
        """Where the sign-in to Google Contacts is kept: in the folder of the settings, if nothing else is said."""
        from parinaya_cli.adapters.google.credentials import Places

        told = self.settings
        token_file = told.google_token_file or told.config_file.parent / "google-token.json"
        return Places(told.google_client_secrets, token_file)

    def open_google(self) -> GoogleContacts:
        """Google Contacts; nobody is asked yet."""
        from parinaya_cli.adapters.google.contacts import GoogleContacts

        return GoogleContacts(self.google_places, self.settings.google_people_endpoint)
