#!/bin/bash
# Measures the Go binding beside crypto/tls: run.sh PREFIX [options of measure.py]. It takes 4 minutes and renews
# docs/performance-go.csv and the table of docs/performance-go.md.
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
benches/go/measure.py "$programs/go-binding" "$programs/certs" docs/performance-go.csv docs/performance-go.md "${@:2}"
