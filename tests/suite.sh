#!/bin/bash
# For `source`: runs suites of tests, a line for each in the order in which they are given, and at the end the sums alone on a
# line. Expects $logs, a folder, and $wanted, the names of the suites to run, all of them if it is empty.
# With CI=true a suite that cannot run has failed. SUITE_LIMIT is how many seconds one may take, SUITE_JOBS how many run side
# by side (1).
# shellcheck disable=SC2154
passed=0 failed=0 skipped=0
# Those that were started and are not told of yet.
untold=()
trap stop_suites EXIT
trap 'exit 1' INT TERM

# What a suite needs; the answer is the reason for skipping it.
lacks() {
    local need
    for need in "$@"; do
        case $need in
        */* | *.md) [ -e "$need" ] || { echo "$need is not there"; return; } ;;
        *) command -v "$need" >/dev/null || { echo "$need is not installed"; return; } ;;
        esac
    done
}

# Adds up "N passed", "N failed" and "N skipped" (cargo says "ignored") of a suite's own summaries.
sum() { # WORDS LOG
    grep -oE "(^|[^0-9.])[0-9]+ ($1)\b" "$2" | grep -oE '[0-9]+' | awk '{ sum += $1 } END { print sum + 0 }'
}

# Starts a suite once there is room for it.
suite() { # NAME NEEDS -- COMMAND...
    [ ${#wanted[@]} -eq 0 ] || [[ " ${wanted[*]} " == *" $1 "* ]] || return 0
    while [ "$(jobs -rp | wc -l)" -ge "${SUITE_JOBS:-1}" ]; do
        wait -n
        tell_suites
    done
    rm -f "$logs/$1.sums"
    untold+=("$1")
    run_suite "$@" >"$logs/$1.told" &
}

# One beside which no other may run.
suite_alone() { # as suite
    finish_suites
    suite "$@"
    finish_suites
}

# Prints the line of a suite, and keeps its sums: what passed, failed and was skipped.
run_suite() {
    local name=$1 needs=() reason log=$logs/$1.log started result good bad missed
    shift
    while [ "$1" != -- ]; do needs+=("$1"); shift; done
    shift
    reason=$(lacks "${needs[@]}")
    if [ -n "$reason" ]; then
        printf '%-10s skipped: %s%s\n' "$name" "$reason" "$([ "${CI:-}" != true ] || echo ' (a failure, as CI=true)')"
        echo "0 $([ "${CI:-}" != true ] && echo 0 || echo 1) 1" >"$logs/$name.sums"
        return
    fi
    started=$SECONDS
    # Without job control what runs in the background ignores SIGINT, which tests send.
    set -m
    timeout --kill-after=10 "${SUITE_LIMIT:-2400}" "$@" >"$log" 2>&1 </dev/null &
    set +m
    # shellcheck disable=SC2064
    trap "kill $!" TERM
    wait $!
    result=$?
    # In this shell: `times` in another would tell of that one's children.
    times >"$logs/$name.times"
    good=$(sum passed "$log") bad=$(sum failed "$log") missed=$(sum 'skipped|ignored' "$log")
    # A suite that only has an exit status is one test.
    if [ $result -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ $result -eq 0 ] && [ "$bad" -gt 0 ]; then result=1; fi
    if [ $result -eq 0 ] && [ "$good" -eq 0 ]; then good=1; fi
    printf '%-10s %-6s %d passed, %d failed, %d skipped in %d s, %d s of processor\n' "$name" \
        "$([ $result -eq 0 ] && echo ok || echo FAILED)" "$good" "$bad" "$missed" $((SECONDS - started)) "$(processor_seconds "$logs/$name.times")"
    grep -E '^SKIPPED' "$log" || true
    [ $result -eq 0 ] || { tell_failures "$log"; tail -n 60 "$log"; echo "(all of it: $log)"; }
    echo "$good $bad $missed" >"$logs/$name.sums"
}

# What all children of a shell had used when it wrote its `times`.
processor_seconds() { # TIMES
    awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); sum += t[1] * 60 + t[2] } } END { print int(sum) }' "$1"
}

# The lines around each test that failed: the end of a log may be far away from them.
tell_failures() { # LOG
    grep -nE -B 10 -A 20 '^ *(--- FAIL|not ok |FAILED |WARNING: DATA RACE|panic: )|--- FAILED$|panicked at' "$1" | head -n 120
    echo "(the end of the log)"
}

# Tells of those that have ended, up to the first that has not.
tell_suites() {
    local good bad missed
    while [ ${#untold[@]} -gt 0 ] && [ -s "$logs/${untold[0]}.sums" ]; do
        cat "$logs/${untold[0]}.told"
        read -r good bad missed <"$logs/${untold[0]}.sums"
        passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + missed))
        untold=("${untold[@]:1}")
    done
}

finish_suites() {
    wait
    tell_suites
}

# With this shell what it has started ends, too.
stop_suites() {
    local running
    running=$(jobs -rp)
    # shellcheck disable=SC2086
    [ -z "$running" ] || kill $running
}

# The sums, and as status whether all is well.
close_suites() {
    finish_suites
    echo
    echo "$passed passed, $failed failed, $skipped skipped"
    [ $failed -eq 0 ] && [ ${#untold[@]} -eq 0 ]
}
