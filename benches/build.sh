#!/bin/bash
# Builds the programs that are measured: build.sh PREFIX FOLDER [--own]. A peer whose library is not installed is left out,
# and named; --own leaves out all but raw libssl and tlsock.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
prefix=$(realpath "$1") out=$(realpath "$2")
"$here/certs.sh" "$out/certs"

shared=("$here"/c/{main,handshake,stream,memory,idle,context}.c)

build() { # NAME FLAGS...
    local name=$1
    shift
    "${CC:-cc}" -O2 -Wall -Wextra -o "$out/$name" "${shared[@]}" "$here/c/$name.c" "$@" -lpthread
}

leave_out() {
    echo "$1 is not installed: left out" >&2
    rm -f "$out/$1"
}

build openssl "$here/c/plain.c" $(pkg-config --cflags --libs openssl)
build tlsock -I"$prefix/include" -L"$prefix/lib" -Wl,-rpath,"$prefix/lib" -ltlsock
[ "${3:-}" != --own ] || exit 0
if [ -f /usr/include/tls.h ]; then build libtls "$here/c/plain.c" -ltls; else leave_out libtls; fi
if command -v go >/dev/null; then
    (cd "$here/go" && CGO_ENABLED=0 go build -o "$out/go" .) || leave_out go
else
    leave_out go
fi
command -v node >/dev/null || leave_out node
