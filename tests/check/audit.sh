#!/bin/bash
# What this depends on: licences, duplicates and sources; then known vulnerabilities, a step of its own, as it needs
# cargo-deny and a database that git fetches (from a mirror, if git's `url.MIRROR.insteadOf` names one).
set -euo pipefail
cd "$(dirname "$0")/../.."
packaging/python.sh tests/check/dependencies.py

# Go's database is on a host of its own.
go_vulnerabilities() {
    local log=build/govulncheck.log
    export PKG_CONFIG_PATH=$PWD/build/prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
    mkdir -p build
    if ! command -v govulncheck >/dev/null; then
        echo "audit: Go's vulnerabilities not looked for, govulncheck is not installed (go install golang.org/x/vuln/cmd/govulncheck@latest)"
    elif (cd bindings/go && govulncheck ./... && cd tlsockgrpc && govulncheck ./...) >$log 2>&1; then
        echo "audit: no known vulnerabilities in what the Go binding calls"
    elif grep -q 'fetching vulnerabilities' $log; then
        echo "audit: Go's vulnerabilities not looked for, the database cannot be fetched"
    elif grep -q 'tlsock.pc' $log; then
        echo "audit: Go's vulnerabilities not looked for, the library is not built (make stage)"
    else
        cat $log
        return 1
    fi
}
go_vulnerabilities

if ! command -v cargo-deny >/dev/null; then
    echo "audit: vulnerabilities not looked for, cargo-deny is not installed (cargo install --locked cargo-deny)"
    exit 0
fi
mkdir -p build
deny() { cargo-deny --features vendored,aws-lc check "$@" >build/audit.log 2>&1; }
if deny; then
    echo "audit: no known vulnerabilities; cargo-deny agrees with the rest"
elif grep -qiE 'fetch|resolve host|connect' build/audit.log && deny bans licenses sources; then
    echo "audit: vulnerabilities not looked for, the database cannot be fetched; cargo-deny agrees with the rest"
else
    cat build/audit.log
    exit 1
fi
