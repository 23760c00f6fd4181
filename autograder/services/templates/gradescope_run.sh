#!/usr/bin/env bash
# Gradescope runs this for each submission, and reads results/results.json.
root="${AUTOGRADER_ROOT:-/autograder}"
cd "$root" || exit 3
venv/bin/python -m autograder grade-one submission \
    --course source/course --assignment "$assignment" --for gradescope --output results/results.json
[ -s results/results.json ]
