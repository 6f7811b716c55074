#!/bin/bash
# Installs by apt what building and testing needs and this machine lacks, as root or by sudo. Leaves no service running,
# and does not touch a toolchain that is new enough.
# usage: deps.sh [integration]: also the servers that `make integration` talks to
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-}

missing=() wanted=()
need() { # PACKAGE COMMAND...
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}
# What a few tests do without, and say so: only where the distribution has it.
want() { # PACKAGE COMMAND...
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || [ "$(candidate "$package")" = 0 ] || wanted+=("$package")
}
tool() { need "$1" command -v "$2"; }
# AWS-LC's functions are read from its headers while the library is built.
has_libclang() {
    [ -n "${LIBCLANG_PATH:-}" ] ||
        find /usr/lib -maxdepth 3 \( -name 'libclang.so*' -o -name 'libclang-[0-9]*.so*' \) 2>/dev/null | grep -q .
}
has_cffi() { packaging/python.sh -c 'import cffi' || /usr/bin/python3 -c 'import cffi'; }

find_missing() {
    missing=() wanted=()
    tool gcc cc
    tool g++ c++
    tool binutils nm
    tool pkg-config pkg-config
    need libssl-dev pkg-config --exists 'openssl >= 3.0'
    find_archives
    need libc6-dev test -e /usr/include/stdio.h
    need ca-certificates test -d /etc/ssl/certs
    tool cmake cmake
    case ,${FEATURES:-}, in *,aws-lc,*) need libclang-dev has_libclang ;; esac
    tool curl curl
    tool openssl openssl
    tool python3 python3
    need python3-pytest packaging/python.sh -c 'import pytest'
    need python3-cffi has_cffi
    tool luajit luajit
    tool valgrind valgrind
    tool nodejs node
    need nginx-light env PATH="$PATH:/usr/sbin" sh -c 'command -v nginx'
    need haproxy env PATH="$PATH:/usr/sbin" sh -c 'command -v haproxy'
    tool strace strace
    tool abigail-tools abidiff
    find_token
    if [ -d bindings/go ]; then tool golang-go go; fi
    if [ -d bindings/node ]; then tool npm npm; fi
    if [ "$purpose" = integration ]; then find_servers; fi
    if ! packaging/cargo.sh --version >/dev/null 2>&1; then find_rust; fi
}

# What a program without shared libraries needs beside OpenSSL, which tells it once it is there.
find_archives() {
    local flag
    for flag in $(pkg-config --static --libs-only-l openssl 2>/dev/null); do
        case $flag in
        -lz) need zlib1g-dev has_archive z ;;
        -lzstd) need libzstd-dev has_archive zstd ;;
        -lbrotli*) need libbrotli-dev has_archive brotlicommon ;;
        esac
    done
}

# A compiler that does not find it repeats the name alone.
has_archive() { # NAME
    test -e "$(cc -print-file-name="lib$1.a")"
}

# For a key in a token: Debian 12 has SoftHSM, but not the provider, without which it is of no use.
find_token() {
    want pkcs11-provider has_provider pkcs11
    if [ ${#wanted[@]} -gt 0 ] || has_provider pkcs11; then want softhsm2 command -v softhsm2-util; fi
}

has_provider() { # NAME
    test -e "$(pkg-config --variable=modulesdir libcrypto)/$1.so"
}

find_servers() {
    need postgresql sh -c 'ls /usr/lib/postgresql/*/bin/postgres'
    need mariadb-server env PATH="$PATH:/usr/sbin" sh -c 'command -v mariadbd'
    tool redis-server redis-server
    need mosquitto env PATH="$PATH:/usr/sbin" sh -c 'command -v mosquitto'
}

# Debian 12 has a new Rust as rustc-web, Ubuntu as rustc-1.NN.
find_rust() {
    local needed suffix package
    needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    for suffix in "" -web $(apt-cache pkgnames rustc-1. 2>/dev/null | sed -n 's/^rustc\(-1\.[0-9]*\)$/\1/p' | sort -rV); do
        if dpkg --compare-versions "$(candidate "rustc$suffix")" ge "$needed"; then
            missing+=("cargo$suffix" "rustc$suffix")
            for package in "rustfmt$suffix" "rust$suffix-clippy"; do
                [ "$(candidate "$package")" = 0 ] || missing+=("$package")
            done
            return
        fi
    done
    missing+=("cargo>=$needed")
}

candidate() {
    apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: \([0-9].*\)/\1/p' | grep . || echo 0
}

refuse() {
    echo "tlsock needs these packages: ${missing[*]}" >&2
    echo "$1" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# A server that is only here to be tested against shall not be started, now or at the next boot.
install_quietly() { # PACKAGE...
    local policy=/usr/sbin/policy-rc.d ours=
    if [ ! -e $policy ]; then
        ours=$policy
        printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
        as_root chmod 755 $policy
    fi
    local result=0
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@" || result=$?
    [ -z "$ours" ] || as_root rm -f "$ours"
    if [ -d /run/systemd/system ]; then
        local service
        for service in nginx postgresql mariadb redis-server mosquitto; do
            [[ " $* " != *" $service"* ]] || as_root systemctl disable --quiet $service || true
        done
    fi
    return $result
}

install_missing() {
    echo "installing: ${missing[*]} ${wanted[*]}"
    install_quietly "${missing[@]}" "${wanted[@]}"
}

find_missing
[ ${#missing[@]} -gt 0 ] || [ ${#wanted[@]} -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    [ ${#missing[@]} -gt 0 ] || exit 0
    refuse "Neither root nor sudo: have them installed, then run make again."
fi
command -v apt-get >/dev/null || refuse "Install them with this system's package manager."
as_root apt-get update --quiet --quiet
find_missing
for package in "${missing[@]}"; do
    case $package in
    *'>='*) refuse "No Rust that is new enough is packaged here: install it from https://rustup.rs" ;;
    esac
done
install_missing
missing=() wanted=()
find_archives
[ ${#missing[@]} -eq 0 ] || install_missing
