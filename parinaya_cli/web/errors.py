"""The HTTP status of each kind of error, and the document that tells it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from parinaya_cli.domain.errors import (
    Failed,
    Locked,
    NotFound,
    NotPermitted,
    ParinayaError,
    Unreachable,
    UsedWrongly,
)

STATUSES: dict[type[ParinayaError], int] = {
    UsedWrongly: 400,
    NotPermitted: 403,
    NotFound: 404,
    Unreachable: 503,
    Locked: 503,
    Failed: 500,
}


def status(error: Exception) -> int:
    """The status of a kind of error; a kind that is refined elsewhere has that of what it refines, a bug 500."""
    return next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)


def document(error: Exception) -> dict[str, str]:
    """``code``, ``message`` and ``hint``. A bug is not quoted: its text may hold what guests wrote."""
    if isinstance(error, ParinayaError):
        return {"code": error.code, "message": error.message, "hint": error.hint}
    return {"code": "internal", "message": "parinaya met an error that it did not expect.", "hint": ""}


async def handle(_: Request, error: Exception) -> Response:
    """The answer to a request that ended in an error: ``{"error": {"code", "message", "hint"}}``."""
    return JSONResponse({"error": document(error)}, status(error))
