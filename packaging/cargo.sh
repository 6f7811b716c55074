#!/bin/sh
# Runs a cargo whose rustc is new enough: the one in PATH, rustup's, or a versioned one of the distribution. As rustc.sh,
# which is this file too, it runs that rustc.
set -eu
tool=$(basename "$0" .sh)
needed=$(sed -n 's/^rust-version = "1\.\([0-9]*\)".*/\1/p' "$(dirname "$0")/../Cargo.toml")

new_enough() {
    minor=$("$1rustc" --version 2>/dev/null | sed -n 's/^rustc 1\.\([0-9]*\)\..*/\1/p')
    [ -n "$minor" ] && [ "$minor" -ge "$needed" ] && command -v "$1cargo" >/dev/null
}

# Everything would be built again for another PKG_CONFIG_PATH: without the folder that tests/run.sh has put in front.
case ${PKG_CONFIG_PATH:-} in
"${TLSOCK_PREFIX:-/}/lib/pkgconfig") unset PKG_CONFIG_PATH ;;
"${TLSOCK_PREFIX:-/}/lib/pkgconfig:"*) PKG_CONFIG_PATH=${PKG_CONFIG_PATH#*:} ;;
esac

# AWS-LC takes the place of OpenSSL, wherever this package is built. With FEATURES=aws-lc nobody else need say so.
case ,${FEATURES:-}, in
*,aws-lc,*)
    case " $* " in *" --manifest-path "*) ;; *)
        case ${1:-} in build | check | clippy | doc | rustc | run | test)
            command=$1
            shift
            set -- "$command" --no-default-features --features aws-lc "$@"
            ;;
        esac
        ;;
    esac
    ;;
esac

for folder in "" "${CARGO_HOME:-${HOME:-}/.cargo}/bin/" $(ls -dr /usr/lib/rust-*/bin/ 2>/dev/null); do
    if new_enough "$folder"; then
        PATH="$folder:$PATH" exec "$folder$tool" "$@"
    fi
done
echo "tlsock needs Rust 1.$needed or newer: run \`make deps\`, or install it from https://rustup.rs" >&2
exit 1
