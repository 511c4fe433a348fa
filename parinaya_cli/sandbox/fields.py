"""Reading one field of a request the way Meta does: by its path, with the error that names the path."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from parinaya_cli.sandbox.errors import GraphError


def text_at(
    owner: dict[str, Any], name: str, path: str, *, most: int, missing: int = 131008, long: int = 131009
) -> str:
    """The non-empty text under ``name``, at most ``most`` characters.

    Raises:
        GraphError: ``missing`` when it is not there or empty, 100 when it is no text, ``long`` when too long.
    """
    value = owner.get(name)
    if value is None or value == "":
        raise GraphError(missing, f"The parameter {path} is required.")
    if not isinstance(value, str):
        raise GraphError(100, f"Param {path} must be a string.")
    if len(value) > most:
        raise GraphError(long, f"Param {path} must be at most {most} characters long.")
    return value


def optional_text(owner: dict[str, Any], name: str, path: str, *, most: int, long: int = 131009) -> str:
    """The text under ``name``, or "" when there is none; errors as in :func:`text_at`."""
    if owner.get(name) is None:
        return ""
    return text_at(owner, name, path, most=most, long=long)


def object_at(owner: dict[str, Any], name: str, path: str, *, missing: int = 131008) -> dict[str, Any]:
    """The JSON object under ``name``; ``missing`` when it is not there, 100 when it is something else."""
    value = owner.get(name)
    if value is None:
        raise GraphError(missing, f"The parameter {path} is required.")
    if not isinstance(value, dict):
        raise GraphError(100, f"Param {path} must be a JSON object.")
    return value


def objects_at(owner: dict[str, Any], name: str, path: str) -> list[dict[str, Any]]:
    """The list of JSON objects under ``name``; [] when it is not there, 100 when it is something else."""
    value = owner.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise GraphError(100, f"Param {path} must be an array of JSON objects.")
    return value


def one_of(value: object, allowed: Iterable[str], path: str) -> str:
    """``value`` when it is one of the words, in any case, written as in ``allowed``; 100 else."""
    words = list(allowed)
    for word in words:
        if isinstance(value, str) and value.lower() == word.lower():
            return word
    got = "" if value is None else f' - got "{value}"'
    raise GraphError(100, f"Param {path} must be one of {{{', '.join(w.upper() for w in words)}}}{got}.")


def unique(values: list[str], path: str) -> None:
    """131009 when two values are the same."""
    if len(set(values)) != len(values):
        raise GraphError(131009, f"Duplicated values in {path}.")
