#!/bin/bash
# Runs tests/c/ktls.c under a Linux kernel that has TLS: in a virtual machine without acceleration, so that it works
# where this machine's kernel has none. usage: run.sh PREFIX
# Exit status 0: passed; 1: failed; 3: something is missing, which is named.
set -euo pipefail
cd "$(dirname "$0")/../.."

prefix=$(realpath "${1:?usage: tests/ktls/run.sh PREFIX}")
work=build/ktls
root=$work/root

missing() {
    echo "ktls: cannot run: $1"
    exit 3
}

# A kernel and its module from Debian, unpacked and not installed.
get_kernel() {
    local package
    [ -z "$(find $work/kernel -name 'vmlinuz-*' 2>/dev/null)" ] || return 0
    package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/^ *Depends: //p' | head -n 1)
    [ -n "$package" ] || missing "apt knows no linux-image-cloud-amd64 (this needs Debian on amd64)"
    mkdir -p $work/kernel
    (cd $work/kernel && apt-get download "$package" >download.log 2>&1) || missing "$package cannot be fetched by apt"
    dpkg -x $work/kernel/*.deb $work/kernel
}

# A program, and the libraries it is linked with at the places where it looks for them.
put_program() { # FILE NAME
    local library
    cp "$1" "$root/$2"
    ldd "$1" | grep -oE '/[^ )]+' | sort -u | while read -r library; do
        mkdir -p "$root$(dirname "$library")"
        cp -L "$library" "$root$library"
    done
}

fill_root() {
    rm -rf $root
    mkdir -p $root/{proc,dev,tmp,certs,modules}
    "${CC:-cc}" -O1 -Wall -Wextra -Werror -static -o $root/init tests/ktls/init.c
    make --no-print-directory --silent -C tests/c PREFIX="$prefix" BUILD="$PWD/$work/c" PROGRAMS=ktls \
        certificates "$PWD/$work/c/plain/ktls"
    put_program $work/c/plain/ktls test
    cp $work/c/certs/* $root/certs
    put_modules libchacha libpoly1305 gf128mul ctr ghash-generic gcm chacha_generic poly1305_generic chacha20poly1305 tls
}

# In the order in which they need each other; what a kernel has built in is no module.
put_modules() { # NAME...
    local name file number=10
    for name in "$@"; do
        file=$(find $work/kernel -name "$name.ko")
        [ -z "$file" ] || cp "$file" "$root/modules/$number-$name.ko"
        number=$((number + 1))
    done
    [ -e $root/modules/*-tls.ko ] || missing "the kernel in $work/kernel has no module tls.ko"
}

for tool in qemu-system-x86_64:qemu-system-x86 cpio:cpio; do
    command -v "${tool%:*}" >/dev/null || missing "${tool#*:} is not installed"
done
get_kernel
fill_root
(cd $root && find . | cpio --quiet -o -H newc) | gzip -1 >$work/initrd
timeout --foreground 900 qemu-system-x86_64 -accel tcg -cpu max -m 1024 -display none -vga none -monitor none -serial stdio \
    -no-reboot -net none \
    -kernel "$(find $work/kernel -name 'vmlinuz-*' | head -n 1)" -initrd $work/initrd \
    -append "console=ttyS0 quiet panic=-1" </dev/null 2>&1 | tr -d '\r' >$work/log || true
grep -aE '^(init: |[^ ]*ktls\.c:|the test ended|[0-9]+ passed)' $work/log || tail -n 30 $work/log
grep -aqx 'the test ended with 0' $work/log
