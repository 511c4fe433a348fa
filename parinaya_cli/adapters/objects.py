"""Object storage that speaks S3: files go up in parts and appear whole, links to them expire, lines are only added."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from parinaya_cli.domain.errors import Failed, NotFound, NotPermitted, Unreachable, UsedWrongly

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

LONGEST_LINK = timedelta(days=7)
"""A signed link can't hold longer (docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html)."""

PART = 8 * 1024 * 1024
"""Bytes of a part; larger files go up in several."""

_URL = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>.+)")


@dataclass(frozen=True)
class Account:
    """How to sign in. ``endpoint``: of any store that speaks S3; None is Amazon's."""

    key_id: str | None
    secret: str | None
    endpoint: str | None = None
    region: str | None = None


class _Bucket:
    """A bucket, and a key in it."""

    def __init__(self, url: str, account: Account) -> None:
        match = _URL.fullmatch(url)
        if match is None or match["key"].endswith("/"):
            raise UsedWrongly(f"{url!r} names no object.", "Write it as s3://BUCKET/folder/file.csv.")
        if not account.key_id or not account.secret:
            raise UsedWrongly(
                "Nobody is signed in to the object storage.",
                "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_ENDPOINT_URL if it is not Amazon's.",
            )
        self.bucket, self.key, self._account = match["bucket"], match["key"], account

    def _store(self) -> S3Store:
        from obstore.store import S3Store

        told = self._account
        config: S3Config = {
            "access_key_id": told.key_id or "",
            "secret_access_key": told.secret or "",
            "region": told.region or "us-east-1",
        }
        if told.endpoint:
            config["endpoint"] = told.endpoint
        return S3Store(
            self.bucket,
            config=config,
            client_options={"allow_http": (told.endpoint or "").startswith("http://"), "timeout": "60s"},
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=30)},
        )

    @contextmanager
    def _reached(self) -> Iterator[None]:
        from obstore import exceptions

        try:
            yield
        except FileNotFoundError as error:
            raise NotFound(f"There is no bucket {self.bucket!r}.", "Make it, or name another.") from error
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
            raise NotPermitted(
                f"The object storage refused to let this account use {self.bucket!r}.",
                "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what the account may do.",
            ) from error
        except exceptions.BaseError as error:
            text = str(error).lower()
            if (
                "connect" in text
                or "timed out" in text
                or "timeout" in text
                or "error sending request" in text
            ):
                raise Unreachable(
                    "The object storage can't be reached.", "Check AWS_ENDPOINT_URL, then try again."
                ) from error
            raise Failed(
                f"The object storage refused s3://{self.bucket}/{self.key}.",
                "Check the bucket, AWS_REGION and AWS_ENDPOINT_URL; PARINAYA_DEBUG=1 shows more.",
            ) from error


class ObjectPlace(_Bucket):
    """A place ``s3://BUCKET/KEY``."""

    folder: Path | None = None

    def publish(self, path: Path) -> None:
        """Send the file up, in parts where it is large; it appears when the last one is there.

        Raises:
            Unreachable: the storage can't be reached.
            NotFound, NotPermitted, Failed: there is no such bucket, or the storage refused.
        """
        import obstore

        with self._reached():
            obstore.put(self._store(), self.key, path, chunk_size=PART)

    def sign(self, lasts: timedelta) -> str:
        """A link to the object for whoever has it, for so long.

        Raises:
            UsedWrongly: it would hold longer than ``LONGEST_LINK``.
        """
        import obstore

        if not timedelta(0) < lasts <= LONGEST_LINK:
            raise UsedWrongly("A link holds for seven days at most.", "Ask for fewer days.")
        with self._reached():
            return str(obstore.sign(self._store(), "GET", self.key, lasts))


class ObjectLines(_Bucket):
    """Lines under ``s3://BUCKET/FOLDER``: each time they are added as an object of their own, and none is ever
    changed, so that the bucket may forbid to overwrite and to delete."""

    _AT_ONCE = 16

    @property
    def place(self) -> str:
        """Where they lie."""
        return f"s3://{self.bucket}/{self.key}"

    def read(self) -> list[str]:
        """Every line with its end, in the order in which they were added.

        Raises:
            Unreachable: the storage can't be reached.
            NotFound, NotPermitted, Failed: there is no such bucket, or the storage refused.
        """
        import obstore

        store = self._store()

        def get(path: str) -> str:
            return bytes(obstore.get(store, path).bytes()).decode("utf-8", "replace")

        with self._reached(), ThreadPoolExecutor(self._AT_ONCE) as several:
            paths = sorted(one["path"] for some in obstore.list(store, self.key) for one in some)
            return [line for text in several.map(get, paths) for line in text.splitlines(keepends=True)]

    def add(self, lines: Sequence[str]) -> None:
        """Add lines, and return when the storage has them.

        Raises:
            Unreachable, NotFound, NotPermitted, Failed: as ``read`` says.
        """
        import obstore

        # The name sorts by time, and differs from those of others who add at the same moment.
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}.jsonl"
        with self._reached():
            obstore.put(self._store(), f"{self.key}/{name}", "".join(f"{line}\n" for line in lines).encode())
