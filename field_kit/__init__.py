"""The device: capture offline on an encrypted file, reconcile later. ``FieldKit`` is the way in."""

from field_kit.kit import FieldKit
from field_kit.saving import Saved
from field_kit.store import Record
from field_kit.surroundings import Surroundings
from field_kit.tally import Progress, Stage, Tally

__all__ = ["FieldKit", "Progress", "Record", "Saved", "Stage", "Surroundings", "Tally"]
