#!/bin/bash
# The library and its tests compile with the oldest Rust that Cargo.toml promises. Where that is not installed, rustup brings
# it into build/msrv; nothing is installed elsewhere.
set -euo pipefail
cd "$(dirname "$0")/../.."
oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

# Not even with CI=true a failure: a distribution has one Rust, and that compiles it anyway.
leave_out() { # REASON
    echo "msrv: not checked with Rust $oldest, $1"
    exit 0
}

command -v rustup >/dev/null || leave_out "there is no rustup to bring it"
if ! rustup toolchain list | grep -q "^$oldest[.-]"; then
    export RUSTUP_HOME=$PWD/build/msrv/rustup
    mkdir -p "$RUSTUP_HOME"
    [ -d "$RUSTUP_HOME/toolchains" ] && rustup toolchain list | grep -q "^$oldest[.-]" ||
        timeout 120 rustup toolchain install "$oldest" --profile minimal --no-self-update >build/msrv/log 2>&1 ||
        leave_out "it cannot be fetched"
fi
CARGO_TARGET_DIR=$PWD/build/msrv/target rustup run "$oldest" cargo check --quiet --locked --lib --tests --features test-panic
echo "msrv: the library and its tests compile with $(rustup run "$oldest" rustc --version | cut -d ' ' -f 1,2)"
