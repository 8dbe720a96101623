"""Lengths and offsets as Telegram counts them: in UTF-16 code units."""


def length(text: str) -> int:
    """How many UTF-16 code units ``text`` takes."""
    if text.isascii():
        return len(text)
    return len(text) + sum(1 for character in text if character > "\uffff")


def positions(text: str) -> list[int]:
    """For each UTF-16 offset of ``text``, and for its end, the index of the character there.

    An offset that points into the middle of a pair gets the character's own index.
    """
    found: list[int] = []
    for index, character in enumerate(text):
        found.append(index)
        if character > "\uffff":
            found.append(index)
    found.append(len(text))
    return found
