"""The number that is minted offline and said over the telephone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.reference_number import ALPHABET, is_valid, mint, normalise

BITS = st.integers(0, 2**64 - 1)


@given(bits=BITS)
def test_what_is_minted_is_valid_and_stored_as_it_is(bits: int) -> None:
    number = mint(bits)

    assert is_valid(number)
    assert normalise(number) == number
    assert [len(group) for group in number.split("-")] == [4, 4, 5]


@given(bits=BITS)
def test_it_may_be_typed_without_care(bits: int) -> None:
    number = mint(bits)

    assert normalise(number.lower().replace("-", " ").replace("0", "o").replace("1", "I")) == number


@given(bits=BITS, at=st.integers(0, 12), other=st.sampled_from(ALPHABET))
def test_every_single_slip_is_found(bits: int, at: int, other: str) -> None:
    plain = mint(bits).replace("-", "")
    slip = plain[:at] + other + plain[at + 1 :]

    assert is_valid(normalise(slip)) == (slip == plain)


@given(bits=BITS, at=st.integers(0, 11))
def test_every_swap_of_neighbours_is_found(bits: int, at: int) -> None:
    plain = mint(bits).replace("-", "")
    swapped = plain[:at] + plain[at + 1] + plain[at] + plain[at + 2 :]

    assert is_valid(normalise(swapped)) == (swapped == plain)


@pytest.mark.parametrize("text", ["", "0000-0000-0000", "0000000000000", "AAAA-AAAA-AAAAA", "0000-0000-000000"])
def test_other_texts_are_not_valid(text: str) -> None:
    assert not is_valid(text)


def test_neighbouring_bits_give_different_numbers() -> None:
    numbers = [mint(bits) for bits in range(2**63, 2**63 + 1_000)]

    assert len(set(numbers)) == 1_000
    assert all(earlier != later for earlier, later in pairwise(numbers))


def test_no_two_characters_look_alike() -> None:
    assert not set(ALPHABET) & set("OILSZBDQGU")
