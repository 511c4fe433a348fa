"""What a command says, to a terminal, to a pipe and to a program."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from parinaya_cli.cli.output import Output, Result, items, record
from parinaya_cli.cli.tables import print_fields, print_rows
from parinaya_cli.cli.text import clean, shown
from tests.cli.frame_sample import COLUMNS, GUESTS
from tests.cli.frame_terminal import SAMPLE, in_pipe, on_terminal


def said(result: Result, **settings: bool) -> tuple[str, str]:
    """What a result puts on stdout and stderr when both are pipes."""
    out = Output(stdout=io.StringIO(), stderr=io.StringIO(), env={}, **settings)
    out.result(result)
    assert isinstance(out.stdout, io.StringIO)
    assert isinstance(out.stderr, io.StringIO)
    return out.stdout.getvalue(), out.stderr.getvalue()


def test_a_list_is_a_document_for_programs() -> None:
    stdout, stderr = said(items(GUESTS, COLUMNS, total=7, extra={"as_of": "now"}), json=True)
    document = json.loads(stdout)
    assert document == {"items": GUESTS, "total": 7, "as_of": "now"}
    assert stderr == ""


def test_a_list_in_a_pipe_is_one_line_a_row() -> None:
    stdout, stderr = said(items(GUESTS, COLUMNS, total=7))
    assert stdout.split("\n") == [
        "P1\tAsha Krishnamurthy-Venkataraman\t+919820012345\tvip, bride",
        "P2\tअनुष्का शर्मा\t+447911123456\t",
        "P3\tRavi Iyer and family\t\tno phone",
        "",
    ]
    assert stderr == "3 of 7 shown; --limit shows more.\n"


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_a_row_is_always_one_line_with_all_its_fields(pairs: list[tuple[str, str]]) -> None:
    rows = [{"ref": ref, "name": name} for ref, name in pairs]
    stdout, _ = said(items(rows, [("ref", "Ref"), ("name", "Name")]))
    lines = stdout.split("\n")[:-1]
    assert [line.count("\t") for line in lines] == [1] * len(pairs)


def test_an_empty_list_says_so_by_the_way() -> None:
    nobody = items([], COLUMNS, empty="No guests yet.")
    assert said(nobody) == ("", "No guests yet.\n")
    assert said(nobody, quiet=True) == ("", "")
    assert json.loads(said(nobody, json=True)[0]) == {"items": [], "total": 0}


def test_rows_may_be_dataclasses() -> None:
    @dataclass(frozen=True)
    class Row:
        ref: str
        seats: int

    result = items([Row("U1", 4)], [("ref", "Ref"), ("seats", "Seats")])
    assert said(result)[0] == "U1\t4\n"
    assert json.loads(said(result, json=True)[0])["items"] == [{"ref": "U1", "seats": 4}]


def test_a_column_that_no_row_has_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="titel"):
        items([{"title": "Sangeet"}], [("titel", "Title")])


def test_quiet_leaves_out_what_changing_commands_tell() -> None:
    result = record({"ref": "P4"})
    assert said(result, quiet=True, changes=True)[0] == ""
    assert said(result, quiet=True, changes=False)[0] == "ref\tP4\n"
    assert said(result, quiet=True, changes=True, json=True)[0] == '{"ref": "P4"}\n'
    assert said(record({"token": "once"}, essential=True), quiet=True, changes=True)[0] == "token\tonce\n"


def test_texts_renderables_and_functions_are_printed() -> None:
    assert said(Result({}, "Two\x1b[31m lines\nhere"))[0] == "Two lines\nhere\n"
    assert said(Result({}, None))[0] == ""
    assert (
        said(Result({}, lambda console: console.print("[b]not markup[/b]", end="")))[0] == "[b]not markup[/b]"
    )
    from rich.table import Table

    table = Table("Event", box=None)
    table.add_row("A very long title that is longer than eighty columns " * 2)
    assert "columns A very long title" in said(Result({}, table))[0]


def test_a_table_on_a_terminal() -> None:
    seen = on_terminal([*SAMPLE, "list"])
    assert seen.exit_code == 0
    assert "\x1b[1mRef\x1b[0m" in seen.screen
    assert [line.rstrip() for line in clean(seen.screen).split("\n")] == [
        "a note",
        "warning: a warning",
        "Ref  Name                             Phone          Tags",
        "P1   Asha Krishnamurthy-Venkataraman  +919820012345  vip, bride",
        "P2   अनुष्का शर्मा                         +447911123456",
        "P3   Ravi Iyer and family                            no phone",
        "3 of 7 shown; --limit shows more.",
        "",
    ]


def test_without_colour_a_table_is_plain_text() -> None:
    for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in on_terminal([*SAMPLE, "list"], env=env).screen


def test_a_narrow_terminal_gets_blocks() -> None:
    seen = on_terminal([*SAMPLE, "list", "-q"], columns=30)
    assert "\x1b[1mPhone  \x1b[0m+919820012345" in seen.screen


def test_notes_go_to_stderr_and_quiet_drops_them() -> None:
    done = in_pipe([*SAMPLE, "list"])
    assert done.stderr.split("\n")[:2] == ["a note", "warning: a warning"]
    assert in_pipe([*SAMPLE, "list", "--quiet"]).stderr == "warning: a warning\n"
    assert in_pipe([*SAMPLE, "list", "--json"]).stderr == "warning: a warning\n"


def test_a_pipe_gets_utf_8_whatever_the_locale() -> None:
    env = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "latin-1"}
    assert "अनुष्का शर्मा" in in_pipe([*SAMPLE, "list"], env=env).stdout
    assert "अनुष्का शर्मा" in in_pipe([*SAMPLE, "list", "--json"], env=env).stdout


def test_a_terminal_that_is_not_utf_8_gets_marks() -> None:
    seen = on_terminal([*SAMPLE, "list"], env={"PYTHONIOENCODING": "latin-1"})
    assert seen.exit_code == 0
    assert "????" in seen.screen


def test_progress_is_drawn_on_a_terminal_alone() -> None:
    assert "Reading" in on_terminal([*SAMPLE, "slow"]).screen
    piped = on_terminal([*SAMPLE, "slow"], pipe_stdout=True)
    assert "Reading" in piped.screen
    assert piped.piped == "3 rows were read.\n"
    for argv, env in ((["slow", "-q"], {}), (["slow", "--json"], {}), (["slow"], {"TERM": "dumb"})):
        assert "Reading" not in on_terminal([*SAMPLE, *argv], env=env).screen
    assert in_pipe([*SAMPLE, "slow"]).stderr == "note 0\nnote 1\nnote 2\n"


def test_a_live_picture_is_drawn_on_a_terminal_alone() -> None:
    screen = on_terminal([*SAMPLE, "watch"]).screen
    assert [f"frame {number}" in screen for number in range(3)] == [True, True, True]
    assert in_pipe([*SAMPLE, "watch"]).stdout == ""
    assert in_pipe([*SAMPLE, "watch", "--json"]).stdout == '{"frames": 3}\n'


def test_forced_colour_does_not_reach_the_lines_of_a_pipe() -> None:
    assert "\x1b" not in in_pipe([*SAMPLE, "list"], env={"FORCE_COLOR": "1"}).stdout


def test_notes_during_progress_are_not_lost() -> None:
    screen = on_terminal([*SAMPLE, "slow"]).screen
    assert [screen.count(f"note {number}") for number in range(3)] == [1, 1, 1]


def test_json_on_a_terminal_is_the_same_document() -> None:
    argv = [*SAMPLE, "add", "Asha", "--json"]
    seen = on_terminal(argv).screen
    assert seen.startswith('{\n  "ref"')
    assert json.loads(seen) == json.loads(in_pipe(argv).stdout)


def test_one_thing_on_a_terminal() -> None:
    screen = on_terminal([*SAMPLE, "add", "Asha", "--tag", "vip"]).screen
    told = "  ref        P4\n  full name  Asha\n  tags       vip\n  seats      1\n"
    assert screen == "\x1b[1mAsha was added\x1b[0m\n" + told


_CELLS = st.text(alphabet=st.sampled_from("abc -+अनु漢👰\t\x1b["), max_size=60)


@given(
    st.lists(st.tuples(_CELLS, _CELLS, _CELLS), min_size=1, max_size=6),
    st.integers(min_value=20, max_value=120),
)
def test_a_table_never_cuts_and_never_overflows(rows: list[tuple[str, str, str]], width: int) -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=width, markup=False, emoji=False, highlight=False, color_system=None)
    columns = [("a", "One"), ("b", "Two"), ("c", "Three")]
    print_rows(console, [dict(zip("abc", row, strict=True)) for row in rows], columns)
    drawn = stream.getvalue()
    wanted = Counter(char for row in rows for cell in row for char in shown(cell) if char != " ")
    assert not wanted - Counter(drawn)
    if all(heading in drawn.split("\n")[0] for _, heading in columns):  # otherwise blocks, which may wrap
        assert max(map(cell_len, drawn.split("\n"))) <= width


def test_a_table_is_drawn_wherever_it_fits() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=24, color_system=None)
    print_rows(console, [{"ref": "P1", "name": "Asha and Ravi Rao"}], [("ref", "Ref"), ("name", "Name")])
    assert stream.getvalue().split("\n") == ["Ref  Name", "P1   Asha and Ravi Rao", ""]


def test_a_long_column_leaves_room_for_the_others_and_no_phone_is_parted() -> None:
    out = io.StringIO()
    console = Console(file=out, width=80, markup=False, highlight=False)
    row = {
        "ref": "P40032",
        "name": "Dr. A. P. J. Abdul Kalam",
        "phones": "+91 98123 45679, +91 98123 45670",
        "what": "city: “Delhi” → “Dilli”; household: “Gupta” → “Gupta (Bapu Nagar)”; notes: nothing → “asked”",
    }
    print_rows(console, [row], [(key, key.title()) for key in row])
    drawn = [" ".join(line.split()) for line in out.getvalue().split("\n")]
    assert drawn[1].startswith("P40032 Dr. A. P. J. +91 98123 45679, city:")
    assert drawn[2].startswith("Abdul Kalam +91 98123 45670 ")


def test_signs_that_some_terminals_give_a_place_of_their_own_do_not_spill() -> None:
    out = io.StringIO()
    console = Console(file=out, width=60, markup=False, highlight=False)
    row = {"name": "सुनीता देवी चतुर्वेदी", "what": "whatever the list has said of her " * 4}
    print_rows(console, [row], [("name", "Name"), ("what", "What")])
    widest = max(
        cell_len(line) + sum(category(c) == "Mc" for c in line) for line in out.getvalue().split("\n")
    )
    assert widest <= 60


def test_fields_are_folded_between_words_and_a_token_is_not() -> None:
    out = io.StringIO()
    console = Console(file=out, width=40, markup=False, highlight=False)
    print_fields(
        console, [("a label that is long", "words that take several lines of it"), ("token", "x" * 50)]
    )
    assert out.getvalue().split("\n") == [
        "  a label that   words that take several",
        "  is long        lines of it",
        f"  token          {'x' * 50}",
        "",
    ]
