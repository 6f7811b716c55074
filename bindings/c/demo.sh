#!/bin/sh
# Compiles the demo against an installed tlsock, by pkg-config only, and runs it with temporary certificates.
# usage: demo.sh [PREFIX]      (default: what pkg-config finds)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ $# -gt 0 ]; then
    for directory in "$1"/lib "$1"/lib64 "$1"/lib/*-linux-gnu*; do
        PKG_CONFIG_PATH="$directory/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}"
    done
    export PKG_CONFIG_PATH
fi
# The flags are several words on purpose.
# shellcheck disable=SC2046
${CC:-cc} -std=c11 -O1 -Wall -Wextra -o "$work/demo" "$here/demo.c" \
    $(pkg-config --cflags --libs tlsock) -Wl,-rpath,"$(pkg-config --variable=libdir tlsock)" -pthread
sh "$here/../../tests/certs/make.sh" "$work/certificates"
"$work/demo" "$work/certificates"
