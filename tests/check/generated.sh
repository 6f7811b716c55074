#!/bin/bash
# The committed headers and list of functions are what the sources give.
set -euo pipefail
cd "$(dirname "$0")/../.."
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

packaging/header.sh "$fresh"
for header in tlsock.h tlsock-ffi.h; do
    diff -u "include/$header" "$fresh/$header" || { echo "include/$header is stale: run \`make header\`" >&2; exit 1; }
done

sed -n 's/^TLSOCK_API .*[ *]\(tlsock_[a-z0-9_]*\)(.*/\1/p' include/tlsock.h | LC_ALL=C sort >"$fresh/symbols.txt"
diff -u tests/abi/symbols.txt "$fresh/symbols.txt" || { echo "tests/abi/symbols.txt is stale: run \`make abi\`" >&2; exit 1; }
echo "generated: the headers and their $(wc -l <tests/abi/symbols.txt) functions are up to date"
packaging/python.sh tests/abi/dump.py "$fresh/tlsock.h" tests/abi/tlsock.abi
