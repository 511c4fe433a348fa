"""What a job does with each kind of error: run again by plan, or end failed and be seen in `queue failed`."""

from __future__ import annotations

from parinaya_cli.domain.errors import (
    Failed,
    Locked,
    NotFound,
    NotPermitted,
    ParinayaError,
    Unreachable,
    UsedWrongly,
)

COMES_AGAIN: dict[type[ParinayaError], bool] = {
    Unreachable: True,
    Locked: True,
    Failed: False,
    UsedWrongly: False,
    NotPermitted: False,
    NotFound: False,
}
"""Does the work come again by itself? The rows wait in Postgres, so a job that ends early loses nothing."""


def comes_again(error: ParinayaError) -> bool:
    """Is this error one that passes: end the job quietly, the next bell goes on?"""
    return next((COMES_AGAIN[kind] for kind in type(error).__mro__ if kind in COMES_AGAIN), False)
