#!/bin/bash
# Runs the README's commands on other systems than this one: each in a chroot of a distribution with nothing in it but what
# its installer brings, its updates, and make. usage: run.sh, with these variables:
#   DISTRIBUTIONS  codenames                          (bookworm trixie noble testing)
#   COMMANDS       targets of make                    (demo test)
#   SUITES         for `make test`, some of its suites
#   TLSOCK_TEST_SEED  the order of its tests: a number, or random
#   AS=tester      by an ordinary user, after root has made deps
#   KEEP=1         leaves the chroot, and goes on in one that was left: with what was installed and built there
#   CHROOTS        where they are made                (/var/tmp/tlsock-distributions)
#   DEBIAN_MIRROR, DEBIAN_SECURITY_MIRROR, UBUNTU_MIRROR  an archive, instead of this machine's apt's; UBUNTU_KEYRING its keys
#
#   run.sh --in DISTRIBUTION COMMAND   runs a command of the shell in the sources in a chroot that was left
#
# What is committed is tested. Root is needed, for chroot. A distribution that cannot be had is skipped, with the reason;
# with CI=true that is a failure.
set -uo pipefail
cd "$(dirname "$0")/../.."
work=${CHROOTS:-/var/tmp/tlsock-distributions}
logs=build/log
user=${AS:-root}
passed=0 failed=0 skipped=0
. tests/distributions/chroot.sh

skip() { # DISTRIBUTION REASON
    skipped=$((skipped + 1))
    [ "${CI:-}" != true ] || failed=$((failed + 1))
    printf '%-10s SKIPPED: %s\n' "$1" "$2"
}

put_sources() { # FOLDER
    local sources=$1/srv/tlsock
    if [ -d "$sources" ]; then
        chown -R "$(id -u)" "$sources"
        git -C "$sources" fetch --quiet "$PWD" HEAD && git -C "$sources" checkout --quiet --force --detach FETCH_HEAD
    else
        git clone --quiet --no-local "$PWD" "$sources"
    fi && chroot "$1" chown -R "$user:" /srv/tlsock
}

prepare() { # DISTRIBUTION FOLDER
    if [ ! -e "$2.made" ]; then
        rm -rf --one-file-system "$2"
        make_chroot "$1" "$2" || return
        touch "$2.made"
    fi
    put_registries "$2" && put_sources "$2"
}

# The sums are those of the command's last line that has some.
play() { # DISTRIBUTION FOLDER TARGET
    local log=$logs/$1-$3.log started=$SECONDS result=0 sums
    inside "$2" "$user" "cd /srv/tlsock && make $3${SUITES:+ SUITES=\"$SUITES\"}" >"$log" 2>&1 || result=$?
    sums=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
    printf '%-10s make %s%s: %s%s, in %d s\n' "$1" "$3" "$([ "$user" = root ] || echo ", not as root")" \
        "$([ $result -eq 0 ] && echo ok || echo FAILED)" "${sums:+, $sums}" $((SECONDS - started))
    grep -E '^[a-z]+ +(FAILED|skipped)|^SKIPPED' "$log" | sed 's/^/    /'
    if [ $result -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        tail -n 20 "$log" | sed 's/^/    /'
        echo "    (all of it: $log)"
    fi
}

try() { # DISTRIBUTION
    local folder=$work/$1 target
    describe "$1"
    [ -z "$reason" ] || { skip "$1" "$reason"; return; }
    if ! prepare "$1" "$folder" >"$logs/$1.log" 2>&1; then
        skip "$1" "it could not be made: $(tail -n 1 "$logs/$1.log") ($logs/$1.log)"
        return
    fi
    [ "$user" = root ] || inside "$folder" root 'cd /srv/tlsock && make deps' >>"$logs/$1.log" 2>&1
    for target in ${COMMANDS:-demo test}; do play "$1" "$folder" "$target"; done
    [ -n "${KEEP:-}" ] || rm -rf --one-file-system "$folder" "$folder.made"
}

if [ "${1:-}" = --in ]; then
    inside "$work/$2" "$user" "cd /srv/tlsock && $3"
    exit
fi
[ "$(id -u)" = 0 ] || { echo "test-distributions: chroot needs root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "test-distributions: debootstrap is not installed" >&2; exit 2; }
mkdir -p "$work" "$logs"
for distribution in ${DISTRIBUTIONS:-bookworm trixie noble testing}; do try "$distribution"; done
[ -n "${KEEP:-}" ] || rmdir "$work" 2>/dev/null
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
