"""Approved templates without a network."""

from __future__ import annotations

from collections.abc import Iterable

from parinaya_cli.domain.errors import ParinayaError
from parinaya_cli.domain.templates import TemplateDefinition


class FakeTemplates:
    """``TemplateSource``: lists ``templates``, or raises ``error`` when it is set."""

    def __init__(
        self, templates: Iterable[TemplateDefinition] = (), error: ParinayaError | None = None
    ) -> None:
        self.templates = list(templates)
        self.error = error

    def list_templates(self) -> list[TemplateDefinition]:
        if self.error is not None:
            raise self.error
        return list(self.templates)
