#!/usr/bin/env bash
# PrairieLearn runs this for each submission, and reads results/results.json.
root="${GRADE_ROOT:-/grade}"
cd "$root" || exit 3
mkdir -p results
"${PYTHON:-python3}" -m autograder grade-one student \
    --course tests/course --assignment "$assignment" --for prairielearn --output results/results.json
[ -s results/results.json ]
