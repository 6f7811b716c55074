#!/bin/bash
# The tests under sanitizers: tests/sanitizers/run.sh [short|long] [PART...]. Parts:
#
#   address-rust address-c    the Rust tests and the C programs, with Address-, Leak- and UndefinedBehaviorSanitizer
#   thread-rust thread-c      the same with ThreadSanitizer
#   address-soak thread-soak  soak.c: 20 seconds each, long: 300
#   thread-api valgrind-api   the stateful programs of fuzz/, replayed: the seeds and made-up ones, with ThreadSanitizer
#                             in two threads that share contexts (with Address- and LeakSanitizer: fuzz/run.sh)
#   valgrind-rust             the Rust tests under memcheck, if long (the C programs are in tests/c/Makefile)
#   miri                      the tests that need no OpenSSL
#
# SANITIZERS_TESTS="--test waiting --test identity" takes these of the Rust tests only.
#
# Rust's standard library is compiled with the sanitizer, so that it sees all Rust code. OpenSSL is the
# system's: there the sanitizers see the memory it allocates, frees and copies, and its locks, but not its atomics
# (thread.supp). Every report is a failure. Before each part a program with a fault proves that the tool reports it.
set -uo pipefail
cd "$(dirname "$0")/../.."

length=${1:-short}
case $length in short | long) ;; *) echo "usage: tests/sanitizers/run.sh [short|long] [PART...]" >&2; exit 2 ;; esac
shift
wanted=("$@")
out=$(realpath -m "${SANITIZERS_BUILD:-build/sanitizers}")
certs=$out/certs
here=$PWD/tests/sanitizers
target=$(rustc -vV 2>/dev/null | sed -n 's/^host: //p')
target=${target:-$(uname -m)-unknown-linux-gnu}
# The tests' own clocks run slower too.
export TLSOCK_TEST_SECONDS=600 TLSOCK_TEST_MIB=${TLSOCK_TEST_MIB:-4}
passed=0 failed=0 skipped=0
# What programs run under, if anything: several words.
memcheck=

backend=openssl
case ,${FEATURES:-}, in *,aws-lc,*) backend=aws-lc ;; esac

mkdir -p "$out"
sh tests/certs/make.sh "$certs" || exit 1

# ---- what is printed ----

sum() { # WORD LOG
    grep -oE "(^|[^0-9.])[0-9]+ $1\b" "$2" | grep -oE '[0-9]+' | awk '{ sum += $1 } END { print sum + 0 }'
}

# What the tools wrote about all processes of a part; memcheck writes into the log.
heads='WARNING: ThreadSanitizer|ERROR: (Address|Leak)Sanitizer|runtime error:'
heads+='|^==[0-9]+== (Invalid|Conditional|Use of|Syscall|Source and|Mismatched|Process terminating|.* definitely lost)'
reports() { # PART
    cat "$out/reports/$1".* "$out/$1.log" 2>/dev/null | grep -cE "$heads"
}

part() { # NAME COMMAND...: runs it and prints its line
    local name=$1 log=$out/$1.log started=$SECONDS result good bad found
    shift
    rm -rf "$out/reports/$name".*
    mkdir -p "$out/reports"
    "$@" >"$log" 2>&1 </dev/null
    result=$?
    good=$(sum passed "$log") bad=$(sum failed "$log") found=$(reports "$name")
    if [ "$found" -gt 0 ] || { [ "$good" -eq 0 ] && [ "$bad" -eq 0 ]; }; then result=1; fi
    if [ $result -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    [ "$bad" -eq 0 ] || result=1
    passed=$((passed + good)) failed=$((failed + bad))
    printf 'sanitizers: %-14s %-6s %d passed, %d failed, %d reports in %d s\n' "$name" \
        "$([ $result -eq 0 ] && echo ok || echo FAILED)" "$good" "$bad" "$found" $((SECONDS - started))
    grep -hE '^connections [0-9]' "$log"
    [ $result -eq 0 ] || {
        cat "$out/reports/$name".* 2>/dev/null | head -n 80
        grep -E -B 2 -A 20 "$heads" "$log" | head -n 80
        tail -n 40 "$log"
        echo "(all of it: $log)"
    }
}

cannot() { # NAME REASON
    skipped=$((skipped + 1))
    # What ends in `required` belongs to CI.
    if [ "${CI:-}" = true ] && [ "${3:-}" = required ]; then failed=$((failed + 1)); fi
    printf 'sanitizers: %-14s not run: %s\n' "$1" "$2"
}

# A part goes by its own name or by either half: thread-soak, thread, soak.
has() {
    local name
    [ ${#wanted[@]} -gt 0 ] || return 0
    for name in "$1" "${1%-*}" "${1#*-}"; do [[ " ${wanted[*]} " != *" $name "* ]] || return 0; done
    return 1
}

# ---- building ----

# Settings of one sanitizer: what rustc and cc are told, and where reports go.
use() { # address|thread REPORTS
    sanitizer=$1
    cflags="-std=gnu11 -g -O1 -fno-omit-frame-pointer -Wall -Wextra -I$PWD/include -fsanitize=$sanitizer"
    [ "$sanitizer" = thread ] || cflags+=",undefined -fno-sanitize-recover=undefined"
    gcc -O1 -fno-builtin -c -o "$out/memory.o" "$here/memory.c" || return
    export RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$out/target-$sanitizer
    export RUSTFLAGS="-Zsanitizer=$sanitizer -Zexternal-clangrt -Cforce-frame-pointers=yes -Cdebuginfo=1"
    # rustc has cc leave out its own libraries; a sanitizer's comes before all others.
    RUSTFLAGS+=" -Zpre-link-arg=-Wl,--push-state,--no-as-needed,-l${sanitizer:0:1}san,--pop-state"
    RUSTFLAGS+=" -Clink-arg=$out/memory.o"
    local common="log_path=$out/reports/$2 exitcode=66"
    export ASAN_OPTIONS="$common detect_leaks=1 strict_string_checks=1 detect_stack_use_after_return=1"
    export UBSAN_OPTIONS="$common print_stacktrace=1"
    export TSAN_OPTIONS="$common second_deadlock_stack=1 history_size=4 suppressions=$here/thread.supp"
    archive=$CARGO_TARGET_DIR/$target/debug/libtlsock.a
}

instrumented() { # SUBCOMMAND ARGUMENT...
    local subcommand=$1
    shift
    # The project's own crate, or that of fuzz/, which is told which library by `replay`.
    case " $* " in *" --manifest-path "*) ;; *) set -- --no-default-features --features "$backend" "$@" ;; esac
    nice -n "${SANITIZERS_NICE:-0}" "$cargo" "$subcommand" -Zbuild-std --target "$target" -j2 "$@"
}

libraries() {
    echo "$out/memory.o $archive $([ $backend != openssl ] || pkg-config --libs openssl) -lgcc_s -lpthread -lm -ldl"
}

# A program with a fault must be reported, or the tool is blind.
proves() { # FAULT WORDS-OF-THE-REPORT
    # The flags are several words on purpose.
    # shellcheck disable=SC2086
    gcc $cflags -Wno-error -D"$1" -o "$out/fault-$1" "$here/fault.c" -lpthread || return
    # It ends with an error, as it should.
    # shellcheck disable=SC2086
    env -u TSAN_OPTIONS -u ASAN_OPTIONS $memcheck "$out/fault-$1" >"$out/fault" 2>&1
    grep -q "$2" "$out/fault" || {
        echo "the tool did not report the fault $1"
        return 1
    }
}

c_programs() {
    instrumented rustc --lib --crate-type staticlib || return
    # What a sanitizer remembers grows with what was used: rounds.c counts descriptors and handles, not memory.
    TLSOCK_TEST_ROUNDS=200 make --no-print-directory -f tests/c/Makefile test-plain ALONE= PREFIX="$out" INCLUDEDIR="$PWD/include" CC=gcc \
        BUILD="$out/c-$sanitizer" CERTS="$certs" TEST_CFLAGS="$cflags" TEST_LIBS="$(libraries)"
}

# ---- the parts ----

rust_tests() {
    local skip=()
    case $sanitizer in
    # LeakSanitizer stops a process that strace counts the calls of.
    address)
        skip=(--skip a_round_trip_is_four_system_calls)
        proves OVERFLOW heap-buffer-overflow && proves LEAK "detected memory leaks"
        ;;
    thread) proves RACE "data race" ;;
    esac || return
    # Several words on purpose.
    # shellcheck disable=SC2086
    instrumented test ${SANITIZERS_TESTS:---tests} --features test-panic --no-fail-fast -- "${skip[@]}"
}

soak() {
    instrumented rustc --lib --crate-type staticlib || return
    # shellcheck disable=SC2046,SC2086
    gcc $cflags -o "$out/soak-$sanitizer" "$here/soak.c" $(libraries) || return
    TLSOCK_SOAK_SECONDS=$([ "$length" = long ] && echo 300 || echo 20) "$out/soak-$sanitizer" "$certs"
}

# The programs of fuzz/ without a fuzzer. COMMAND is what builds them.
replay() { # FOLDER-OF-THE-BUILD THREADS SHORT LONG COMMAND...
    local examples=$1/examples threads=$2 count=$3
    [ "$length" = short ] || count=$4
    shift 4
    # Not `checked`: its account of all handles has one lock, which orders the threads, and keeps freed memory.
    "$@" --manifest-path fuzz/Cargo.toml --examples --no-default-features --features "$backend" \
        --config profile.dev.package.tlsock.debug-assertions=false \
        --config profile.release.package.tlsock.debug-assertions=false || return
    rm -rf "$out/corpus"
    # shellcheck disable=SC2086
    "$examples/seeds" "$out/corpus" && $memcheck "$examples/replay" "$threads" 1 "$count" "$out/corpus/api"
}

api() {
    proves RACE "data race" && replay "$CARGO_TARGET_DIR/$target/debug" 2 500 10000 instrumented build
}

with_memcheck() { # PART-FUNCTION
    local memcheck="valgrind --quiet --error-exitcode=66 --leak-check=full" cflags=-g
    memcheck+=" --show-leak-kinds=definite --errors-for-leak-kinds=definite"
    unset RUSTFLAGS RUSTC_BOOTSTRAP
    export CARGO_TARGET_DIR=$out/target-plain
    proves OVERFLOW "Invalid write" && proves LEAK "definitely lost" && "$1"
}

memcheck_rust() {
    local runner
    runner=CARGO_TARGET_$(echo "$target" | tr 'a-z-' 'A-Z_')_RUNNER
    env "$runner=$memcheck" packaging/cargo.sh test --features test-panic --no-fail-fast
}

memcheck_api() {
    replay "$CARGO_TARGET_DIR/release" 1 50 2000 packaging/cargo.sh build --release
}

# The modules whose tests call no OpenSSL.
miri() {
    unset RUSTFLAGS
    CARGO_TARGET_DIR=$out/target-miri MIRIFLAGS=-Zmiri-disable-isolation "${nightly[@]}" miri test --lib -- ssl::outcome ssl::socket::parts
}

instrumented_parts() {
    if ! command -v gcc >/dev/null; then
        cannot rust "gcc is not installed" required
    elif cargo=$("$here/toolchain.sh" "$out/rust"); then
        for sanitizer in address thread; do
            for what in rust_tests c_programs soak api; do
                local name=$sanitizer-${what%_*}
                [ "$name" != address-api ] || continue
                ! has "$name" || { use "$sanitizer" "$name" && part "$name" "$what"; }
            done
        done
    else
        cannot rust "no Rust with its sources can be had here" required
    fi
}

main() {
    for name in {address,thread}-{rust,c,soak} thread-api; do
        has $name || continue
        (instrumented_parts; echo "$passed $failed $skipped" >"$out/sums")
        read -r passed failed skipped <"$out/sums"
        break
    done
    for what in rust api; do
        has valgrind-$what || continue
        if ! command -v valgrind >/dev/null; then
            cannot valgrind-$what "valgrind is not installed" required
        elif [ "$length-$what" = short-rust ]; then
            cannot valgrind-rust "only with 'long'; the C programs run under valgrind in \`make test\`"
        else
            part valgrind-$what with_memcheck memcheck_$what
        fi
    done
    if has miri; then
        # Only a nightly Rust has it, which need not be the one that builds.
        nightly=(cargo)
        cargo miri --version >/dev/null 2>&1 || nightly=(cargo +nightly)
        if "${nightly[@]}" miri --version >/dev/null 2>&1; then
            part miri miri
        else
            cannot miri "this Rust has no Miri (rustup component add --toolchain nightly miri rust-src)"
        fi
    fi

    echo
    echo "$passed passed, $failed failed, $skipped skipped"
    [ $failed -eq 0 ]
}

# All of it is read before any of it runs: it may be edited meanwhile.
main; exit
