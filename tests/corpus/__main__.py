"""Print the figures of the corpus and the answers that fail; `--weak` prints also those without
a name or any help, `--prune` removes those that pass from the list of known failures.
"""

import sys
from collections.abc import Iterable

from tests.corpus.figures import FAILURES, WEAK, failing, forget_what_no_longer_fails, table, weak
from tests.corpus.registry import answers, judge


def main() -> None:
    """Print, or prune."""
    if "--prune" in sys.argv[1:]:
        for name in forget_what_no_longer_fails():
            print("no longer fails:", name)
        return
    print(table())
    for kind in FAILURES:
        print_list(kind, failing(kind, answers().values()))
    for kind in WEAK if "--weak" in sys.argv[1:] else ():
        print_list(kind, weak(kind, answers().values()))


def print_list(kind: str, names: Iterable[str]) -> None:
    """Print answers with what the checks say of them."""
    print(f"\n{kind}")
    for name in names:
        verdict = judge(name)
        print(f"  {name}  first link: {verdict.first}  name: {verdict.name}  {verdict.words or '; '.join(verdict.facts)}")


if __name__ == "__main__":
    main()
