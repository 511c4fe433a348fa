"""What happens to a name or a number on its way into a list: spellings, slips, scripts, formats, spreadsheets."""

from __future__ import annotations

from random import Random

_NEIGHBOURS = {
    "a": "sq",
    "e": "wr",
    "i": "ou",
    "o": "ip",
    "u": "yi",
    "n": "bm",
    "m": "n",
    "r": "te",
    "t": "ry",
    "s": "ad",
}
_SPELLINGS = (
    ("aa", "a"),
    ("ee", "i"),
    ("oo", "u"),
    ("sh", "s"),
    ("v", "w"),
    ("w", "v"),
    ("th", "t"),
    ("ya", "ia"),
    ("j", "z"),
    ("z", "j"),
    ("ksh", "x"),
    ("ai", "ei"),
    ("au", "ou"),
    ("ph", "f"),
    ("y", "i"),
    ("nd", "nnd"),
    ("u", "oo"),
    ("i", "ee"),
    ("a", "aa"),
    ("k", "q"),
    ("ri", "ree"),
    ("t", "tt"),
    ("l", "ll"),
    ("bh", "b"),
    ("dh", "d"),
    ("gh", "g"),
)


def respelt(word: str, random: Random) -> str:
    """A word as somebody else hears it: one of the usual exchanges, at one place."""
    choices = [(old, new) for old, new in _SPELLINGS if old in word[1:].lower()]
    if not choices:
        return word
    old, new = random.choice(choices)
    at = word.lower().index(old, 1)
    return word[:at] + new + word[at + len(old) :]


def slipped(text: str, random: Random) -> str:
    """A slip of the pen: a letter lost, doubled, changed for its neighbour on the keyboard, or two exchanged."""
    if len(text) < 4:
        return text
    at = random.randrange(1, len(text) - 1)
    kind = random.randrange(5)
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at] + text[at:]
    if kind == 2:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 3:
        return text[:at] + random.choice(_NEIGHBOURS.get(text[at].lower(), text[at])) + text[at + 1 :]
    return text[:-1]


def cased(text: str, random: Random, share: float) -> str:
    """Shouted, whispered, with spaces too many; mostly as it was."""
    roll = random.random()
    if roll < share * 0.45:
        return text.upper()
    if roll < share * 0.9:
        return text.lower()
    if roll < share:
        return text.replace(" ", "  ", 1) if random.random() < 0.5 else text + " "
    return text


def written(number: str, random: Random, tidy: bool) -> str:
    """A number in E.164 as lists show it; ``tidy``: as a phone exports it."""
    if not number.startswith("+91"):
        return random.choice([number, number.replace("+", "00"), f"{number[:3]} {number[3:7]} {number[7:]}"])
    local = number[3:]
    if tidy:
        return random.choice([number, number, f"+91 {local[:5]} {local[5:]}"])
    forms = [
        local,
        local,
        local,
        number,
        f"+91 {local[:5]} {local[5:]}",
        f"0{local}",
        f"91{local}",
        f"{local[:5]} {local[5:]}",
        f"{local[:5]}-{local[5:]}",
        f"+91-{local[:5]}-{local[5:]}",
        f"{local[:3]} {local[3:6]} {local[6:]}",
        f"M: {local}",
        f"{local}.0",
        f"'{local}",
        f"(+91){local}",
    ]
    return random.choice(forms)


def spoilt(number: str, random: Random) -> str:
    """What a spreadsheet leaves of a number."""
    digits = number[3:] if number.startswith("+91") and random.random() < 0.6 else number.lstrip("+")
    places = random.choice([1, 2, 2, 2, 5])
    return f"{int(digits):.{places}E}"


def mutilated(number: str, random: Random) -> str:
    """A number with a digit lost or mistyped."""
    digits = number[3:] if number.startswith("+91") else number
    at = random.randrange(3, len(digits) - 1)
    if random.random() < 0.5:
        return digits[:at] + digits[at + 1 :]
    return digits[:at] + str((int(digits[at]) + random.randrange(1, 9)) % 10) + digits[at + 1 :]
