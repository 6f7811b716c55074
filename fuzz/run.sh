#!/bin/bash
# Fuzzes every target, or those named: fuzz/run.sh [SECONDS [TARGET...]]. A line for each and at the end the sums.
# Exit status 0: no findings; 1: findings, whose inputs are in fuzz/artifacts; 3: something to fuzz with is missing.
set -uo pipefail
cd "$(dirname "$0")"

seconds=${1:-60}
shift || true
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(basename -s .rs fuzz_targets/*.rs)
triple=$(rustc -vV 2>/dev/null | sed -n 's/^host: //p')
build=$(realpath -m "${FUZZ_TARGET_DIR:-${CARGO_TARGET_DIR:-target}}")/$triple/release
logs=${FUZZ_LOGS:-../build/log/fuzz}
mkdir -p "$logs"

missing() {
    echo "fuzz: cannot run: $1"
    exit 3
}

backend=openssl
case ,${FEATURES:-}, in *,aws-lc,*) backend=aws-lc ;; esac

# What cargo-fuzz sets. The compiler of the project takes these flags when it believes to be a nightly one.
build_targets() {
    local runtime flags
    [ -n "$triple" ] || missing "there is no rustc"
    runtime=$(rustc --print sysroot)/lib/rustlib/$triple/lib
    ls "$runtime"/librustc*_rt.asan.a >/dev/null 2>&1 ||
        missing "this rustc comes without AddressSanitizer (a toolchain of rustup has it)"
    command -v c++ >/dev/null || missing "libFuzzer is built with a C++ compiler: install g++"
    flags="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
    flags+=" -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
    flags+=" -Cllvm-args=-sanitizer-coverage-trace-compares -Cllvm-args=-simplifycfg-branch-fold-threshold=0"
    flags+=" --cfg fuzzing -Zsanitizer=address -Cforce-frame-pointers"
    RUSTC_BOOTSTRAP=1 RUSTFLAGS=$flags CARGO_TARGET_DIR=${build%/"$triple"/release} \
        ../packaging/cargo.sh build --manifest-path Cargo.toml --quiet --release --bins --examples --target "$triple" \
        --no-default-features --features "libfuzzer,$backend" >"$logs/build.log" 2>&1 || {
        tail -n 30 "$logs/build.log"
        missing "the targets do not build (all of it: $logs/build.log)"
    }
}

executions=0 findings=0
one() { # TARGET
    local target=$1 log=$logs/$1.log runs coverage result started=$SECONDS
    mkdir -p "corpus/$target" "artifacts/$target"
    # What is freed is overwritten, so that OpenSSL, which is not instrumented, trips over it too.
    ASAN_OPTIONS=detect_leaks=1:max_free_fill_size=4096:free_fill_byte=221:malloc_context_size=20:quarantine_size_mb=64:${ASAN_OPTIONS:-} \
        "$build/$target" "corpus/$target" -max_total_time="$seconds" -artifact_prefix="artifacts/$target/" \
        -print_final_stats=1 -timeout=60 -rss_limit_mb=3000 -max_len="$(longest "$target")" \
        -len_control=0 -detect_leaks="$(at_each_input "$target")" \
        $([ ! -f "dictionaries/$target" ] || echo "-dict=dictionaries/$target") \
        >"$log" 2>&1
    result=$?
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -n 1)
    coverage=$(grep -oE 'cov: [0-9]+ ft: [0-9]+' "$log" | tail -n 1)
    executions=$((executions + ${runs:-0}))
    if [ $result -ne 0 ] || [ "${runs:-0}" -eq 0 ]; then
        findings=$((findings + 1))
        printf '%-16s FOUND  %d executions, see %s\n' "$target" "${runs:-0}" "$log"
        grep -aE '^(==[0-9]+==ERROR|SUMMARY|thread .* panicked|Test unit written)' -A 1 "$log" | head -n 12
    else
        printf '%-16s ok     %d executions in %d s, %s\n' "$target" "$runs" $((SECONDS - started)) "$coverage"
    fi
}

# Whether leaks are looked for after each input; they are at the end too. What a thread leaves to its system looks like one,
# and each look stops the process.
at_each_input() { # TARGET
    [ "$1" = waiting ] && echo 0 || echo 1
}

longest() { # TARGET
    case $1 in
    callbacks) echo 23 ;;
    unconnected | vouching | waiting) echo 120 ;;
    cert_time | hostname | pins) echo 300 ;;
    ticket_keys | stored_session) echo 600 ;;
    ciphers | api) echo 1000 ;;
    dh_params) echo 1200 ;;
    client_hello) echo 2000 ;;
    *) echo 8000 ;;
    esac
}

build_targets
"$build/examples/seeds" corpus || missing "the seeds cannot be made"
for target in "${targets[@]}"; do
    one "$target"
done
echo "fuzz: ${#targets[@]} targets, $executions executions, $findings findings"
[ $findings -eq 0 ]
