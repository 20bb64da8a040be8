"""The check of a code (GB 32100-2015) by table: the answers of python-stdnum, fast enough for a whole register."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
# The first eight are digits: who registered it and where.
DIGITS = 8
# 3^i mod 31 for each place, times the value of each character that may stand there; the check digit counts once.
WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1)) + (1,)
WORTH = tuple(
    {letter: value * weight for value, letter in enumerate(ALPHABET[:10] if place < DIGITS else ALPHABET)}
    for place, weight in enumerate(WEIGHTS)
)


def is_well_formed(code: str) -> bool:
    """Whether 18 characters are digits and letters where the standard has them."""
    return all(letter in worth for worth, letter in zip(WORTH, code, strict=True))


def is_valid(code: str) -> bool:
    """Whether an upper-case code without separators has the right length, characters and check digit."""
    if len(code) != LENGTH:
        return False
    total = 0
    try:
        for worth, letter in zip(WORTH, code, strict=True):
            total += worth[letter]
    except KeyError:
        return False
    return total % 31 == 0
