"""The check of a code (GB 32100-2015) by table: the answers of python-stdnum, fast enough for a whole register."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
# The first eight are digits: who registered it and where.
DIGITS = 8
# 3^i mod 31 for each place, times the value of each character there; the check digit counts once.
WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1)) + (1,)
WORTH = tuple({letter: value * weight for value, letter in enumerate(ALPHABET)} for weight in WEIGHTS)


def is_well_formed(code: str) -> bool:
    """Whether 18 characters are digits and letters where the standard has them."""
    return code[:DIGITS].isascii() and code[:DIGITS].isdigit() and all(c in WORTH[0] for c in code[DIGITS:])


def is_valid(code: str) -> bool:
    """Whether an upper-case code without separators has the right length, characters and check digit."""
    if len(code) != LENGTH or not is_well_formed(code):
        return False
    return sum(worth[letter] for worth, letter in zip(WORTH, code, strict=True)) % 31 == 0
