#!/bin/bash
# Makes a package of the Node binding that needs neither a compiler nor the library where it is installed:
# node-prebuilds.sh [TARGET...], as Rust names them. It has an addon for each, with an OpenSSL inside (the feature vendored) or, with
# FEATURES=aws-lc, AWS-LC, which is compiled once for each target, and is put into build/node. A target takes Rust's standard library for it, a compiler that has
# its name and a C library; what is missing is told before anything is built.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- x86_64-unknown-linux-gnu x86_64-unknown-linux-musl aarch64-unknown-linux-gnu
work=$PWD/build/node
inside=${FEATURES:-vendored}
case $inside in vendored | aws-lc) ;; *) echo "node-prebuilds: FEATURES is vendored or aws-lc, as an addon has all inside" >&2; exit 2 ;; esac

# As in lib/platform.js.
platform_of() { # TARGET
    local arch=${1%%-*} libc=
    case $arch in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; esac
    case $1 in *-musl) libc=-musl ;; esac
    echo "linux-$arch$libc"
}

# What Debian and Ubuntu name them.
packages_of() { # TARGET
    case $1 in
    *-musl) echo musl-tools ;;
    "$(uname -m)"-*) echo gcc libc6-dev ;;
    aarch64-*) echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross ;;
    *) echo "a C compiler for $1" ;;
    esac
}

links() { # TARGET
    echo 'int main(void) { return 0; }' | "${1/-unknown/}-gcc" -x c -o /dev/null - 2>/dev/null
}

find_missing() { # TARGET...
    local target
    for target in "$@"; do
        links "$target" || echo "$target: ${target/-unknown/}-gcc that links a program: apt-get install $(packages_of "$target")"
        [ -d "$(packaging/rustc.sh --print sysroot)/lib/rustlib/$target/lib" ] || echo "$target: Rust's standard library: rustup target add $target"
    done
}

# An addon has everything inside but the C library and gcc's, and one for musl nothing of glibc: readelf reads any processor's.
check() { # TARGET ADDON
    local needed wanted='^(libgcc_s\.so\.1|libc\.so\.6|ld-linux[-a-z0-9_]*\.so\.[12])$'
    case $1 in *-musl) wanted='^libc\.so$' ;; esac
    needed=$(readelf -d "$2" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -Ev "$wanted" || true)
    case $1 in *-musl) needed+=" $(readelf -V "$2" | grep -o 'GLIBC_[0-9.]*' | sort -u || true)" ;; esac
    [ -z "${needed// /}" ] || { echo "$1: the addon needs ${needed//$'\n'/ }" >&2; return 1; }
}

missing=$(find_missing "$@")
[ -z "$missing" ] || { printf 'node-prebuilds lacks\n%s\n' "$missing" >&2; exit 1; }

# A copy: addons beside the sources would be taken for those of this machine.
rm -rf "$work"
mkdir -p "$work/package"
tar -C bindings/node --exclude=./build --exclude=./prebuilds --exclude=./node_modules -cf - . | tar -xf - -C "$work/package"
(cd "$work/package" && npm install --ignore-scripts --omit=dev --no-audit --no-fund --silent)

for target in "$@"; do
    make --no-print-directory stage FEATURES="$inside" CARGO_BUILD_TARGET="$target"
    (cd "$work/package" && PKG_CONFIG_PATH=$OLDPWD/build/$target/prefix/lib/pkgconfig TLSOCK_TARGET=$(platform_of "$target") \
        CC=${target/-unknown/}-gcc node build.js --prebuild)
    addon=prebuilds/$(platform_of "$target")/tlsock.node
    check "$target" "$work/package/$addon"
    echo "$target: $addon"
done
(cd "$work/package" && npm pack --ignore-scripts --silent --pack-destination "$work")
ls "$work"/*.tgz
