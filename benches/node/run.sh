#!/bin/bash
# Measures the Node binding: run.sh PREFIX [options of measure.py]. Takes a quarter of an hour and renews
# docs/performance-node.csv and the table of docs/performance-node.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
prefix=$(realpath "$1")
programs=$(realpath -m build/bench)
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
benches/build.sh "$prefix" "$programs"
(cd bindings/node && npm install --no-audit --no-fund --loglevel=error)
benches/node/measure.py "$programs" docs/performance-node.csv "${@:2}"
benches/node/show.py docs/performance-node.csv docs/performance-node.md
