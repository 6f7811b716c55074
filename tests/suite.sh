#!/bin/bash
# For `source`: runs suites of tests, a line for each, and at the end the sums alone on a line. Expects $logs, a folder,
# and $wanted, the names of the suites to run, all of them if it is empty.
# With CI=true a suite that cannot run has failed. SUITE_LIMIT is how many seconds one may take.
# shellcheck disable=SC2154
passed=0 failed=0 skipped=0

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

suite() { # NAME NEEDS -- COMMAND...
    local name=$1 needs=() reason log=$logs/$1.log started result good bad missed
    shift
    [ ${#wanted[@]} -eq 0 ] || [[ " ${wanted[*]} " == *" $name "* ]] || return 0
    while [ "$1" != -- ]; do needs+=("$1"); shift; done
    shift
    reason=$(lacks "${needs[@]}")
    if [ -n "$reason" ]; then
        skipped=$((skipped + 1))
        [ "${CI:-}" != true ] || failed=$((failed + 1))
        printf '%-10s skipped: %s%s\n' "$name" "$reason" "$([ "${CI:-}" != true ] || echo ' (a failure, as CI=true)')"
        return
    fi
    started=$SECONDS
    timeout --kill-after=10 "${SUITE_LIMIT:-1200}" "$@" >"$log" 2>&1 </dev/null
    result=$?
    good=$(sum passed "$log") bad=$(sum failed "$log") missed=$(sum 'skipped|ignored' "$log")
    # A suite that only has an exit status is one test.
    if [ $result -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ $result -eq 0 ] && [ "$bad" -gt 0 ]; then result=1; fi
    if [ $result -eq 0 ] && [ "$good" -eq 0 ]; then good=1; fi
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + missed))
    printf '%-10s %-6s %d passed, %d failed, %d skipped in %d s\n' "$name" \
        "$([ $result -eq 0 ] && echo ok || echo FAILED)" "$good" "$bad" "$missed" $((SECONDS - started))
    grep -E '^SKIPPED' "$log" || true
    [ $result -eq 0 ] || { tail -n 60 "$log"; echo "(all of it: $log)"; }
}

# The sums, and as status whether all is well.
close_suites() {
    echo
    echo "$passed passed, $failed failed, $skipped skipped"
    [ $failed -eq 0 ]
}
