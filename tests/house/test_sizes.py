"""Sizes: files, functions and parameter lists that one can keep in mind. The exceptions may only get fewer."""

from __future__ import annotations

from tests.house.house_code import functions_of, length, modules, parameters

MOST_LINES, LONGEST, MOST_PARAMETERS = 400, 50, 6

# Lines of files. A number here is a ceiling: it may be lowered, never raised.
LONG_FILES: dict[str, int] = {}

LONG_FUNCTIONS: dict[str, int] = {}

# The options of a command are parameters of its function, so that the commands (cli/) are not counted.
MANY_PARAMETERS = {
    "store/dispatches.insert_reply": 7,
}


def over(found: dict[str, int], ceilings: dict[str, int]) -> list[str]:
    """What is larger than allowed, and exceptions that are not needed any more."""
    grown = [f"{name} has {size}" for name, size in found.items() if size > ceilings.get(name, 0)]
    return grown + [f"{name} needs no exception" for name in ceilings if name not in found]


def test_files() -> None:
    found = {one.name: len(one.source.splitlines()) for one in modules()}
    assert over({name: size for name, size in found.items() if size > MOST_LINES}, LONG_FILES) == []


def test_functions() -> None:
    found = {f"{one.name}.{each.name}": length(each) for one in modules() for each in functions_of(one)}
    assert over({name: size for name, size in found.items() if size > LONGEST}, LONG_FUNCTIONS) == []


def test_few_functions_are_long_and_most_are_short() -> None:
    sizes = sorted(length(each) for one in modules() for each in functions_of(one))
    assert sizes[len(sizes) // 2] <= 12
    assert sum(size > LONGEST for size in sizes) < len(sizes) * 0.02


def test_parameters() -> None:
    found = {
        f"{one.name}.{each.name}": len(parameters(each))
        for one in modules()
        if not one.name.startswith("cli/")
        for each in functions_of(one)
    }
    assert over({name: size for name, size in found.items() if size > MOST_PARAMETERS}, MANY_PARAMETERS) == []
