#!/bin/bash
# Runs what was built for another machine: cross.sh PREFIX TARGET COMPILER. The programs of bindings/c and of the tests of installing are
# compiled against PREFIX, shared and without any shared library, and run: by qemu-user where the processor is another.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
prefix=$1 target=$2 compiler=$3
[ -n "$target" ] || { echo "cross: set CARGO_BUILD_TARGET to a target of Rust's, such as aarch64-unknown-linux-gnu" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

emulator=()
if [ "${target%%-*}" != "$(uname -m)" ]; then
    emulator=("qemu-${target%%-*}")
    export QEMU_LD_PREFIX=${QEMU_LD_PREFIX:-/usr/${target/-unknown/}}
fi
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig

build() { # NAME SOURCE FLAGS...
    local name=$1 source=$2
    shift 2
    # The flags are several words on purpose.
    # shellcheck disable=SC2086
    "$compiler" -O1 -Wall -Wextra -o "$work/$name" "$source" "$@" ${LDFLAGS:-} -pthread
}

run() {
    "${emulator[@]}" "$work/$1" "${@:2}" >"$work/said" 2>&1 || { cat "$work/said"; echo "$1: 1 failed"; exit 1; }
    echo "$1: $(tail -n 1 "$work/said"): 1 passed"
}

read -ra shared < <("${PKG_CONFIG:-pkg-config}" --cflags --libs tlsock)
read -ra static < <("${PKG_CONFIG:-pkg-config}" --static --cflags --libs tlsock)
sh "$here/../certs/make.sh" "$work/certificates"
build consumer "$here/consumer.c" "${shared[@]}" -Wl,-rpath,"$prefix/lib"
build demo "$here/../../bindings/c/demo.c" "${shared[@]}" -Wl,-rpath,"$prefix/lib"
build consumer-static "$here/consumer.c" "${static[@]}" -static
build demo-static "$here/../../bindings/c/demo.c" "${static[@]}" -static
for program in consumer demo consumer-static demo-static; do
    case $program in demo*) run $program "$work/certificates" ;; *) run $program ;; esac
done
