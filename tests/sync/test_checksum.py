"""Bucket checksums, kept by adding and subtracting, equal what a recount gives."""

from hypothesis import given
from hypothesis import strategies as st

from sync.checksum import MODULUS, Checksum, canonical, checksum, content_checksum, content_hash, entry_hash

RECORD = "0192f0c1-2d3e-7a4b-8c5d-6e7f8a9b0c1d"

entries = st.dictionaries(st.uuids().map(str), st.integers(1, 2**62), max_size=20)


def test_the_hash_is_the_first_eight_bytes_of_sha256_over_id_colon_version() -> None:
    assert entry_hash(RECORD, 10233) == 0x82ED0F872DE523DF


@given(entries, st.data())
def test_adding_and_removing_equals_a_recount(held: dict[str, int], data: st.DataObject) -> None:
    kept = checksum(held.items())
    for record in data.draw(st.lists(st.sampled_from(sorted(held)), unique=True) if held else st.just([])):
        kept = kept.minus(record, held[record])
        if data.draw(st.booleans()):
            held[record] += 1
            kept = kept.plus(record, held[record])
        else:
            del held[record]
    assert kept == checksum(held.items())


@given(entries)
def test_the_order_of_entries_does_not_matter(held: dict[str, int]) -> None:
    assert checksum(held.items()) == checksum(reversed(held.items()))


@given(entries, st.uuids().map(str), st.integers(1, 2**62))
def test_one_more_entry_shows(held: dict[str, int], record: str, version: int) -> None:
    held.pop(record, None)
    one_more = checksum([*held.items(), (record, version)])
    assert one_more == checksum(held.items()).plus(record, version) != checksum(held.items())
    assert one_more != checksum([*held.items(), (record, version + 1)])


def test_an_empty_bucket_is_all_zeros() -> None:
    assert (checksum([]), checksum([]).hex) == (Checksum(0, 0), "0000000000000000")


def test_the_sum_wraps_at_64_bits_and_travels_as_16_digits() -> None:
    nearly = Checksum(1, MODULUS - 1)
    assert nearly.hex == "f" * 16
    wrapped = nearly.plus(RECORD, 1)
    assert wrapped.total == entry_hash(RECORD, 1) - 1
    assert wrapped.minus(RECORD, 1) == nearly
    assert len(Checksum(1, 10).hex) == 16


def test_a_content_has_one_form_whatever_the_order_and_the_kind_of_number() -> None:
    data = {"name": 'ก"\n\x1f/é', "flag": True, "none": None, "latitude": 18.0, "n": [1.5, {"b": 1, "a": None}]}
    expected = (
        f'["{RECORD}",7,{{"flag":true,"latitude":18,"n":["double:3ff8000000000000",{{"a":null,"b":1}}],'
        '"name":"ก\\"\\n\\u001f/é"}]'
    )
    assert canonical(RECORD, 7, data) == expected.encode()
    assert canonical(RECORD, 7, dict(reversed(data.items()))) == canonical(RECORD, 7, data | {"latitude": 18})


def test_a_number_beyond_what_every_language_holds_is_the_bytes_of_its_double() -> None:
    assert canonical(RECORD, 1, {"n": 2**53}).endswith(b'{"n":9007199254740992}]')
    assert canonical(RECORD, 1, {"n": 2**60}) == canonical(RECORD, 1, {"n": float(2**60)})
    assert canonical(RECORD, 1, {"n": 10**400}).endswith(b'{"n":"double:7ff0000000000000"}]')


@given(st.dictionaries(st.text(min_size=1), st.text() | st.floats(allow_nan=False) | st.booleans(), min_size=1))
def test_a_change_of_content_shows_where_the_version_does_not(data: dict[str, object]) -> None:
    name = min(data)
    before = content_hash(RECORD, 7, data)
    assert content_hash(RECORD, 7, {**data, name: [data[name]]}) != before
    assert content_hash(RECORD, 8, data) != before
    assert content_checksum([(RECORD, 7, data)]) == Checksum(1, before)
