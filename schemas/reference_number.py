"""The short number that every case and request carries, minted offline and said over the telephone.

Thirteen characters such as ``3K7M-20XP-48RWY``: twelve random, one check. The nineteen characters are the digits and
nine letters, chosen so that none looks like another (no O, I, L, S, Z, B, D, Q, G) and none rhymes with another in Thai
mouths (P without B, C, D, E, G, T, V; M without N; K without A, J). 19 being prime, the check character finds every
single slip and every swap of two characters.
"""

from schemas.thai import arabic_digits

ALPHABET = "0123456789FHKMPRWXY"
_BASE = len(ALPHABET)
_RANDOM = 12
RANDOM_BITS = 64
"""How many bits ``mint`` wants. 19^12 is 51 bits: about 2 % for one collision among ten million numbers."""

_HEARD_OR_SEEN = str.maketrans(
    {"O": "0", "D": "0", "Q": "0", "I": "1", "L": "1", "Z": "2", "S": "5", "G": "6", "B": "8"}
)
_SEPARATORS = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\u2014\u00a0.")


def mint(random_bits: int) -> str:
    """Return the number made from at least 64 bits, which come from the operating system each time."""
    value = random_bits % _BASE**_RANDOM
    body = ""
    for _ in range(_RANDOM):
        value, digit = divmod(value, _BASE)
        body += ALPHABET[digit]
    return _grouped(body + _check(body))


def normalise(text: str) -> str:
    """Return what was typed or heard as it is stored; look-alikes are read as what they look like."""
    plain = arabic_digits(text).translate(_SEPARATORS).strip().upper().translate(_HEARD_OR_SEEN)
    return _grouped(plain)


def is_valid(text: str) -> bool:
    """Tell whether a number in its stored form is whole and carries its check character."""
    plain = text.replace("-", "")
    if len(plain) != _RANDOM + 1 or any(character not in ALPHABET for character in plain):
        return False
    return text == _grouped(plain) and _check(plain[:-1]) == plain[-1]


def _check(body: str) -> str:
    return ALPHABET[sum(weight * ALPHABET.index(character) for weight, character in enumerate(body, 1)) % _BASE]


def _grouped(plain: str) -> str:
    return f"{plain[:4]}-{plain[4:8]}-{plain[8:]}" if len(plain) == _RANDOM + 1 else plain
