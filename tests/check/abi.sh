#!/bin/bash
# What the last tag promised to C programs holds: the header's promises (tests/abi/dump.py), and types and their layout
# (abidiff, over libraries of empty functions made from both headers). Something new is fine, and so is everything when
# the major version is another one than the tag's: programs then ask for another libtlsock.so.N.
set -euo pipefail
cd "$(dirname "$0")/../.."
header=${1:-include/tlsock.h}

tag=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null) || {
    echo "abi: no tag v* to compare with"
    exit 0
}
major() { sed -n 's/^version = "\([0-9]*\)\..*/\1/p' | head -n 1; }
if [ "$(git show "$tag:Cargo.toml" | major)" != "$(major <Cargo.toml)" ]; then
    echo "abi: the major version is another one than that of $tag"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git show "$tag:include/tlsock.h" >"$work/old.h"
cp "$header" "$work/new.h"
export PYTHONDONTWRITEBYTECODE=1
packaging/python.sh tests/abi/dump.py "$work/old.h" >"$work/promises"
packaging/python.sh tests/abi/dump.py "$work/new.h" "$work/promises" | sed "s/$/, since $tag/"

if ! command -v abidiff >/dev/null; then
    echo "abi: types not compared with $tag, abidiff is not installed (apt-get install abigail-tools)"
    [ "${CI:-}" != true ]
    exit
fi
for age in old new; do
    packaging/python.sh tests/abi/stub.py "$work/$age.h" >"$work/$age.c"
    ${CC:-cc} -shared -fPIC -g -w -o "$work/$age.so" "$work/$age.c"
done
# Additions change nothing for programs that do not use them.
if ! abidiff --no-added-syms "$work/old.so" "$work/new.so" >"$work/diff"; then
    cat "$work/diff"
    echo "abi: abidiff finds changes since $tag" >&2
    exit 1
fi
echo "abi: abidiff finds no change of $(nm -D --defined-only "$work/old.so" | grep -c ' T tlsock_') functions and their types since $tag"
