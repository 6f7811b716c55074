#!/bin/bash
# What goes wrong when everything goes wrong: tests/harden/run.sh PREFIX short|all|long. A line for each part.
#
# short: misuse, fork, signals and faults, in less than two minutes; a suite of tests/run.sh.
# all:   also fuzzing, the sanitizers and load; `make harden`.
# long:  faults under AddressSanitizer, all failing allocations, and load at full size; `make harden-long`.
# HARDEN_FUZZ_SECONDS=60 is how long each target is fuzzed, TLSOCK_TEST_JOBS how many processes share faults and allocations.
set -uo pipefail
cd "$(dirname "$0")/../.."

prefix=$(realpath "${1:?usage: tests/harden/run.sh PREFIX short|all|long}")
size=${2:-short}
cargo=$(realpath "${CARGO:-packaging/cargo.sh}" 2>/dev/null || echo "${CARGO:-cargo}")
target=${CARGO_TARGET_DIR:-target}
out=$PWD/build/harden
certs=$out/certs
lines=$out/lines
mkdir -p "$out"
: >"$lines"
unset SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE
sh tests/certs/make.sh "$certs" || exit 1
# A folder for the files of tests, and one of CAs, named by their hashes as OpenSSL wants it.
work=$out/work
rm -rf "$work"
mkdir -p "$work/capath" && cp "$certs/ca.pem" "$work/capath/" && openssl rehash "$work/capath" || exit 1

backend=openssl
case ,${FEATURES:-}, in *,aws-lc,*) backend=aws-lc ;; esac

failed=0
# Runs a command after what it needs was built; the last line of what it prints is its summary.
part() { # NAME SECONDS PREPARE... -- COMMAND...
    local name=$1 limit=$2 log=$out/$1.log started=$SECONDS result line word prepare=()
    shift 2
    while [ "$1" != -- ]; do prepare+=("$1"); shift; done
    shift
    : >"$log"
    if [ ${#prepare[@]} -eq 0 ] || "${prepare[@]}" >>"$log" 2>&1; then
        timeout --kill-after=10 "$limit" "$@" >>"$log" 2>&1 </dev/null
        result=$?
        line=$(tail -n 1 "$log")
        [ $result -ne 124 ] || line="no end within $limit s"
    else
        result=1 line="could not be built"
    fi
    word=ok
    # What lacks something here has not failed, but where all has to be there.
    if [ $result -eq 3 ] && [ "${CI:-}" != true ]; then
        word=skipped
    elif [ $result -ne 0 ]; then
        word=FAILED
        failed=$((failed + 1))
        tail -n 40 "$log"
        echo "(all of it: $log)"
    fi
    printf '%-11s %-7s %s, in %d s\n' "$name" "$word" "$line" \
        $((SECONDS - started)) >>"$lines"
}

compile() { # PROGRAM SOURCES AND FLAGS...
    local program=$1
    shift
    "${CC:-cc}" -std=gnu11 -g -O1 -Wall -Wextra -Werror -Itests/harden "-I$prefix/include" -o "$out/$program" "$@" -pthread
}

# Those that look at how the library calls its OpenSSL, or replace that one's functions.
outside() { # PART ARGUMENTS OF PART...
    if ! tests/openssl/inside.sh "$prefix/lib/libtlsock.so"; then "$@"; else
        printf '%-11s %-7s %s\n' "$2" skipped "the library has an OpenSSL of its own inside: 1 skipped" >>"$lines"
    fi
}

# A program against the installed library.
program() { # NAME SECONDS ARGUMENTS...
    local name=$1 limit=$2
    shift 2
    part "$name" "$limit" build_program "$name" -- "$out/$name" "$certs" "$@"
}
build_program() { # NAME FLAGS...
    local name=$1 sources=("tests/harden/$1.c")
    shift
    [[ "$name" != faults && "$name" != polls* ]] || sources+=(tests/harden/shim.c)
    compile "$name" "${sources[@]}" "$@" "-L$prefix/lib" -ltlsock "-Wl,-rpath,$prefix/lib" -lssl -lcrypto -ldl
}

# The Node binding: everything at the wrong moment, under AddressSanitizer.
build_node() {
    export PKG_CONFIG_PATH=$prefix/lib/pkgconfig${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
    command -v npm node >/dev/null || return 0
    (cd bindings/node && npm install --no-audit --no-fund --loglevel=error)
}

# Every call with invalid handles, against a library that checks them.
build_misuse() {
    # All kinds of library at once, as the test needs one that is built with the others.
    "$cargo" build --quiet --lib --features checked || return
    # Debian's Rust gives a shared library its name, by which it is then looked for.
    mkdir -p "$out/checked" && cp "$target/debug/libtlsock.so" "$out/checked" || return
    "$cargo" test --quiet --features checked --test debug || return
    python3 tests/harden/misuse.py "$prefix/include/tlsock.h" >"$out/misuse.c" || return
    compile misuse "$out/misuse.c" "-L$out/checked" -ltlsock "-Wl,-rpath,$out/checked"
}

# Each call of the system that the library makes is one that can be made to fail, but for those that cannot fail or where
# the process ends anyway.
sites() {
    local call missing=0 count=0
    for call in $(nm -D --undefined-only "$prefix/lib/libtlsock.so" | awk '{ print $2 }' | sed 's/@.*//' | grep -xE \
        'accept4?|bind|connect|fcntl(64)?|fstat(64)?|stat(64)?|statx|getpeername|getsockname|[gs]etsockopt|listen|lseek(64)?|mmap(64)?|open(64|at)?|p?poll|select|epoll_.*|pread(64)?|pwrite.*|readv?|writev?|recv.*|send.*|shutdown|socket(pair)?|dup.*|pipe2?|ioctl|unlink|rename|mkdir'); do
        case $call in
        # Of the standard library's own, for a panic's report.
        stat64 | writev) continue ;;
        # Only where the kernel has TLS: see tests/ktls.
        sendmsg | sendfile64) continue ;;
        esac
        count=$((count + 1))
        grep -qE "X\($call\)" tests/harden/shim.h || { echo "$call is not in shim.h"; missing=1; }
    done
    echo "$count calls of the system can fail on demand"
    [ $missing -eq 0 ] && [ $count -gt 15 ]
}
export -f sites
export prefix

if [ "$size" = all ]; then
    [ ! -f fuzz/run.sh ] || part fuzz 3600 -- fuzz/run.sh "${HARDEN_FUZZ_SECONDS:-60}"
    [ ! -f tests/sanitizers/run.sh ] || part sanitizers 7200 -- tests/sanitizers/run.sh
fi
# Those that wait for much more than themselves get the time for it.
export TLSOCK_TEST_SECONDS=3600
case $size in
short | all)
    part misuse 300 build_misuse -- "$out/misuse" "$certs"
    program fork 120
    program fork_waiting 120
    # AWS-LC waits for signatures without threads.
    [ "$backend" = aws-lc ] || program threadless 120
    program signals 120
    program polls 120
    program polls_libssl 120
    program polls_memory 120
    program floods 240
    program half_loaded 120
    program packed 60
    program files 60 "$work"
    # A library whose lines are counted makes the counters' calls too.
    [ -n "${LLVM_PROFILE_FILE:-}" ] || outside part sites 30 -- bash -c sites
    program faults 300 "$work" short
    outside program allocations 300 "$work" "$([ "$size" = all ] && echo 97 || echo 397)"
    outside program memory 600 "$([ "$size" = all ] && echo 37 || echo 199)"
    outside program writes 120
    ;;&
all)
    program hostile 600
    [ ! -d bindings/node ] || part node 900 build_node -- bindings/node/test/asan.sh --stress 60
    program load 600 500 2000
    ;;
long)
    part faults 7200 build_program faults -fsanitize=address,undefined -fno-sanitize-recover=all -- \
        "$out/faults" "$certs" "$work" all
    outside program allocations 20000 "$work" 1
    outside program memory 20000 1
    program load 7200 10000 100000
    ;;
esac

cat "$lines"
[ $failed -eq 0 ]
