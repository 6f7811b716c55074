#!/bin/bash
# Measures: run.sh PREFIX [--quick]. Without --quick it takes a quarter of an hour and renews docs/performance.csv, .svg and the
# table of docs/performance.md.
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=$(realpath "$1")
programs=$(realpath -m build/bench)
benches/build.sh "$prefix" "$programs"
if [ "${2:-}" = --quick ]; then
    exec benches/measure.py "$programs" "$programs/quick.csv" --rounds 3 --time 0.15 --drop cpython,node,libtls,go
fi
benches/measure.py "$programs" docs/performance.csv "${@:2}"
benches/show.py docs/performance.csv docs/performance.svg docs/performance.md
