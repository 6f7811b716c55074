#!/bin/bash
# Runs every test suite against an installed library: tests/run.sh PREFIX [SUITE...]. A line for each suite, and at the
# end the sums alone on a line. With CI=true a suite that cannot run has failed. With TLSOCK_TEST_SEED=NUMBER the tests of
# rust, c, go, node and of every suite under pytest run in an order that the number draws; `random` draws the number too.
set -uo pipefail
cd "$(dirname "$0")/.."

prefix=$(realpath "${1:?usage: tests/run.sh PREFIX [SUITE...]}")
shift
wanted=("$@")
logs=build/log
mkdir -p "$logs"
export TLSOCK_PREFIX=$prefix
export TLSOCK_LIBRARY=$prefix/lib/libtlsock.so
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PATH=$PATH:/usr/sbin
# Tests leave nothing in the tree.
export PYTHONDONTWRITEBYTECODE=1
if [ "${TLSOCK_TEST_SEED:-}" = random ]; then TLSOCK_TEST_SEED=$(od -An -N3 -tu4 /dev/urandom | tr -d ' '); fi
if [ -n "${TLSOCK_TEST_SEED:-}" ]; then
    export TLSOCK_TEST_SEED
    echo "the order of the tests is drawn: TLSOCK_TEST_SEED=$TLSOCK_TEST_SEED"
fi
cargo=$(realpath "${CARGO:-packaging/cargo.sh}" 2>/dev/null || echo "${CARGO:-cargo}")
python=$(realpath packaging/python.sh)

# One suite more than there are processors: much of them waits, or runs in one thread. The long ones come first.
SUITE_JOBS=${SUITE_JOBS:-$(($(nproc) > 1 ? $(nproc) + 1 : 1))}
. tests/suite.sh

pytest() { # FOLDER
    local order=()
    [ -z "${TLSOCK_TEST_SEED:-}" ] || order=(-p tests.shuffle)
    "$python" -m pytest -q -rs -p no:cacheprovider "${order[@]}" "$1"
}

# The stable test harness knows how to draw the order, but says that only a nightly may ask; this variable allows it, for
# the run alone: it would have the library compiled again.
rust_tests() {
    local allow='target."cfg(unix)".runner="env RUSTC_BOOTSTRAP=1"' test=("$cargo" test --quiet --features test-panic)
    [ -n "${TLSOCK_TEST_SEED:-}" ] || { "${test[@]}"; return; }
    "${test[@]}" --lib --tests --config "$allow" -- -Zunstable-options "--shuffle-seed=$TLSOCK_TEST_SEED" && "${test[@]}" --doc
}

go_tests() {
    local version tools=$PWD/build/tools
    cd bindings/go || return
    version=$(go env GOVERSION)
    if [ "$(printf '%s\n' go1.19 "${version:-go1.0}" | sort -V | head -n 1)" != go1.19 ]; then
        echo "the Go binding needs Go 1.19 or newer, this is $version"
        return 1
    fi
    if ! go mod download; then
        echo "the tests need golang.org/x/net: it is neither in Go's module cache nor can it be fetched"
        return 1
    fi
    PATH=$PATH:$(go env GOPATH)/bin:$tools
    command -v staticcheck >/dev/null || GOBIN=$tools go install honnef.co/go/tools/cmd/staticcheck@v0.8.2 ||
        echo "SKIPPED staticcheck is not installed, and could not be built with $version: 1 skipped"
    ../../packaging/go_module.sh --check && ../../tests/check/go_docs.sh || return
    local folder
    for folder in . tlsockgrpc recipes ../../benches/go ../../tests/integration/go; do
        go_lints "$folder" || return
    done
    # The static library too.
    go build -tags tlsock_static -o /dev/null ./examples/server || return
    go test -count=1 -race -v -timeout 30m ${TLSOCK_TEST_SEED:+-shuffle=$TLSOCK_TEST_SEED} ./... | go_count || return
    # With modules of others, newer than ours has to be.
    for folder in tlsockgrpc recipes; do
        ! go_new_enough "$folder" || (cd "$folder" && go test -count=1 -v ./... | go_count) || return
    done
}

# Tells whether this Go builds the module in a folder.
go_new_enough() { # FOLDER
    local needed
    needed=$(sed -n 's/^go //p' "$1/go.mod")
    [ "$(printf '%s\n' "$needed" "$(go env GOVERSION | sed 's/^go//')" | sort -V | head -n 1)" = "$needed" ]
}

go_lints() { # FOLDER
    go_new_enough "$1" || { echo "SKIPPED $1: its go.mod wants a newer Go: 1 skipped"; return 0; }
    (cd "$1" && go vet ./... && { ! command -v staticcheck >/dev/null || staticcheck ./...; })
}

go_count() {
    sed -e 's/^ *--- PASS.*/&\n1 passed/' -e 's/^ *--- FAIL.*/&\n1 failed/' -e 's/^ *--- SKIP.*/&\n1 skipped/'
}

node_tests() {
    cd bindings/node && npm install --no-audit --no-fund --loglevel=error && npm test || return
    # 3: something is missing, as its output says.
    npm run --silent test:asan || [ $? -eq 3 ]
}

# Functions survive in the shell that `timeout` starts.
export -f pytest rust_tests go_tests go_new_enough go_lints go_count node_tests
export cargo python

suite rust src/lib.rs -- bash -c rust_tests
suite c tests/c/Makefile cc valgrind -- make --no-print-directory -C tests/c test PREFIX="$prefix"
[ ! -d bindings/node ] || suite node node npm cc make pkg-config openssl python3 -- bash -o pipefail -c node_tests
[ ! -d bindings/go ] || suite go go cc make openssl python3 -- env CGO_LDFLAGS="-Wl,-rpath,$prefix/lib" bash -o pipefail -c go_tests
suite interop tests/interop/ openssl curl nginx node -- bash -c 'pytest tests/interop'
suite harden tests/harden/run.sh cc python3 -- tests/harden/run.sh "$prefix" short
suite install pkg-config cmake -- bash -c 'pytest tests/install'
suite processes node tests/certs/make.sh -- bash -c 'pytest tests/processes'
suite readme README.md openssl tests/certs/make.sh -- bash -c 'pytest tests/readme'
suite demo bindings/c/demo.sh -- bindings/c/demo.sh "$prefix"
suite_alone counts tests/counts/run.sh cc openssl python3 valgrind -- tests/counts/run.sh "$prefix"

close_suites
