"""How many examples a test tries: a few, the same
every day; many, and new ones, in `make test-long`.
"""

import os

from hypothesis import settings

LONG = os.environ.get("TESTS") == "long"
MORE = 25

settings.register_profile("everyday", derandomize=True, database=None, deadline=None, max_examples=5)
settings.register_profile("long", deadline=None, max_examples=5 * MORE, print_blob=True)
settings.load_profile("long" if LONG else "everyday")


def examples(everyday: int, **options) -> settings:
    """Settings of a property test that draws `everyday`
    examples, and 25 times as many in the long run.
    """
    return settings(max_examples=everyday * MORE if LONG else everyday, **options)
