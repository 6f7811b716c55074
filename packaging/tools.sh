#!/bin/bash
# Installs what only coverage and mutants need, at fixed versions, into build/tools: tools.sh llvm-cov|mutants|gremlins|node...
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$PWD/build/tools

crate() { # NAME VERSION: built in a folder of its own, as another may be at it
    [ "$("$tools/cargo/bin/$1" "${1#cargo-}" --version 2>/dev/null)" != "$1 $2" ] || return 0
    CARGO_TARGET_DIR=$tools/cargo/$1 packaging/cargo.sh install --quiet --locked --force --root "$tools/cargo" "$1@$2"
    rm -rf "$tools/cargo/$1"
}

command_of_go() { # MODULE VERSION: kept under the name of its version, as it cannot be asked
    local kept=$tools/go/$2
    [ -x "$kept/$(basename "$1")" ] || GOBIN=$kept go install "$1@$2"
    ln -sf "$2/$(basename "$1")" "$tools/go/"
}

packages() { # NAME@VERSION...: what this Node takes
    [ "$(cat "$tools/node/installed" 2>/dev/null)" = "$*" ] && return
    mkdir -p "$tools/node"
    echo '{"private": true}' >"$tools/node/package.json"
    npm install --prefix "$tools/node" --no-audit --no-fund --loglevel=error "$@"
    echo "$*" >"$tools/node/installed"
}

for tool; do
    case $tool in
    llvm-cov) crate cargo-llvm-cov 0.9.1 ;;
    mutants) crate cargo-mutants 27.1.0 ;;
    gremlins) command_of_go github.com/go-gremlins/gremlins/cmd/gremlins v0.6.0 ;;
    node) packages c8@10.1.3 @stryker-mutator/instrumenter@9.6.1 ;;
    *) echo "usage: tools.sh llvm-cov|mutants|gremlins|node..." >&2; exit 2 ;;
    esac
done
