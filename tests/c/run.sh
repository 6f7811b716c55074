#!/bin/sh
# Runs test programs and adds up. usage: run.sh SUITE DIRECTORY CERTS WRAPPER PROGRAM...
# WRAPPER goes in front of each program, such as "valgrind -q".
suite=$1 directory=$2 certs=$3 wrapper=$4
shift 4
passed=0 failed=0
unset SSL_CERT_FILE SSL_CERT_DIR SSLKEYLOGFILE
echo "$suite"
for program; do
    # The wrapper is several words on purpose.
    # shellcheck disable=SC2086
    $wrapper "$directory/$program" "$certs" >"$directory/$program.log" 2>&1
    status=$?
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$directory/$program.log" | tail -n 1)
    ok=$(echo "$line" | sed -n 's/^\([0-9]*\) passed.*/\1/p')
    bad=$(echo "$line" | sed -n 's/.* \([0-9]*\) failed$/\1/p')
    # A crash, a leak or a memory error counts as one failure at least.
    if [ "$status" -ne 0 ] && [ "${bad:-0}" -eq 0 ]; then bad=1; fi
    printf '  %-14s %s ok, %s not\n' "$program" "${ok:-0}" "${bad:-0}"
    [ -n "$line" ] || echo "    ended early, status $status"
    if [ "$status" -ne 0 ]; then grep -vE '^[0-9]+ passed, ' "$directory/$program.log" | head -n 40 | sed 's/^/    /'; fi
    passed=$((passed + ${ok:-0}))
    failed=$((failed + ${bad:-0}))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
