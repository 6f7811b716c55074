#!/bin/bash
# Builds and runs the counts: run.sh PREFIX.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
prefix=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$here/../../benches/certs.sh" "$work/certs"
"${CC:-cc}" -O2 -Wall -Wextra -o "$work/counts" "$here/counts.c" "$here/count.c" "$here/raw.c" -I"$prefix/include" -L"$prefix/lib" \
    -Wl,-rpath,"$prefix/lib" -ltlsock $(pkg-config --libs openssl) -lpthread -ldl
result=0
if "$here/../openssl/inside.sh" "$prefix/lib/libtlsock.so"; then
    "$work/counts" "$work/certs" inside || result=1
    echo "SKIPPED instructions: the library has an OpenSSL of its own inside, raw libssl is another one: 1 skipped"
    exit $result
fi
"$work/counts" "$work/certs" || result=1
"$here/../../benches/build.sh" "$prefix" "$work" --own
"$here/instructions.py" "$work" || result=1
exit $result
