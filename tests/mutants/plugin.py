"""``MUTANT=name python -m pytest -p tests.mutants.plugin …``: run tests of the product with a bug in it."""

import os

from tests.mutants.planting import plant

if name := os.environ.get("MUTANT"):
    plant(name)
