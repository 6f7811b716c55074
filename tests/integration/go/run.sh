#!/bin/bash
# Go: the recipes for drivers against real servers, then pgx's and grpc-go's own tests, compared with crypto/tls.
set -uo pipefail
cd "$(dirname "$0")"
export CGO_LDFLAGS="-Wl,-rpath,$TLSOCK_PREFIX/lib"
status=0

needed=$(sed -n 's/^go //p' go.mod)
version=$(go env GOVERSION | sed 's/^go//')
if [ "$(printf '%s\n' "$needed" "$version" | sort -V | head -n 1)" != "$needed" ]; then
    echo "SKIPPED the drivers need Go $needed, this is $version: 1 skipped"
    exit 0
fi

(cd ../../../bindings/go/recipes && go test -count=1 -tags integration -v . 2>&1) |
    sed -e 's/^ *--- PASS.*/&\n1 passed/' -e 's/^ *--- FAIL.*/&\n1 failed/' || status=1
./pgx.sh || status=1
./grpc.sh || status=1
exit $status
