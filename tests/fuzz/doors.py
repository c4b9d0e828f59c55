"""Every door, in one list. What is not here is not fuzzed: LINE, which does not exist yet.

``husec import areas`` reads no file: its areas come from a package.
"""

from tests.fuzz import files, kit_replies, pushes, requests
from tests.fuzz.door import Door

DOORS = (
    Door("push body", pushes.whole_body, 25),
    Door("mutation in a push", pushes.one_mutation, 40),
    Door("pull, check, witness, status, key and enrolment bodies", requests.messages, 40),
    Door("compressed bodies", requests.encodings, 25),
    Door("tus headers", requests.tus, 40),
    Door("queries and addresses", requests.queries, 50),
    Door("sealed deliveries", requests.deliveries, 15),
    Door("pull reply", kit_replies.pull_reply, 60),
    Door("push reply", kit_replies.push_reply, 50),
    Door("other replies", kit_replies.other_replies, 40),
    Door("refusals", kit_replies.problems, 25),
    Door("replies to an upload", kit_replies.uploads, 40),
    Door("key file", files.key_file, 100),
    Door("file of sealed work", files.carried_file, 100),
    Door("address of a centre", files.address, 100),
    Door("backup", files.backup, 12),
)
