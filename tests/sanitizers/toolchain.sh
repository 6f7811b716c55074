#!/bin/bash
# Prints a cargo that can compile the standard library with sanitizers: one whose rustc has its sources. Where none is
# installed it unpacks the distribution's newest into FOLDER, without installing anything.
# usage: toolchain.sh FOLDER
set -euo pipefail
folder=$(realpath -m "${1:?usage: toolchain.sh FOLDER}")
library=lib/rustlib/src/rust/library/Cargo.toml

sysroot=$(rustc --print sysroot 2>/dev/null || true)
if [ -n "$sysroot" ] && [ -e "$sysroot/$library" ]; then
    command -v cargo
    exit
fi

newest() { # the suffix of the distribution's newest rustc that has sources: "", "-web" or "-1.NN"
    local name
    for name in $(apt-cache pkgnames rust 2>/dev/null | sed -n 's/^rustc\(\(-web\|-1\.[0-9]*\)\?\)$/[\1]/p'); do
        name=${name:1:-1}
        apt-cache policy "rustc$name" | sed -n "s/^  Candidate: \([0-9].*\)/\1 [$name]/p"
    done | sort -V | tail -n 1 | sed 's/.*\[\(.*\)\]/\1/'
}

unpack() {
    local suffix sources package
    command -v apt-get >/dev/null || { echo "no Rust with its sources is installed (rustup component add rust-src)" >&2; exit 1; }
    suffix=$(newest)
    case $suffix in
    -web) sources=rust-web-src ;;
    "") sources=rust-src ;;
    *) sources=rust$suffix-src ;;
    esac
    mkdir -p "$folder/packages/partial"
    apt-get install --quiet --quiet --yes --download-only --no-install-recommends \
        -o Debug::NoLocking=1 -o "Dir::Cache::archives=$folder/packages" \
        "cargo$suffix" "rustc$suffix" "$sources" >"$folder/log" 2>&1 || { tail -n 3 "$folder/log" >&2; exit 1; }
    for package in "$folder"/packages/*.deb; do dpkg -x "$package" "$folder"; done
    rm -r "$folder/packages"
    # In FOLDER/bin both find their libraries, wherever FOLDER is.
    mkdir -p "$folder/bin"
    for package in cargo rustc; do
        # The names are for the file that is written.
        # shellcheck disable=SC2016
        printf '#!/bin/sh\nexport LD_LIBRARY_PATH=%s/usr/lib/%s:%s/lib/%s${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}\nPATH=%s:$PATH RUSTC=%s exec %s "$@"\n' \
            "$folder" "$(gcc -print-multiarch)" "$folder" "$(gcc -print-multiarch)" "$folder/bin" "$folder/bin/rustc" \
            "$folder/usr/bin/$package" >"$folder/bin/$package"
        chmod 755 "$folder/bin/$package"
    done
}

[ -x "$folder/bin/cargo" ] || unpack
[ -e "$("$folder/bin/rustc" --print sysroot)/$library" ] || { echo "the unpacked Rust lacks its sources" >&2; exit 1; }
echo "$folder/bin/cargo"
