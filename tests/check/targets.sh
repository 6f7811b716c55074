#!/bin/bash
# Type-checks the library for systems that this one is not, warnings included: tests/check/targets.sh [TARGET...].
# Nothing is linked and nothing runs. It takes a Rust that has the source of its own library; where the present one
# has not, Debian's newest is unpacked into build/targets, not installed.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo=$(realpath "${CARGO:-packaging/cargo.sh}" 2>/dev/null || echo "${CARGO:-cargo}")
folder=$PWD/build/targets
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(x86_64-pc-windows-gnu aarch64-apple-darwin)

# With CI=true nothing may be left out.
leave_out() { # REASON
    echo "targets: not checked, $1"
    [ "${CI:-}" != true ]
    exit
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo -n "$@"; else return 1; fi
}

has_source() { [ -e "$1/lib/rustlib/src/rust/library/Cargo.lock" ]; }

# The packages that PACKAGE needs to run aside: Rust's own, and LLVM.
parts() { # PACKAGE
    local part
    echo "$1"
    for part in $(apt-cache show --no-all-versions "$1" | sed -n 's/^Depends: //p' | tr ',' '\n' | sed 's/(.*//'); do
        case $part in libstd-rust* | libllvm*) parts "$part" ;; esac
    done
}

unpack() { # PACKAGE...
    local archive
    rm -rf "$folder/download"
    mkdir -p "$folder/download" "$folder/debian"
    (cd "$folder/download" && apt-get --quiet --quiet download "$@" 2>/dev/null) || return 1
    for archive in "$folder"/download/*.deb; do
        # The compiler's own source is ten times that of the library.
        dpkg-deb --fsys-tarfile "$archive" | tar -x -C "$folder/debian" --no-wildcards-match-slash \
            --exclude './usr/share/*' --exclude './usr/src/rustc-*/[a-km-z]*'
    done
    rm -rf "$folder/download"
}

# Debian names a new Rust beside an old one rustc-web.
fetch_rust() {
    local suffix
    command -v apt-get dpkg-deb >/dev/null || return 1
    apt-cache show rust-web-src rust-src >/dev/null 2>&1 || as_root apt-get update --quiet --quiet || return 1
    for suffix in -web ""; do
        rm -rf "$folder/debian"
        # shellcheck disable=SC2046
        if unpack $(parts "rustc$suffix" | sort -u) "rust$suffix-src" && new_enough; then return; fi
    done
    rm -rf "$folder/debian"
    return 1
}

new_enough() {
    local needed found
    needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(debian_rustc --version | cut -d ' ' -f 2)
    has_source "$folder/debian/usr" && [ "$(printf '%s\n' "$needed" "$found" | sort -V | head -n 1)" = "$needed" ]
}

debian_rustc() { LD_LIBRARY_PATH=$(echo "$folder"/debian/usr/lib/*-linux-gnu) "$folder/debian/usr/bin/rustc" "$@"; }

find_rust() {
    local present
    present=$(RUSTC_BOOTSTRAP=1 "$cargo" -Z unstable-options rustc --quiet --lib --print sysroot 2>/dev/null || true)
    if has_source "$present"; then return; fi
    has_source "$folder/debian/usr" || fetch_rust || leave_out "no Rust here has the source of its library"
    RUSTC=$folder/rustc
    printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s/usr/bin/rustc "$@"\n' \
        "$(echo "$folder"/debian/usr/lib/*-linux-gnu)" "$folder/debian" >"$RUSTC"
    chmod +x "$RUSTC"
    export RUSTC
}

# Rust's library for Windows is not even checked without this tool.
find_dlltool() {
    export PATH=$PATH:$folder/debian/usr/bin
    command -v x86_64-w64-mingw32-dlltool >/dev/null || unpack binutils-mingw-w64-x86-64 ||
        leave_out "x86_64-w64-mingw32-dlltool is not installed"
}

check() { # TARGET
    local upper output
    upper=$(echo "$1" | tr 'a-z-' 'A-Z_')
    # The headers of this machine's OpenSSL do: their functions are the same everywhere.
    output=$(env RUSTC_BOOTSTRAP=1 OPENSSL_STATIC=0 CRATE_CC_NO_DEFAULTS=1 "CC_${1//-/_}=${CC:-cc}" \
        "${upper}_OPENSSL_INCLUDE_DIR=$(pkg-config --variable=includedir openssl)" \
        "${upper}_OPENSSL_LIB_DIR=$(pkg-config --variable=libdir openssl)" \
        "$cargo" check --quiet --lib -Zbuild-std=std,panic_unwind --target "$1" --target-dir "$folder/target" 2>&1) &&
        [ -z "$output" ] || { printf '%s\n' "$output" >&2; echo "targets: $1 fails" >&2; exit 1; }
    echo "targets: $1 compiles without warnings"
}

find_rust
case " ${targets[*]} " in *-windows-gnu*) find_dlltool ;; esac
for target in "${targets[@]}"; do check "$target"; done
