#!/bin/bash
# What this depends on: licences, duplicates and sources; then known vulnerabilities, a step of its own, as it needs
# cargo-deny and a database that is fetched.
set -euo pipefail
cd "$(dirname "$0")/../.."
packaging/python.sh tests/check/dependencies.py
if ! command -v cargo-deny >/dev/null; then
    echo "audit: vulnerabilities not looked for, cargo-deny is not installed (cargo install --locked cargo-deny)"
    exit 0
fi
mkdir -p build
if cargo-deny check advisories >build/advisories.log 2>&1; then
    echo "audit: no known vulnerabilities"
elif grep -qiE 'fetch|resolve host|connect' build/advisories.log; then
    echo "audit: vulnerabilities not looked for, the database cannot be fetched"
else
    cat build/advisories.log
    exit 1
fi
