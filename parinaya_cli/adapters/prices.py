"""A family's or planner's own table of prices, as a TOML file."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

from parinaya_cli.domain.errors import UsedWrongly
from parinaya_cli.domain.prices import PriceTable, read_prices

LARGEST = 256 * 1024
"""Bytes of a table of prices."""


def read_price_file(path: Path) -> PriceTable:
    """Read a table of prices.

    Raises:
        UsedWrongly: the file can't be read, is no TOML, or holds no prices.
    """
    hint = "Mend the file that PARINAYA_PRICES names, or remove the setting; see docs/campaigns.md."
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise UsedWrongly(f"The prices in {path} can't be read: {error.strerror}.", hint) from error
    if len(content) > LARGEST:
        raise UsedWrongly(f"{path} is too large for a table of prices.", hint)
    try:
        told = tomllib.loads(content.decode("utf-8"), parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsedWrongly(f"{path} is no TOML: {error}.", hint) from error
    return read_prices(told, str(path))
