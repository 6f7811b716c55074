#!/bin/bash
# Measures the Node binding: run.sh PREFIX [options of measure.py]. Takes 8 minutes and renews
# docs/performance-node.csv and a table of docs/performance-node.md; with FEATURES=vendored in the environment, those of the
# vendored OpenSSL.
set -euo pipefail
cd "$(dirname "$0")/../.."
prefix=$(realpath "$1")
programs=$(realpath -m build/bench)
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
benches/build.sh "$prefix" "$programs"
(cd bindings/node && npm install --no-audit --no-fund --loglevel=error)
export OPENSSL_CONF=$PWD/benches/node/openssl.cnf
table=table results=docs/performance-node.csv before=benches/node/of-0.1.csv
case ${FEATURES:-} in *vendored*) table="vendored table" results=docs/performance-node-vendored.csv before=benches/node/of-0.1-vendored.csv ;; esac
benches/node/measure.py "$programs" "$results" "${@:2}"
benches/node/show.py "$results" "$before" docs/performance-node.md "$table"
