"""Secrets in the system's keyring: ``config.toml`` then holds a mark in their place.

keyring (an extra: ``pip install 'parinaya-cli[keyring]'``) is loaded only when a mark is found or made.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from parinaya_cli.domain.errors import UsedWrongly

MARK = "keyring:"
"""What stands in ``config.toml`` in place of a secret that the keyring holds."""

_SERVICE = "parinaya"


def read(variable: str, path: Path) -> str:
    """The secret that ``config.toml`` at ``path`` has marked.

    Raises:
        UsedWrongly: there is no keyring, it is locked, or it does not hold the secret.
    """
    ring = _ring(variable)
    try:
        found = ring.get_password(_SERVICE, _entry(variable, path))
    except ring.errors.KeyringError as error:
        raise _unusable(variable, error) from None
    if not found:
        raise UsedWrongly(
            f"The system's keyring holds no {variable}.",
            f"Put it there: parinaya config set {variable} - --keyring",
            code="not_in_keyring",
        )
    return str(found)


def write(variable: str, path: Path, secret: str) -> None:
    """Keep a secret in the keyring.

    Raises:
        UsedWrongly: there is no keyring, or it is locked.
    """
    ring = _ring(variable)
    try:
        ring.set_password(_SERVICE, _entry(variable, path), secret)
    except ring.errors.KeyringError as error:
        raise _unusable(variable, error) from None


def _entry(variable: str, path: Path) -> str:
    """Its name there: another folder of settings has secrets of its own."""
    return f"{variable} of {path.resolve()}"


def _ring(variable: str) -> ModuleType:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        raise UsedWrongly(
            f"{variable} is to lie in the system's keyring, and the library for that is not installed.",
            "Install it with: pip install 'parinaya-cli[keyring]'",
            code="no_keyring",
        ) from None
    return keyring


def _unusable(variable: str, error: Exception) -> UsedWrongly:
    return UsedWrongly(
        f"The system's keyring can't be used for {variable} ({type(error).__name__}).",
        f"Unlock it, or keep the secret in config.toml: parinaya config set {variable} -",
        code="no_keyring",
    )
