#!/bin/bash
# Measures the Go binding beside crypto/tls: run.sh PREFIX [options of measure.py]. It takes 4 minutes and renews
# docs/performance-go.csv and a table of docs/performance-go.md; with FEATURES=vendored in the environment, those of the
# vendored OpenSSL.
set -euo pipefail
cd "$(dirname "$0")/../.."
prefix=$(realpath "$1")
programs=$(realpath -m build/bench)
mkdir -p "$programs"
benches/certs.sh "$programs/certs"
(
    cd benches/go
    export PKG_CONFIG_PATH=$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
    CGO_LDFLAGS="-Wl,-rpath,$prefix/lib" go build -o "$programs/go-binding" .
)
# Both sides use the same cipher.
export OPENSSL_CONF=$PWD/benches/go/openssl.cnf
table=table results=docs/performance-go.csv
case ${FEATURES:-} in *vendored*) table="vendored table" results=docs/performance-go-vendored.csv ;; esac
benches/go/measure.py "$programs/go-binding" "$programs/certs" "$results" docs/performance-go.md --table "$table" "${@:2}"
