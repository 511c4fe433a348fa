"""The errors of the house: each kind has its own code and hint, stands in every table, survives pickling."""

from __future__ import annotations

import pickle

import pytest

from parinaya_cli.cli.errors import EXIT_CODES, ExitCode, exit_code
from parinaya_cli.domain import errors
from parinaya_cli.domain.errors import (
    Failed,
    Locked,
    NotFound,
    NotPermitted,
    ParinayaError,
    Unreachable,
    UsedWrongly,
)
from parinaya_cli.jobs.errors import COMES_AGAIN, comes_again
from parinaya_cli.web.errors import STATUSES

KINDS: set[type[ParinayaError]] = {
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, ParinayaError) and kind is not ParinayaError
}


def test_every_kind_has_a_code_and_a_hint_of_its_own() -> None:
    for kind in KINDS:
        assert {"code", "default_hint"} <= set(vars(kind)), kind
        assert kind.__doc__
    assert len({kind.code for kind in KINDS}) == len({kind.default_hint for kind in KINDS}) == len(KINDS) == 6


def test_every_kind_stands_in_the_three_tables() -> None:
    assert set(EXIT_CODES) == set(STATUSES) == set(COMES_AGAIN) == KINDS


def test_the_tables_say_what_the_contract_says() -> None:
    assert {kind: int(code) for kind, code in EXIT_CODES.items()} == {
        Failed: 1,
        UsedWrongly: 2,
        NotPermitted: 3,
        NotFound: 4,
        Unreachable: 6,
        Locked: 7,
    }
    assert dict(STATUSES) == {
        UsedWrongly: 400,
        NotPermitted: 403,
        NotFound: 404,
        Failed: 500,
        Unreachable: 503,
        Locked: 503,
    }
    assert {kind for kind, again in COMES_AGAIN.items() if again} == {Unreachable, Locked}


@pytest.mark.parametrize("kind", sorted(KINDS, key=str))
def test_an_error_survives_pickling(kind: type[ParinayaError]) -> None:
    plain, full = kind("What is wrong."), kind("What is wrong.", "What to do.", code="special")
    assert (plain.hint, plain.code) == (kind.default_hint, kind.code)
    for error in (plain, full):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is kind
        assert (again.message, again.hint, again.code, str(again)) == (
            error.message,
            error.hint,
            error.code,
            "What is wrong.",
        )


def test_a_refined_kind_has_the_codes_of_what_it_refines() -> None:
    class Away(Unreachable):
        """The queue is away."""

    assert exit_code(Away("x")) is ExitCode.UNREACHABLE
    assert comes_again(Away("x"))
    assert exit_code(ParinayaError("x")) is ExitCode.FAILED
    assert not comes_again(ParinayaError("x"))
