"""Templates as Meta lists them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parinaya_cli.adapters.whatsapp.templates import definition
from parinaya_cli.domain.errors import Failed
from parinaya_cli.domain.templates import ButtonKind, TemplateButton, TemplateDefinition

BASE: dict[str, Any] = {
    "id": "1",
    "name": "a",
    "language": "en_US",
    "category": "UTILITY",
    "status": "APPROVED",
}


def test_a_template_with_everything() -> None:
    listed = {
        "id": "880001",
        "name": "shaadi_invite_v1",
        "language": "hi",
        "category": "MARKETING",
        "status": "PENDING_DELETION",
        "quality_score": {"score": "YELLOW", "date": 1771040000},
        "parameter_format": "NAMED",
        "components": [
            {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["https://example.org/x"]}},
            {"type": "BODY", "text": "नमस्ते {{guest_name}} जी"},
            {"type": "FOOTER", "text": "Reply STOP to opt out"},
            {
                "type": "BUTTONS",
                "buttons": [
                    {"type": "QUICK_REPLY", "text": "हाँ, आएँगे"},
                    {
                        "type": "URL",
                        "text": "Details",
                        "url": "https://example.org/i/{{1}}",
                        "example": ["x"],
                    },
                    {"type": "URL", "text": "Map", "url": "https://example.org/map"},
                    {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+912240000001"},
                ],
            },
        ],
    }
    assert definition(listed) == TemplateDefinition(
        name="shaadi_invite_v1",
        language="hi",
        category="marketing",
        status="pending_deletion",
        quality="yellow",
        parameter_format="named",
        body="नमस्ते {{guest_name}} जी",
        header_format="image",
        footer="Reply STOP to opt out",
        buttons=(
            TemplateButton(0, ButtonKind.QUICK_REPLY, "हाँ, आएँगे"),
            TemplateButton(1, ButtonKind.URL, "Details", "https://example.org/i/{{1}}", variable=True),
            TemplateButton(2, ButtonKind.URL, "Map", "https://example.org/map"),
            TemplateButton(3, ButtonKind.OTHER, "Call"),
        ),
    )


def test_a_header_of_text() -> None:
    found = definition(
        BASE | {"components": [{"type": "HEADER", "format": "TEXT", "text": "{{1}} weds {{2}}"}]}
    )
    assert (found.header_format, found.header_text, found.quality) == ("text", "{{1}} weds {{2}}", "")


@pytest.mark.parametrize(
    ("body", "expected"),
    [("Dear {{1}}", "positional"), ("Dear {{guest_name}}", "named"), ("Dear guest", "positional")],
)
def test_a_format_that_is_not_told_is_seen_in_the_text(body: str, expected: str) -> None:
    assert definition(BASE | {"components": [{"type": "BODY", "text": body}]}).parameter_format == expected


def test_the_language_stays_as_it_is_listed() -> None:
    assert definition(BASE | {"language": "pt-BR"}).language == "pt-BR"


@pytest.mark.parametrize("missing", ["name", "language", "status"])
def test_without_a_name_language_or_status_it_is_no_template(missing: str) -> None:
    for value in (None, "", 7):
        with pytest.raises(Failed):
            definition(BASE | {missing: value})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
PART = st.dictionaries(
    st.sampled_from(["type", "format", "text", "buttons", "url"]), JSON | st.just("BUTTONS")
)


@settings(deadline=None)
@given(
    components=st.lists(PART | JSON, max_size=4) | JSON,
    quality=JSON,
    parameter_format=JSON,
    category=JSON,
)
def test_parts_of_any_shape_never_raise(
    components: object, quality: object, parameter_format: object, category: object
) -> None:
    found = definition(
        BASE
        | {
            "components": components,
            "quality_score": quality,
            "parameter_format": parameter_format,
            "category": category,
        }
    )
    assert (found.name, found.language, found.status) == ("a", "en_US", "approved")
