"""Joins the parts, once, for every way in."""

from __future__ import annotations

from parinaya_cli.wiring.app import App, open_app
from parinaya_cli.wiring.set_up import SetUpReport, set_up

__all__ = ["App", "SetUpReport", "open_app", "set_up"]
