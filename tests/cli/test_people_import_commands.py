"""``parinaya people import``: lists as families send them, and lists that are none."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands_kit import BRIDES, done, servers, wedding
from tests.cli.frame_terminal import PARINAYA, on_terminal
from tests.conftest import EXAMPLES, Cli, parinaya

KEYS = {
    "import", "source", "rows", "created", "updated", "unchanged", "rejected", "rejects_file", "warnings", "seconds",
}  # fmt: skip


def written(folder: Path, text: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_list_is_imported_once(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, BRIDES)
    first = done(cli, "people", "import", path, "--side", "bride", "--tag", "from the aunt")
    assert set(first) >= KEYS
    assert (first["import"], first["source"], first["rows"]) == ("I1", "list.csv", 4)
    assert (first["created"], first["rejected"], first["rejects_file"]) == (4, 0, None)
    [warning] = first["warnings"]
    assert (warning["row"], warning["field"], warning["code"]) == (5, "phone", "phone_unusable")
    assert ("Mobile", "phone", "header") in {
        (one["header"], one["field"], one["how"]) for one in first["columns"]
    }
    assert (first["encoding"], first["delimiter"]) == ("utf-8", ",")
    before = done(cli, "people", "list")
    again = done(cli, "people", "import", path, "--side", "bride", "--tag", "from the aunt")
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 4)
    assert done(cli, "people", "list") == before
    assert {tag for one in before["items"] for tag in one["tags"]} == {"abroad", "close", "from the aunt"}
    imports = done(cli, "people", "imports")
    assert [(one["ref"], one["source"], one["created"], one["undone"]) for one in imports["items"]] == [
        ("I2", "list.csv", 0, False),
        ("I1", "list.csv", 4, False),
    ]


def test_a_changed_row_with_an_id_updates_its_person(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, "Guest ID,Name,Mobile,City\n7,Asha Rao,98200 12345,Pune\n")
    done(cli, "people", "import", path)
    written(tmp_path, "Guest ID,Name,Mobile,City\n7,Asha Rao,98200 12346,Delhi\n")
    report = done(cli, "people", "import", path)
    assert (report["created"], report["updated"], report["unchanged"]) == (0, 1, 0)
    [asha] = done(cli, "people", "list")["items"]
    assert (asha["city"], asha["external_ids"]) == ("Delhi", ["7"])
    assert set(asha["phones"]) == {"+919820012345", "+919820012346"}


@pytest.mark.parametrize(("name", "side"), [("bride_family.csv", "bride"), ("groom_family.csv", "groom")])
def test_the_examples_need_no_map(cli: Cli, name: str, side: str) -> None:
    wedding(cli)
    ran = cli("people", "import", EXAMPLES / name, "--side", side, "--json")
    assert ran.code == 5
    assert ran.json["created"] + ran.json["rejected"] == ran.json["rows"] > 200
    assert ran.json["rejected"] <= 2
    fields = {one["field"] for one in ran.json["columns"]}
    assert fields >= {"full_name", "phone", "household", "party_size", "city", "tags", "notes"}
    again = cli("people", "import", EXAMPLES / name, "--side", side, "--json").json
    assert (again["created"], again["updated"]) == (0, 0)
    assert again["unchanged"] == ran.json["created"]


def test_rejected_rows_are_written_mended_and_imported(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, "Name,Mobile,City\nAsha Rao,98200 12345,Pune\n,,Delhi\nRavi,98200 12346,a,b\n")
    ran = cli("people", "import", path, "--json")
    assert ran.code == 5
    assert (ran.json["rows"], ran.json["created"], ran.json["rejected"]) == (3, 1, 2)
    assert [(one["row"], one["code"]) for one in ran.json["rejections"]] == [
        (3, "no_name_no_phone"),
        (4, "too_many_cells"),
    ]
    rejects = Path(ran.json["rejects_file"])
    quiet = cli("people", "import", path, "--quiet")
    assert quiet.out == ""
    assert quiet.err.startswith(f"warning: 2 of 3 rows were rejected: they are in {rejects}")
    assert rejects.stat().st_mode & 0o077 == 0
    rows = list(csv.reader(rejects.read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["Name", "Mobile", "City", "reason", "line"]
    assert [row[4] for row in rows[1:]] == ["3", "4"]
    mended = written(tmp_path, "Name,Mobile,City,reason,line\nMeera,,Delhi,it was empty,3\n", "mended.csv")
    assert done(cli, "people", "import", mended)["created"] == 1
    assert done(cli, "people", "show", "P2")["extra"] == {}
    written(tmp_path, "Name,Mobile,City\nAsha Rao,98200 12345,Pune\n")
    assert done(cli, "people", "import", path)["rejects_file"] is None
    assert not rejects.exists()


def test_each_wedding_has_rejects_of_its_own(cli: Cli, tmp_path: Path) -> None:
    path = written(tmp_path, "Name,Mobile\nAsha Rao,98200 12345\n,-\n")
    files = set()
    for slug in ("first", "second"):
        done(cli, "weddings", "add", slug)
        files.add(cli("people", "import", path, "--wedding", slug, "--json").json["rejects_file"])
    assert len(files) == 2
    assert all(Path(one).exists() for one in files)


def test_a_disk_that_takes_no_rejects_costs_no_import(cli: Cli, env: dict[str, str], tmp_path: Path) -> None:
    wedding(cli)
    Path(env["PARINAYA_HOME"]).write_text("a file where the folder should be")
    path = written(tmp_path, "Name,Mobile\nAsha Rao,98200 12345\n,-\n")
    ran = cli("people", "import", path, "--json")
    assert (ran.code, ran.json["created"], ran.json["rejected"]) == (5, 1, 1)
    assert ran.json["rejects_file"] is None
    assert "not on disk" in ran.err


def test_a_rehearsal_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, BRIDES + ",,,,Delhi,,\n")
    ran = cli("people", "import", path, "--dry-run", "--json")
    assert (ran.code, ran.json["created"], ran.json["rejected"]) == (5, 4, 1)
    assert (ran.json["import"], ran.json["rejects_file"], ran.json["dry_run"]) == (None, None, True)
    assert done(cli, "people", "list")["total"] == 0
    assert done(cli, "people", "imports")["total"] == 0
    assert done(cli, "audit", "list", "--action", "people")["total"] == 0
    assert cli("people", "import", path, "--json").json["import"] == "I1"


def test_columns_are_mapped_by_hand(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, "Wer,a=b,Wo\nAsha Rao,98200 12345,Pune\n")
    report = done(
        cli, "people", "import", path, "--map", "Wer=full_name", "--map", "a=b=phone", "--map", "Wo=city"
    )
    assert [one["field"] for one in report["columns"]] == ["full_name", "phone", "city"]
    [asha] = done(cli, "people", "list")["items"]
    assert (asha["full_name"], asha["phones"], asha["city"]) == ("Asha Rao", ["+919820012345"], "Pune")
    for bad in ("Wer", "Wer=", "=phone", "Wer=shoe_size", "Wen=phone"):
        assert cli("people", "import", path, "--map", bad).code == 2, bad
    assert cli("people", "import", path, "--map", "Wer=full_name", "--map", "Wer=city").code == 2


def test_opt_in_and_region_hold_for_the_whole_list(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, "Name,Mobile\nAsha Rao,050 123 4567\n")
    done(cli, "people", "import", path, "--region", "ae", "--opt-in", "signed at the roka, 3 May")
    [asha] = done(cli, "people", "list")["items"]
    assert (asha["phones"], asha["consent"]) == (["+971501234567"], "opted_in")
    [entry] = done(cli, "consent", "history", "P1")["items"]
    assert (entry["kind"], entry["evidence"]) == ("opt-in", "signed at the roka, 3 May")
    for bad in (
        ["--opt-in", ""],
        ["--region", "XX"],
        ["--source", " "],
        ["--source", "x" * 201],
        ["--tag", ""],
    ):
        assert cli("people", "import", path, *bad).code == 2, bad


def test_a_list_comes_through_a_pipe(cli: Cli) -> None:
    wedding(cli)
    ran = parinaya(servers(), "people", "import", "-", "--json", stdin=BRIDES)
    assert (ran.code, ran.json["source"], ran.json["created"]) == (0, "stdin", 4)
    ran = parinaya(servers(), "people", "import", "-", "--json", stdin="")
    assert (ran.code, ran.error["code"]) == (2, "used_wrongly")


def test_other_encodings(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = tmp_path / "list.csv"
    text = "Name;Mobile\nJosé Müller;98200 12345\n"
    path.write_bytes(text.encode("cp1252"))
    assert done(cli, "people", "import", path)["encoding"] == "cp1252 (guessed)"
    path.write_bytes(text.encode("utf-16"))
    assert done(cli, "people", "import", path)["unchanged"] == 1
    path.write_bytes(text.encode("utf-16-le"))
    assert cli("people", "import", path).code == 2
    assert done(cli, "people", "import", path, "--encoding", "utf-16-le")["unchanged"] == 1
    assert [one["full_name"] for one in done(cli, "people", "list")["items"]] == ["José Müller"]


NO_LISTS: dict[str, bytes] = {
    "empty.csv": b"",
    "blank.csv": b"\n\n\n",
    "header-only.csv": b"Name,Mobile\n",
    "no-known-column.csv": b"colour,shape\nred,round\n",
    "damaged-utf8.csv": "Name,City\nअनु,दिल्ली\nरवि,पुणे\n".encode()[:-9] + b"\xff\xfe\n",
    "nul.csv": b"\x00" * 300,
    "picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "page.csv": b"<!doctype html><html><body>Sign in</body></html>",
    "book.xlsx": b"PK\x03\x04",
    "zip.csv": b"PK\x03\x04" + b"\x00" * 100,
}


def test_what_is_no_list_is_refused_and_nothing_is_kept(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    for name, content in NO_LISTS.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder.csv").mkdir()
    unknown_encoding = (tmp_path / "header-only.csv", "--encoding", "klingon")
    named = [(tmp_path / name,) for name in (*NO_LISTS, "folder.csv", "not-there.csv")]
    for argv in (*named, unknown_encoding, ("google",)):
        ran = cli("people", "import", *argv, "--json")
        assert (ran.code, ran.out) == (2, ""), argv
        assert ran.error["code"] in {"used_wrongly", "no_google_client"}, (argv, ran.error)
        assert ran.error["hint"], argv
    assert done(cli, "people", "list")["total"] == 0
    assert done(cli, "people", "imports")["total"] == 0
    assert done(cli, "audit", "list", "--action", "people")["total"] == 0


DAMAGED: dict[str, tuple[str, str]] = {
    "a cell of 5 MB": (f"Ravi,{'9' * 5_000_000},Pune", "cell"),
    "a NUL": ("Ra\0vi,98200 12346,Pune", "NUL"),
    "a stray quote": ('"Ravi,98200 12346,Pune', "quote"),
    "an endless name": (f"{'Ravi ' * 2000},98200 12346,Pune", "longer"),
}


def test_a_damaged_row_is_rejected_and_the_others_are_kept(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    for number, (what, (row, words)) in enumerate(DAMAGED.items()):
        path = tmp_path / f"{number}.csv"
        before, after = f"Asha {number},98200 1234{number},Pune", f"Meera {number},98201 1234{number},Pune"
        path.write_text(f"Name,Mobile,City\n{before}\n{row}\n{after}\n", "utf-8")
        ran = cli("people", "import", path, "--json")
        assert ran.code == 5, (what, ran.err)
        assert (ran.json["created"], ran.json["rejected"]) == (2, 1), what
        [rejection] = ran.json["rejections"]
        assert rejection["row"] == 3, what
        assert words in rejection["message"], (what, rejection)
        assert Path(ran.json["rejects_file"]).stat().st_size < 100_000, what


def test_a_list_is_imported_whole_or_not_at_all(cli: Cli, tmp_path: Path) -> None:
    """The list breaks off as text behind rows that were already staged."""
    wedding(cli)
    rows = b"".join(b"Guest %d,98200 %05d\n" % (number, number) for number in range(1, 3000))
    path = tmp_path / "list.csv"
    path.write_bytes(
        "Name,Mobile\nअनुष्का,98100 12345\nरवि,98100 12346\n".encode() + rows + b"Asha \xe0\xa4,1\n"
    )
    ran = cli("people", "import", path, "--json")
    assert (ran.code, ran.out) == (2, "")
    assert done(cli, "people", "list")["total"] == 0


def told(screen: str) -> dict[str, Any]:
    """Which words stand on the screen."""
    return {line.strip().partition("  ")[0]: line for line in screen.splitlines()}


def test_on_a_terminal_everything_is_told(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, "Name,Mobile,Shoe size\nAsha Rao,98200 12345,38\nRavi,98200 441,44\n,,\n,,45\n")
    seen = on_terminal([*PARINAYA, "people", "import", str(path)], env=servers())
    assert seen.exit_code == 5
    lines = told(seen.screen)
    assert "I1: list.csv, 3 rows.\n2 created, 0 updated, 0 unchanged, 1 rejected.\n" in seen.screen
    assert "full_name" in lines["Name"]
    assert "kept as extra" in lines["Shoe size"]
    assert "phone_unusable: 1" in seen.screen
    assert "row 5: It has neither a name nor a usable phone number." in seen.screen
    assert "list.rejects.csv" in seen.screen


def test_a_rehearsal_tells_every_row(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, "ID,Name,Mobile,City\n1,Asha Rao,98200 12345,Pune\n2,Ravi,98200 12346,Delhi\n")
    done(cli, "people", "import", path)
    done(cli, "people", "edit", "P2", "--city", "Agra")
    text = "ID,Name,Mobile,City\n1,Asha Rao,98200 12345,Goa\n2,Ravi,98200 12346,Surat\n3,Mr & Mrs Gupta,98765,\n4,,,\n"
    written(tmp_path, text)
    ran = cli("people", "import", path, "--dry-run", "--json").json
    assert (ran["items_total"], ran["conflicts_total"], ran["proposals"]) == (4, 1, 1)
    asha, ravi, guptas, nobody = ran["items"]
    assert (asha["row"], asha["verdict"], asha["person"]) == (2, "changed", "P1")
    assert asha["changes"] == {"city": ["Pune", "Goa"]}
    assert (ravi["verdict"], ravi["conflicts"]) == ("conflict", {"city": ["Agra", "Surat"]})
    assert (guptas["verdict"], guptas["person"]) == ("new", None)
    assert "2 people" in guptas["proposal"]
    assert guptas["phones"] == [{"raw": "98765", "value": None, "state": "impossible"}]
    assert (nobody["verdict"], bool(nobody["reason"])) == ("rejected", True)
    [conflict] = cli("people", "import", path, "--json").json["conflicts"]
    assert (conflict["person"], conflict["field"], conflict["kept"], conflict["list"]) == (
        "P2",
        "city",
        "Agra",
        "Surat",
    )


def test_columns_are_remembered_under_a_name(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, "Wer,Tel\nAsha Rao,98200 12345\n")
    argv = ["--map", "Wer=full_name", "--side", "groom"]
    assert cli("people", "import", path, *argv, "--save-preset", "aunts", "--dry-run").code == 0
    assert cli("people", "import", path, "--preset", "aunts").code == 4
    done(cli, "people", "import", path, *argv, "--save-preset", "aunts")
    other = written(tmp_path, "Wer,Tel\nUma Seth,98200 12346\n", "other.csv")
    report = done(cli, "people", "import", other, "--preset", "aunts")
    assert (report["columns"][0]["field"], report["columns"][0]["how"]) == ("full_name", "preset")
    assert [one["side"] for one in done(cli, "people", "list")["items"]] == ["groom", "groom"]


def test_options_of_other_kinds_of_lists_are_refused(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, BRIDES)
    for argv in ([path, "--group", "Family"], ["google", "--sheet", "One"], [path, "--sheet", " "]):
        ran = cli("people", "import", *argv, "--json")
        assert (ran.code, ran.out) == (2, ""), argv
    assert done(cli, "people", "imports")["total"] == 0


def test_a_rehearsal_on_a_terminal_shows_what_was_understood(cli: Cli, tmp_path: Path) -> None:
    wedding(cli)
    path = written(tmp_path, "नाम,Mobile\nसुनीता शर्मा,98200 12345\nAsha & Ravi Rao,98200 12346\nUma,98765\n")
    argv = [*PARINAYA, "people", "import", str(path), "--dry-run", "--show", "2"]
    seen = on_terminal(argv, env=servers())
    assert seen.exit_code == 0
    lines = told(seen.screen)
    assert "Rehearsed: list.csv, 3 rows. Nothing was kept." in seen.screen
    assert "by its header" in lines["नाम"]
    assert "सुनीता शर्मा" in seen.screen
    assert "New (3)" in seen.screen
    assert "and 1 more; --show N shows more" in seen.screen
    assert "2 people" in seen.screen
