"""Print the figures of the corpus and the answers that
fail; `--prune` removes those that pass from the list.
"""

import sys

from tests.corpus.figures import FAILURES, failing, forget_what_no_longer_fails, table
from tests.corpus.registry import answers, judge


def main() -> None:
    """Print, or prune."""
    if "--prune" in sys.argv[1:]:
        for name in forget_what_no_longer_fails():
            print("no longer fails:", name)
        return
    print(table())
    for kind in FAILURES:
        print(f"\n{kind}")
        for name in failing(kind, answers().values()):
            verdict = judge(name)
            print(f"  {name}  first link: {verdict.first}  name: {verdict.name}  {verdict.words or '; '.join(verdict.facts)}")


if __name__ == "__main__":
    main()
