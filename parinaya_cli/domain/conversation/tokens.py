"""Text as guests type it, cut into canonical words, numbers, marks and emoji."""

from __future__ import annotations

import re
import unicodedata

from parinaya_cli.domain.conversation.words import canonical

LONGEST_TEXT = 600
"""Characters of a message that is still read as an answer; longer ones are letters, for a person to read."""

BREAK, COMMA, DASH, QUESTION, PLUS, STRANGE = ".", ",", "-", "?", "+", "\ufffd"
RANGE = "\ufffe"
"""4-5, 6/7: a number that is not certain."""

PICTURE = "\u25a1"
"""An emoji that says nothing about coming."""

_HAPPY = frozenset(
    "😀😃😄😁😊🙂😍🥰😇🤗🎉🎊💐🌹🌸💃🕺❤♥💕💖💝🥳😘🪔✨🌺🥂🎂☺💞💓🌷🕉💛🧡💜👏🙌💒💍👰🤵😎🤩😋🙋🤣😆😅🙂🤭💯🌟⭐🎶🎵🥁🪷🌞🤝🫶💙💚🙋🎈✌💪🔥🍾"
)
_SAD = frozenset("😢😭😔😞☹🙁😕😟😥🥺")
_SPOKEN = frozenset("🙏👍👌✅")
_IRONIC = frozenset("🙄🙃😏🤨😒😜🤔🤪🤥🙈")
_CROSSES = frozenset("❌❎👎")
_SHORT = (
    (r"n['’]t\b", "n't"),
    (r"\bgonna\b", "going to"),
    (r"\b100 ?(?:%|taka\b|takka\b)", "100 percent"),
    (r"\b9\d ?(?:%|percent\b)", "most probably"),
    (r"\b50 ?[-/] ?50\b", "fifty fifty"),
    (r"\bfull ?stop\b", " . "),  # spoken to the phone
    (r"\b(?:comma|new ?line)\b", " , "),
    (r"\bquestion mark\b", " ? "),
    (r"\bexclamation (?:mark|point)\b", " . "),
    (r"['’]ll\b", " will"),
    (r"\b(we|i)['’]d\b", r"\1 would"),
    (r"['’]re\b", " are"),
    (r"['’]m\b", " am"),
)
_SHORTENED = tuple((re.compile(pattern), short) for pattern, short in _SHORT)
_HYPHENS = re.compile(r"\b(non|opt|un)-(?=[a-z])")
_GLUED = re.compile(r"(\d{1,2})(people|ppl|log|logon|pax|members|persons|adults?|kids?|veg|jain|bachche)")
_PARENTS_AND_KIDS = re.compile(
    r"(?<!\d)(\d{1,2}) ?(?:\+|plus) ?(\d{1,2}) ?(?=(?:kids?|child|children|bac?c?hc?h?[ea]|बच्चे|बच्चा)\b)"
)
_SUM = re.compile(r"[1-9]\+[1-9]")
_SPACED_SUM = re.compile(r"(?<![\d+/])([1-9]) ?(?:\+|plus) ?([1-9])(?![\d+/])")
_RANGE = re.compile(r"(\d{1,2})[-–/~](\d{1,2})")
_WIDEST = 5
_STRETCHED = re.compile(r"([a-z])\1{2,}")


def cut(text: str) -> list[str]:
    """The tokens of a message in order. ``STRANGE`` stands for whatever can't be read for certain."""
    text = unicodedata.normalize("NFC", text).lower().replace("’", "'").replace("॥", "।")
    for pattern, short in _SHORTENED:
        text = pattern.sub(short, text)
    text = _HYPHENS.sub(r"\1 ", text)
    text = _PARENTS_AND_KIDS.sub(r"\1 adults \2 ", text)
    text = _SPACED_SUM.sub(r"\1+\2", text)
    tokens: list[str] = []
    for run in re.split(r"(\n)|\s+", text):
        if run == "\n":
            tokens.append(BREAK)
        elif run:
            tokens.extend(_cut_run(run))
    return tokens


def _cut_run(run: str) -> list[str]:
    """Cut one run without blanks. A number glued to anything but one of our nouns is strange."""
    tokens: list[str] = []
    word = ""
    for character in run:
        if _belongs_to_word(character, word):
            word += character
            continue
        tokens.extend(_word(word))
        word = ""
        tokens.extend(_mark(character))
    tokens.extend(_word(word))
    if _SUM.fullmatch(run):
        return [run]
    if _glues_number(run):
        found = _RANGE.fullmatch(run)
        return [RANGE] if found and 0 < int(found[2]) - int(found[1]) <= _WIDEST else [STRANGE]
    return tokens


def _glues_number(run: str) -> bool:
    """4-5, 2+1, +1, 10:30, 1/2, 3.5, #4, ₹500: a sign that makes something else of the digits beside it."""
    for place, character in enumerate(run):
        if unicodedata.category(character) == "Nd" or character.isalpha():
            continue
        before, after = run[:place][-1:], run[place + 1 :][:1]
        if character in "+/#₹$%~@<>×*^°½¼" and (before.isdigit() or after.isdigit()):
            return not (character == "*" and (not before or not after))
        if before.isdigit() and after.isdigit():
            return True
    return False


def _belongs_to_word(character: str, word: str) -> bool:
    category = unicodedata.category(character)
    if category[0] == "L" or category == "Nd":
        return True
    if category in {"Mn", "Mc"}:
        return bool(word) and not 0xFE00 <= ord(character) <= 0xFE0F
    return character == "'" and bool(word)


def _mark(character: str) -> list[str]:
    if character in ".!;।…|\u2028\u2029":
        return [BREAK]
    if character in ",،":
        return [COMMA]
    if character in "-–—:=":
        return [DASH]
    if character in "?？":
        return [QUESTION]
    if character == "&":
        return ["and"]
    if character == "+":
        return [PLUS]
    if character in _SPOKEN:
        return [character]
    if character in _CROSSES:
        return ["no"]
    if character in _SAD:
        return ["sorry"]
    if character in _HAPPY or character in "\"'()[]*_“”‘`" or 0xFE00 <= ord(character) <= 0xFE0F:
        return []
    if 0x1F3FB <= ord(character) <= 0x1F3FF or character in "\u200b\u200c\u200d\ufeff\u2060♀♂":
        return []  # skin tones, joiners, and who it is
    if character == "🤞":
        return ["hopefully"]
    return [PICTURE] if _is_picture(character) else [STRANGE]


def _is_picture(character: str) -> bool:
    """An emoji; not one that says that the words are not meant as they stand."""
    return unicodedata.category(character) == "So" and character not in _IRONIC


def is_cheer(text: str) -> bool:
    """Does a message consist of glad emoji alone?"""
    bare = [character for character in text if not (character.isspace() or not _mark(character))]
    return not bare and any(character in _HAPPY for character in text)


def _word(word: str) -> list[str]:
    word = word.strip("'")
    if not word:
        return []
    if all(unicodedata.category(c) == "Nd" for c in word):
        return ["".join(str(unicodedata.decimal(c)) for c in word)]
    if any(unicodedata.category(c) == "Nd" for c in word):
        glued = _GLUED.fullmatch(word)
        return [glued[1], canonical(glued[2])] if glued else [STRANGE]
    return [canonical(_STRETCHED.sub(r"\1", word))]
