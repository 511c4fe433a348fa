"""How quickly a list becomes people, compared with COPY of ready rows into the same tables and their indexes.

python -m tests.bench.bench_imports [rows…]    (100,000 rows if nothing is said; PARINAYA_BENCH_ROWS says it too)
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import phonenumbers
import psycopg

from parinaya_cli.adapters.embedded import Embedded
from parinaya_cli.domain.names import words
from parinaya_cli.store import engine, schema
from tests.bench.report import Row, show
from tests.databases import named

LEAST, MOST_AGAIN, MOST_MEMORY = 0.20, 0.5, 500.0
PARINAYA = (sys.executable, "-m", "parinaya_cli")
TABLES = ("people", "contact_points", "person_contacts", "person_sources", "folded_names")

_GIVEN = sorted(
    words(
        "Aarav Aditi Ajay Akash Amit Ananya Anil Anita Arjun Asha Ashok Bhavna Deepak Divya Farah Gaurav",
        "Geeta Harish Imran Ishaan Jaya Kabir Karan Kavita Kiran Lata Leela Madhuri Manish Meera Mohan Mukesh",
        "Neha Nikhil Nisha Pooja Pradeep Priya Rahul Rajesh Ramesh Rani Ravi Rekha Rohan Sanjay Seema Shalini",
        "Sunita Suresh Uma Varun Vijay Vikram Zoya",
    )
)
_FAMILY = sorted(
    words(
        "Agarwal Ahuja Bansal Bhatia Bose Chawla Chopra Das Desai Deshpande Gandhi Ghosh Gupta Iyer Jain Jha",
        "Joshi Kapoor Khan Khanna Kulkarni Malhotra Mathur Mehta Menon Mishra Nair Pandey Patel Pillai Rao",
        "Reddy Saxena Sen Sethi Shah Sharma Shukla Singh Sinha Trivedi Varma Verma Vyas Yadav",
    )
)
_CITIES = sorted(
    words(
        "Ahmedabad Bengaluru Chennai Delhi Indore Jaipur Kolkata Mumbai Nagpur Pune Surat London Dubai",
    )
)


def write_list(path: Path, rows: int) -> None:
    """A list as families send them: names of two or three words, some couples, phones in the forms people use."""
    dice = random.Random(11)
    with path.open("w", encoding="utf-8") as file:
        file.write("Sr No,Guest Name,Mobile No.,Email,City,Side,Family,Pax,Category,Remarks\n")
        for number in range(rows):
            cells = (
                str(number + 1),
                _name(dice, number),
                _phone(dice, number),
                f"guest{number}@example.com" if number % 5 == 0 else "",
                dice.choice(_CITIES),
                "bride" if number % 2 else "groom",
                f"House {number // 3}",
                str(number % 4 + 1) if number % 6 == 0 else "",
                "vip" if number % 30 == 0 else "friends",
                "comes late" if number % 200 == 0 else "",
            )
            file.write(",".join(cells) + "\n")


def _name(dice: random.Random, number: int) -> str:
    told = [dice.choice(_GIVEN), dice.choice(_FAMILY)]
    if number % 3 == 0:
        told.insert(1, dice.choice(_GIVEN))
    couple = "Mr & Mrs " if number % 40 == 0 else ""
    return couple + " ".join(told) + (" + 2" if number % 70 == 0 else "")


def _phone(dice: random.Random, number: int) -> str:
    mobile = f"9{dice.choice('134578')}{dice.randrange(10**8):08d}"
    if number % 97 == 0:
        return mobile[:6]
    if number % 53 == 0:
        return f"+1 415 {dice.randrange(200, 999)} {dice.randrange(10**4):04d}"
    return (mobile, f"+91 {mobile[:5]} {mobile[5:]}", f"0{mobile}", f"91{mobile}")[number % 4]


# ── parinaya ───────────────────────────────────────────────────────────────────────────────────────────


def run(env: Mapping[str, str], *argv: str) -> tuple[dict[str, object], float, float]:
    """Run a command: its document, its seconds, and the most memory that a process of it took, in MiB."""
    with tempfile.TemporaryFile() as out:
        begun = time.perf_counter()
        process = subprocess.Popen([*PARINAYA, *argv, "--json"], env=dict(env), stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        return json.loads(out.read() or b"{}"), seconds, usage.ru_maxrss / 1024


# ── the floor ──────────────────────────────────────────────────────────────────────────────────────────


def copied(source: str, target: str, folder: Path) -> float:
    """Seconds that COPY takes for the rows of ``source`` into the empty tables of ``target``."""
    for table in ("weddings", "imports", *TABLES):
        with (
            psycopg.connect(source) as conn,
            (folder / table).open("wb") as file,
            conn.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy,
        ):
            file.writelines(copy)
    took = 0.0
    with psycopg.connect(target) as conn:
        for table in ("weddings", "imports", *TABLES):
            begun = time.perf_counter()
            with (folder / table).open("rb") as file, conn.cursor().copy(
                f"COPY {table} FROM STDIN (FORMAT binary)"
            ) as copy:  # fmt: skip
                while block := file.read(1 << 20):
                    copy.write(block)
            took += time.perf_counter() - begun
        begun = time.perf_counter()
        conn.commit()
    return took + time.perf_counter() - begun


def parsed(path: Path) -> float:
    """Seconds that ``phonenumbers`` takes for the phones of the list on one core."""
    texts = list(_phones(path))
    begun = time.perf_counter()
    for text in texts:
        try:
            number = phonenumbers.parse(text, "IN")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return time.perf_counter() - begun


def _phones(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        next(file)
        for line in file:
            yield line.split(",")[2]


# ── the whole ──────────────────────────────────────────────────────────────────────────────────────────


def measure(rows: int) -> None:
    """Measure a list of so many rows and print."""
    with tempfile.TemporaryDirectory(prefix="parinaya-bench-") as name:
        folder = Path(name)
        keep = {
            key: value for key, value in os.environ.items() if not key.startswith(("PARINAYA_", "DATABASE_"))
        }
        keep.pop("REDIS_URL", None)
        env = {**keep, "PARINAYA_HOME": f"{name}/home", "PARINAYA_CONFIG_DIR": f"{name}/config"}
        file = folder / "list.csv"
        write_list(file, rows)
        run(env, "init")
        servers = Embedded(folder / "home")
        url = servers.start().admin_url
        try:
            run(env, "weddings", "add", "Bench", "--slug", "bench")
            first, seconds, memory = run(env, "people", "import", str(file))
            again, seconds_again, memory_again = run(env, "people", "import", str(file))
            assert (first["created"], again["unchanged"]) == (rows, rows), (first, again)
            floor = floor_of(url, file, folder)
        finally:
            servers.release()
            run(env, "services", "stop")
        _print(rows, {"floor": sum(floor), "copy": floor[0], "phones": floor[1], "first": seconds,
                      "again": seconds_again}, max(memory, memory_again))  # fmt: skip


def floor_of(url: str, file: Path, folder: Path) -> tuple[float, float]:
    """Seconds of COPY into a database of its own, and of ``phonenumbers``."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("CREATE DATABASE floor")
    db = engine.open_engine(named(url, "floor"), pool=1)
    schema.upgrade(db)
    db.dispose()
    return copied(url, named(url, "floor"), folder), parsed(file)


def _print(rows: int, took: Mapping[str, float], memory: float) -> None:
    pace = {what: rows / seconds for what, seconds in took.items()}
    show(
        f"A list of {rows:,} rows, in",
        [
            Row("COPY of ready rows, with indexes and keys", pace["copy"]),
            Row("phonenumbers, one core", pace["phones"]),
            Row("the floor: both", pace["floor"], 1.0),
            Row("people import", pace["first"], pace["first"] / pace["floor"], LEAST, at_least=True),
        ],
        unit="rows/s",
    )
    show(
        f"The same list of {rows:,} rows again",
        [
            Row("the first time", took["first"], 1.0),
            Row("again, unchanged", took["again"], took["again"] / took["first"], MOST_AGAIN),
        ],
        unit="s",
    )
    show(
        "Memory of the largest process",
        [Row(f"people import, {rows:,} rows", memory, memory / MOST_MEMORY, 1.0)],
        unit="MiB",
        note=f"Ratio to {MOST_MEMORY:g} MiB. One run: the figures move with what else the machine does.",
    )


def main(told: list[str]) -> None:
    """Measure lists of each size."""
    for size in told or os.environ.get("PARINAYA_BENCH_ROWS", "100000").split():
        measure(int(size.replace(",", "").replace("_", "")))


if __name__ == "__main__":
    main(sys.argv[1:])
