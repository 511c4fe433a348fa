"""Importing this loads the whole program, and connects to nothing."""

from __future__ import annotations

import importlib
import pkgutil

import parinaya_cli

for _module in pkgutil.walk_packages(parinaya_cli.__path__, "parinaya_cli."):
    if not _module.name.endswith("__main__"):
        importlib.import_module(_module.name)
