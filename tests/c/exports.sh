#!/bin/sh
# Every exported symbol is declared in the header and every declared function is exported.
# usage: exports.sh HEADER LIBRARY
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
nm -D --defined-only "$2" | sed -n 's/.* [TDBRVW] \([A-Za-z_][A-Za-z0-9_]*\).*/\1/p' | sort -u >"$work/exported"
tr '\n' ' ' <"$1" | grep -oE 'TLSOCK_API [^;(]*\(' | grep -oE 'tlsock_[a-z0-9_]+ ?\($' | tr -d ' (' |
    sort -u >"$work/declared"
[ -s "$work/declared" ] || { echo "$1 declares nothing" >&2; exit 1; }
if ! diff "$work/declared" "$work/exported" >"$work/difference"; then
    echo "header (<) and library (>) differ:" >&2
    cat "$work/difference" >&2
    exit 1
fi
