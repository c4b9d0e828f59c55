"""A device killed in the middle of its wipe: ``python -m tests.acceptance.dying_wipe HOME PASSPHRASE_FILE STEP``.

It does what ``field-kit sync`` does once the centre has ordered the wipe, and kills itself before the step.
"""

import os
import signal
import sys
from pathlib import Path

from field_kit import wiping
from field_kit.kit import FieldKit
from field_kit.transport import HttpTransport


def main(home: str, passphrase_file: str, wanted: str) -> None:
    def step(name: str) -> None:
        if name == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    kit = FieldKit.open(home, Path(passphrase_file).read_text())
    order = wiping.prepare(kit.database, "lost", kit.surroundings, step=step)
    kit.close()
    wiping.carry_out(order, lambda said: HttpTransport(said.server_url, said.token), step)


if __name__ == "__main__":
    main(*sys.argv[1:])
