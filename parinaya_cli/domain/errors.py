"""The errors of the house.

    ParinayaError
    ├── UsedWrongly      bad value, ambiguous, missing confirmation
    ├── NotPermitted     the role does not allow it
    ├── NotFound         no such thing in this wedding
    ├── Unreachable      a service it needs is away
    ├── Locked           another run holds it
    └── Failed           tried and did not work

Each has a ``code`` for programs, a ``message`` (one sentence: what is wrong) and a ``hint`` (one sentence:
what to do). Exit codes, HTTP statuses and what a job does with each stand with the entry that needs them:
``cli/errors.py``, ``web/errors.py``, ``jobs/errors.py``.
"""

from __future__ import annotations


class ParinayaError(Exception):
    """Base of every error that parinaya raises on purpose."""

    code = "failed"
    default_hint = "Run the command again with PARINAYA_DEBUG=1 to see more."

    def __init__(self, message: str, hint: str = "", *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint
        if code:
            self.code = code

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.hint, self.code))


def _rebuild(kind: type[ParinayaError], message: str, hint: str, code: str) -> ParinayaError:
    return kind(message, hint, code=code)


class UsedWrongly(ParinayaError):
    """A bad value, something ambiguous, or a confirmation that is missing."""

    code = "used_wrongly"
    default_hint = "See --help of the command."


class NotPermitted(ParinayaError):
    """The acting role does not allow it. The refusal is audited."""

    code = "not_permitted"
    default_hint = "Ask an owner of the wedding for the role, or see `parinaya roles matrix`."


class NotFound(ParinayaError):
    """There is no such thing in this wedding."""

    code = "not_found"
    default_hint = "List what there is with the noun's `list` command."


class Unreachable(ParinayaError):
    """A service that is needed can't be reached."""

    code = "unreachable"
    default_hint = "See `parinaya doctor`."


class Locked(ParinayaError):
    """Another run holds the lock."""

    code = "locked"
    default_hint = "Wait until the other run has ended, then try again."


class Failed(ParinayaError):
    """It was tried and did not work."""

    code = "failed"
    default_hint = "See what the message names, then try again; PARINAYA_DEBUG=1 shows more."
