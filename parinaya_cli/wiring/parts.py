"""The parts that reach outside: WhatsApp, files, Google. Each is opened when it is first asked for."""

from __future__ import annotations

import math
import secrets
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from parinaya_cli.domain.errors import UsedWrongly

if TYPE_CHECKING:
    from parinaya_cli.adapters.dumps import PgBackups
    from parinaya_cli.adapters.exports.archives import LinesFile
    from parinaya_cli.adapters.exports.files import ExportFile
    from parinaya_cli.adapters.files.rejects import RejectsWriter
    from parinaya_cli.adapters.google.contacts import GoogleContacts
    from parinaya_cli.adapters.google.credentials import Places
    from parinaya_cli.adapters.objects import Account as StorageAccount
    from parinaya_cli.adapters.objects import ObjectPlace
    from parinaya_cli.adapters.whatsapp.account import AccountDesk
    from parinaya_cli.adapters.whatsapp.client import Account, CloudApi
    from parinaya_cli.adapters.whatsapp.media import MediaUploads
    from parinaya_cli.domain.prices import PriceTable
    from parinaya_cli.ports import CheckpointPlace, InboundParser, OpenedList, ReadingOptions
    from parinaya_cli.services.exports import FileWanted
    from parinaya_cli.services.retention import Terms
    from parinaya_cli.settings import Settings


MOST_IN_FLIGHT = 256
"""Beyond that a worker has no more to gain; the rate of 1,000 a second needs several workers."""


class Parts(ABC):
    """What an ``App`` can ask of the world outside Postgres and the queue."""

    settings: Settings

    @property
    @abstractmethod
    def addresses(self) -> tuple[str, str]:
        """The addresses of Postgres and of Redis or Valkey."""

    @property
    @abstractmethod
    def admin_url(self) -> str:
        """The address of Postgres for whoever makes backups."""

    @property
    def in_flight(self) -> int:
        """How many requests one worker keeps in flight: what the rate needs at 0.3 s each, and no more.

        So many messages a crash can leave ``unknown``: 24 at the usual rate of 80 a second.
        """
        return max(1, min(MOST_IN_FLIGHT, math.ceil(self.settings.whatsapp_messages_per_second * 0.3)))

    @cached_property
    def whatsapp(self) -> CloudApi:
        """The Graph API: sends messages, lists templates.

        Raises:
            UsedWrongly: the account is not set.
        """
        from parinaya_cli.adapters.whatsapp.client import CloudApi

        return CloudApi(self._account, in_flight=self.in_flight)

    @property
    def _account(self) -> Account:
        from parinaya_cli.adapters.whatsapp.client import Account

        told = self.settings
        if not told.whatsapp_access_token:
            raise UsedWrongly(
                "There is no access token for WhatsApp.",
                "Set it with `parinaya config set WHATSAPP_ACCESS_TOKEN -`, or rehearse with `parinaya sandbox serve`.",
            )
        return Account(
            told.whatsapp_base_url,
            told.whatsapp_graph_version,
            told.whatsapp_access_token,
            told.whatsapp_business_account_id or "",
        )

    @property
    def account_desk(self) -> AccountDesk:
        """What the Graph API tells of the account itself.

        Raises:
            UsedWrongly: the account is not set.
        """
        from parinaya_cli.adapters.whatsapp.account import AccountDesk

        return AccountDesk(self._account)

    def greet_webhook(self) -> str | None:
        """What is wrong with our webhook's answer at its public address, or nothing; None: no address is set."""
        from parinaya_cli.adapters.whatsapp.front_door import greet

        told = self.settings
        if not told.webhook_url:
            return None
        return greet(told.webhook_url, told.whatsapp_verify_token or "", secrets.token_hex(8))

    @property
    def media_host(self) -> MediaUploads:
        """Where files lie that stand above the texts of templates.

        Raises:
            UsedWrongly: the account is not set.
        """
        from parinaya_cli.adapters.whatsapp.media import MediaUploads

        return MediaUploads(self._account)

    @cached_property
    def prices(self) -> PriceTable:
        """What messages cost: our own table, or the file that PARINAYA_PRICES names.

        Raises:
            UsedWrongly: that file holds no prices.
        """
        from parinaya_cli.domain.prices import META_INR

        if self.settings.prices is None:
            return META_INR
        from parinaya_cli.adapters.prices import read_price_file

        return read_price_file(self.settings.prices)

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

    @cached_property
    def backup_files(self) -> PgBackups:
        """Backups of this Postgres, made and read by its own programs."""
        from parinaya_cli.adapters.dumps import PgBackups, PgTools
        from parinaya_cli.adapters.embedded.programs import client_programs
        from parinaya_cli.store import backups

        return PgBackups(PgTools(client_programs(), backups.environment(self.admin_url)))

    def open_export(self, wanted: FileWanted) -> ExportFile:
        """A file in the making: at a path, for standard output (``-``), or in an object storage (``s3://``).

        Raises:
            UsedWrongly: it can't be written there, or nobody is signed in to the storage.
        """
        from parinaya_cli.adapters.exports import files

        place: files.Place
        if wanted.to.startswith("s3://"):
            place = self.object_place(wanted.to)
        else:
            place = files.StandardOutput() if wanted.to == "-" else files.LocalFile(Path(wanted.to))
        return files.ExportFile(place, wanted.format, wanted.columns, wanted.zone)

    def open_archive(self, to: str) -> LinesFile:
        """An archive in the making: in a folder, or under ``s3://BUCKET/FOLDER``. Close it in any case.

        Raises:
            UsedWrongly: nothing can be written there.
        """
        from parinaya_cli.adapters.exports.archives import LinesFile

        return LinesFile(to, self.object_place)

    def object_place(self, url: str) -> ObjectPlace:
        """An object of a storage that speaks S3; nobody is asked yet.

        Raises:
            UsedWrongly: the address names no object, or nobody is signed in.
        """
        from parinaya_cli.adapters.objects import ObjectPlace

        return ObjectPlace(url, self._storage_account)

    @cached_property
    def checkpoint_places(self) -> list[CheckpointPlace]:
        """Where checkpoints of the audit log are kept: under PARINAYA_HOME, and where PARINAYA_CHECKPOINTS says.

        Raises:
            UsedWrongly: that is no place, or nobody is signed in to the storage.
        """
        return self._kept_outside("audit")

    @cached_property
    def erasure_places(self) -> list[CheckpointPlace]:
        """Where it is kept who was forgotten: beside the checkpoints of the audit log.

        Raises:
            UsedWrongly: as ``checkpoint_places``.
        """
        return self._kept_outside("erasures")

    @property
    def terms(self) -> Terms:
        """For how long things are kept, as the settings say."""
        from parinaya_cli.adapters.files import leftovers
        from parinaya_cli.services.retention import Terms

        told = self.settings
        return Terms(
            told.keep_deliveries_days,
            told.keep_texts_days,
            told.keep_files_days,
            lambda before, mend: leftovers.clear(self._own_files, before, mend=mend),
            self.erasure_places,
        )

    @property
    def _own_files(self) -> list[Path]:
        """The folders with files that were made for people."""
        return [self.settings.home / "exports", self.settings.home / "rejects"]

    def clear_files_naming(self, texts: Sequence[str]) -> list[str]:
        """Take away exported and rejected files in which one of the texts stands; their names."""
        from parinaya_cli.adapters.files import leftovers

        return leftovers.clear_naming(self._own_files, texts)

    def _kept_outside(self, name: str) -> list[CheckpointPlace]:
        from parinaya_cli.adapters.checkpoints import CheckpointFolder

        places: list[CheckpointPlace] = [CheckpointFolder(self.settings.home / "checkpoints", name)]
        told = self.settings.checkpoints
        if told and told.startswith("s3://"):
            from parinaya_cli.adapters.objects import ObjectLines

            places.append(ObjectLines(f"{told.rstrip('/')}/{name}", self._storage_account))
        elif told:
            places.append(CheckpointFolder(Path(told), name))
        return places

    @property
    def _storage_account(self) -> StorageAccount:
        from parinaya_cli.adapters.objects import Account

        told = self.settings
        return Account(
            told.aws_access_key_id, told.aws_secret_access_key, told.aws_endpoint_url, told.aws_region
        )
