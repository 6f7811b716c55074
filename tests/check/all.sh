#!/bin/bash
# Everything that can be said about the sources without running them.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo=${CARGO:-packaging/cargo.sh}

tests/check/layers.sh
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh tests/check/ladder.py
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh tests/check/twins.py
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh tests/check/nouns.py
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh tests/check/constants.py
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh tests/check/words.py
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh tests/check/table.py
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh tests/check/mutants.py
tests/check/locks.sh
tests/check/named.sh
tests/check/c_format.sh
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh tests/check/deviations.py
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh tests/check/header_docs.py
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh tests/check/types_docs.py
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh tests/check/english.py
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh tests/coverage/check.py
if $cargo fmt --version >/dev/null 2>&1; then
    $cargo fmt --check
    echo "fmt: nothing to change"
else
    echo "fmt: not checked, this Rust has no rustfmt"
    [ "${CI:-}" != true ]
fi
if $cargo clippy --version >/dev/null 2>&1; then
    $cargo clippy --quiet --all-targets --features header,test-panic -- -D warnings
    echo "clippy: no warnings"
else
    echo "clippy: not checked, this Rust has no clippy"
    [ "${CI:-}" != true ]
fi
RUSTDOCFLAGS="-D warnings" $cargo doc --quiet --no-deps
echo "doc: no warnings"
tests/check/targets.sh
tests/check/generated.sh
PYTHONDONTWRITEBYTECODE=1 packaging/python.sh docs/architecture/draw.py --check
echo "pictures: up to date"
tests/check/abi.sh
tests/check/msrv.sh
packaging/python.sh tests/check/dependencies.py
