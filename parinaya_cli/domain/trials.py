"""Deliveries for trying things out: what they tell."""

from __future__ import annotations

from enum import StrEnum


class TrialKind(StrEnum):
    """What a trial delivery tells."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    TEXT = "text"
    TAP = "tap"
    VOICE = "voice"
    MOVED = "moved"
    STOP = "stop"
    RESUME = "resume"
    TEMPLATE = "template"
    NUMBER = "number"
