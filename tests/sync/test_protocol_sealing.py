"""The worked examples of sealed work in docs/protocol.md open, and say what the text says."""

import hmac
import json
import zlib
from base64 import b64decode
from hashlib import sha256
from typing import Any

import msgspec
from nacl.public import PrivateKey, SealedBox

from sync.key_code import bound, code_of, key_of
from sync.mutation import Malformed, read, sealed_in
from sync.unsent import MAGIC, UnsentWork, as_file, authenticated, is_authentic, mac_key, work_in
from tests.sync.test_protocol_examples import BLOCKS, block


def opened(sealed: str) -> bytes:
    """Open a box with the private key of the document."""
    return SealedBox(PrivateKey(b64decode(block("delivery")["private_key"]))).decrypt(b64decode(sealed))


def test_the_delivery_of_the_document_opens_and_is_authentic() -> None:
    example = block("delivery")
    inside = opened(example["sealed"])
    key = sha256(example["token"].encode()).digest()

    assert (key.hex(), inside[:32].hex(), inside[32:].decode()) == (
        example["mac_key_hex"],
        example["mac_hex"],
        example["body"],
    )
    assert hmac.digest(key, inside[32:], "sha256") == inside[:32]
    assert is_authentic(inside, [mac_key(example["token"])])
    public = bytes(PrivateKey(b64decode(example["private_key"])).public_key)
    assert public == b64decode(example["centre_public_key"])


def test_the_body_of_the_delivery_is_the_work_above_it() -> None:
    example = block("delivery")
    work = work_in(opened(example["sealed"]))

    assert json.loads(example["body"]) == block("work")
    assert work == msgspec.json.decode(example["body"], type=UnsentWork)
    assert authenticated(work, mac_key(example["token"]))[32:].decode() == example["body"]
    [file] = work.files
    assert sha256(file.bytes).hexdigest() == file.sha256


def test_the_file_begins_as_the_document_says() -> None:
    assert (len(MAGIC), MAGIC) == (15, b"HUSEC-SEALED 1\n")
    assert b"".join(as_file([b"abc"])) == MAGIC + b"\0\0\0\3abc"


def test_the_sealed_mutation_of_the_document_opens() -> None:
    raw: Any = BLOCKS["sealed"][1].encode()
    found = sealed_in(raw)

    assert isinstance(read(raw), Malformed)
    assert found is not None
    assert json.loads(zlib.decompress(opened(found.sealed))) == block("sealed_inside")
    assert found.id == block("sealed_inside")["id"]


def test_the_box_of_the_key_file_holds_the_key_and_its_device_as_the_document_says() -> None:
    example = block("key_box")
    inside = opened(example["box"])
    key = b64decode(example["data_key"])

    assert (len(inside), inside) == (68, key + example["device"].encode("ascii"))
    assert inside == bound(key, example["device"])
    assert (key_of(inside, example["device"]), key_of(inside, block("work")["files"][0]["attachment"])) == (key, None)


def test_the_code_of_the_document_is_right() -> None:
    example = block("key_code")

    assert code_of(example["device"], b64decode(example["public_key"])) == example["code"]


def test_the_code_is_made_as_the_document_says() -> None:
    example = block("key_code")
    said = b"husec-key-recovery-1" + example["device"].encode() + b64decode(example["public_key"])
    number = int.from_bytes(sha256(said).digest()[:8], "big") % 19**12
    digits = [number // 19**place % 19 for place in range(12)]
    digits.append(sum(place * digit for place, digit in enumerate(digits, start=1)) % 19)

    assert "".join("0123456789FHKMPRWXY"[digit] for digit in digits) == example["code"].replace("-", "")
