# For `source`: makes the chroot of a distribution from the archive that this machine's apt is configured with, and runs
# commands in it. Expects $work, the folder of the chroots.
# shellcheck shell=bash disable=SC2154

# Sets how debootstrap is called, by the distribution's codename, and $reason where this machine cannot.
describe() { # DISTRIBUTION
    base=$1 updates=() components=main mirror='' keyring='' reason=''
    case $1 in
    testing | unstable | sid | forky) describe_debian sid ;;
    bookworm | trixie)
        describe_debian "$1"
        updates=("$mirror $1-updates")
        local security=${DEBIAN_SECURITY_MIRROR:-$(archive Debian-Security)}
        [ -z "$security" ] || updates+=("$security $1-security")
        ;;
    jammy | noble | resolute)
        describe_ubuntu
        updates=("$mirror $1-updates" "$mirror $1-security")
        ;;
    *) reason="unknown here: tests/distributions/chroot.sh lists the names" && return ;;
    esac
    if [ -z "$mirror" ]; then
        reason="apt has no archive of it on this machine: set DEBIAN_MIRROR or UBUNTU_MIRROR"
    elif [ ! -r "$keyring" ]; then
        reason="$keyring is not there: install debian-archive-keyring or ubuntu-keyring, or set UBUNTU_KEYRING"
    fi
}

describe_debian() { # SCRIPT
    script=$1 mirror=${DEBIAN_MIRROR:-$(archive Debian)} keyring=/usr/share/keyrings/debian-archive-keyring.gpg
}

# On a Debian, apt knows no archive of Ubuntu; many mirrors have it beside Debian's.
describe_ubuntu() {
    local debian
    debian=${DEBIAN_MIRROR:-$(archive Debian)}
    script=gutsy components='main universe' keyring=${UBUNTU_KEYRING:-/usr/share/keyrings/ubuntu-archive-keyring.gpg}
    mirror=${UBUNTU_MIRROR:-$(archive Ubuntu)}
    [ -n "$mirror" ] || mirror=$(sed -n 's|/debian/*$|/ubuntu|p' <<<"$debian")
}

archive() { # LABEL: its first address in this machine's apt
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | sed -n "s/^$1 //p" | head -n 1
}

# A system as its installer leaves it, with the updates of today, and make.
make_chroot() { # DISTRIBUTION FOLDER
    local line
    debootstrap --variant=minbase --include=make --keyring="$keyring" --components="${components// /,}" \
        "$1" "$2" "$mirror" "/usr/share/debootstrap/scripts/$script" || return
    {
        echo "deb $mirror $base $components"
        for line in "${updates[@]}"; do echo "deb $line $components"; done
    } >"$2/etc/apt/sources.list"
    apt-config dump | grep '^Acquire::[A-Za-z]' >"$2/etc/apt/apt.conf.d/90machine"
    inside "$2" root 'apt-get --quiet update && apt-get --quiet --yes dist-upgrade && useradd --create-home tester'
}

# What this machine knows about the registries of Rust, Go, Python and Node, for the homes of root and tester.
put_registries() { # FOLDER
    local home file
    for home in root home/tester; do
        for file in .npmrc .config/pip/pip.conf .pip/pip.conf .config/go/env .cargo/config.toml; do
            [ ! -e "$HOME/$file" ] || install -D -m 644 "$HOME/$file" "$1/$home/$file"
        done
    done
    [ ! -e /etc/pip.conf ] || install -m 644 /etc/pip.conf "$1/etc/pip.conf"
    cp -r /usr/local/share/ca-certificates "$1/usr/local/share/"
    inside "$1" root 'chown -R tester: /home/tester'
}

registry_variables() {
    env | grep -E '^(GO(PROXY|SUMDB|NOSUMDB|NOPROXY|PRIVATE|FLAGS)|PIP_[A-Z_]+|(NPM_CONFIG|npm_config)_[A-Za-z_]+|CARGO_(REGISTRIES|REGISTRY|NET|HTTP|SOURCE)_[A-Z_]+|([a-z]+|[A-Z]+)_(proxy|PROXY))='
}

# Mounts and processes are of this command alone and go with it. The shell in between does not become the command: that
# would forget that it is to die with `unshare` when it changes its user.
inside() { # FOLDER USER COMMAND
    local variables
    mapfile -t variables < <(registry_variables)
    cp -L /etc/resolv.conf /etc/hosts "$1/etc/"
    unshare --mount --pid --fork --kill-child bash -c '
        mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && mount -t tmpfs -o mode=1777 tmpfs "$1/dev/shm" &&
        mount --rbind /sys "$1/sys" || exit
        shift
        "$@"
        exit $?' _ "$1" \
        chroot "$1" setpriv --reuid="$2" --regid="$2" --init-groups \
        env -i "${variables[@]}" DEBIAN_FRONTEND=noninteractive ${CI:+CI="$CI"} ${SUITE_LIMIT:+SUITE_LIMIT="$SUITE_LIMIT"} \
        ${TLSOCK_TEST_SEED:+TLSOCK_TEST_SEED="$TLSOCK_TEST_SEED"} \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$([ "$2" = root ] && echo /root || echo "/home/$2")" \
        USER="$2" bash -c "$3" </dev/null
}
