#!/bin/bash
# Installs the Node binding into empty projects in each way there is, and runs a program there:
# tests/install/node.sh PREFIX [NODE_VERSION...]
#
# The ways: the folder (which npm links), that of a fresh clone, the folder copied, the tarball of `npm pack`, and a tarball with a
# prebuilt addon where there is neither a compiler nor the library. Versions are those of the npm package "node", such as 18; with none
# the node that runs. NPMS are the versions of npm, "10 11" unless given.
# `make integration SUITES=node-install` runs it with the node that is there.
set -uo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
prefix=$(realpath "${1:?usage: tests/install/node.sh PREFIX [NODE_VERSION...]}")
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
passed=0 failed=0

program='const t = require("tlsock"), tls = require("tlsock/tls");
if (t.createDefaultContext().verifyMode !== t.CERT_REQUIRED || typeof tls.connect !== "function") throw new Error("wrong");
import("tlsock/tls").then((m) => console.log("works", process.version));'

# A copy without what was built, as a clone has it.
clone() { # FOLDER
    git ls-files -z bindings/node | tar --null -cf - -T - | tar -xf - -C "$1"
}

attempt() { # NAME COMMAND...
    local name=$1 folder
    shift
    folder=$(mktemp -d -p "$work")
    cd "$folder" || return
    echo '{"private": true}' >package.json
    if "$@" >log 2>&1 && node -e "$program" >>log 2>&1 && grep -q '^works' log; then
        passed=$((passed + 1))
        echo "ok     $name"
    else
        failed=$((failed + 1))
        echo "FAILED $name"
        tail -n 15 log
    fi
    cd "$root" || return
}

without_tools() { # COMMAND...
    local bin=$work/bin tool
    mkdir -p "$bin"
    for tool in node npm sh env; do ln -sf "$(command -v $tool)" "$bin/$tool"; done
    env -u PKG_CONFIG_PATH PATH="$bin" "$@"
}

mkdir "$work/fresh" "$work/packed" "$work/prebuilt"
clone "$work/fresh"
clone "$work/packed"
clone "$work/prebuilt"
(cd "$work/packed/bindings/node" && npm pack --ignore-scripts --silent) >/dev/null || exit
(cd "$work/prebuilt/bindings/node" && npm install --ignore-scripts --omit=dev --silent --no-audit && node build.js --prebuild && npm pack --ignore-scripts --silent) >/dev/null || exit
packed=$(ls "$work"/packed/bindings/node/*.tgz) prebuilt=$(ls "$work"/prebuilt/bindings/node/*.tgz)

all() { # LABEL
    local copy
    copy=$(mktemp -d -p "$work")
    clone "$copy"
    attempt "$1: npm install FOLDER" npm install --no-audit --no-fund "$copy/bindings/node"
    attempt "$1: npm install --install-links FOLDER" npm install --no-audit --no-fund --install-links "$work/fresh/bindings/node"
    attempt "$1: npm install TARBALL" npm install --no-audit --no-fund "$packed"
    attempt "$1: npm install PREBUILT, without tools" without_tools npm install --no-audit --no-fund "$prebuilt"
}

[ $# -gt 0 ] || set -- "$(node --version)"
for version in "$@"; do
    for npm in ${NPMS:-10 11}; do
        # What npm itself says of the versions of node it runs on.
        case $version-$npm in 18-1[1-9]) echo "npm $npm does not run on node $version"; continue ;; esac
        tools=$work/tools-$version-$npm
        mkdir -p "$tools"
        case $version in v*) want=(npm@"$npm") ;; *) want=(node@"$version" npm@"$npm") ;; esac
        if ! (cd "$tools" && echo '{"private": true}' >package.json && npm install --no-audit --no-fund --silent "${want[@]}") >"$tools/log" 2>&1; then
            echo "SKIPPED node $version with npm $npm cannot be had: 1 skipped"
            continue
        fi
        PATH=$tools/node_modules/.bin:$PATH all "node $version, npm $npm"
    done
done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
