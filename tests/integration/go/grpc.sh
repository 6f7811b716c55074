#!/bin/bash
# Runs the tests of grpc-go that use its TLS, first as they are, then with our credentials, and compares.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
binding=$(realpath "$here/../../../bindings/go")
name=$(cd "$binding" && go list -m)
version=v1.85.0
module=google.golang.org/grpc
work=$TLSOCK_WORK/grpc
packages=(. ./authz ./credentials ./internal/testutils ./internal/transport ./test)
mkdir -p "$work"

copy() { # FOLDER
    local source
    source=$(cd "$here" && go mod download -json "$module@$version" | sed -n 's/^\t"Dir": "\(.*\)",/\1/p')
    rm -rf "${work:?}/$1"
    cp -r "$source" "$work/$1"
    chmod -R u+w "$work/$1"
}

# Tests, and what they share, ask our stand-in for credentials. Package credentials itself cannot: the adapter is made
# of it. Its tests from outside can.
change() {
    local file changed=0
    cd "$work/ours"
    for file in $(grep -lE 'credentials\.New(TLS|ClientTLS|ServerTLS)' $(printf '%s/*_test.go ' "${packages[@]}")) \
        internal/testutils/tls_creds.go; do
        if grep -q '^package credentials$' "$file"; then continue; fi
        sed -i -E 's/\bcredentials\.New(TLS|ClientTLSFromCert|ClientTLSFromFile|ServerTLSFromCert|ServerTLSFromFile)\(/grpccreds.New\1(/g' "$file"
        sed -i '0,/^import (/s//import (\n\t"integration\/grpccreds"/' "$file"
        grep -q 'credentials\.' "$file" || sed -i '/"google.golang.org\/grpc\/credentials"$/d' "$file"
        changed=$((changed + 1))
    done
    [ $changed -ge 8 ]
    go mod edit -require=integration@v0.0.0 -replace="integration=$here" \
        -require="$name@v0.0.0" -replace="$name=$binding" \
        -require="$name/tlsockgrpc@v0.0.0" -replace="$name/tlsockgrpc=$binding/tlsockgrpc"
}

run() { # FOLDER
    cd "$work/$1"
    # A failure is for the comparison to judge.
    GOFLAGS=-mod=mod go test -count=1 -p 2 -timeout 900s -json "${packages[@]}" >"$work/$1.json" 2>"$work/$1.err" || true
}

copy plain
copy ours
(run plain)
(change)
(run ours)
cd "$here"
go run ./compare "$work/plain.json" "$work/ours.json" grpc.known
