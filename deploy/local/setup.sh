#!/bin/sh
# Makes a virtual environment with one dependency group, and installs the system's packages: setup.sh GROUP [FOLDER]
# A second call with nothing changed is over at once.
set -eu

group=$1 venv=${2:-.venv}
cd "$(dirname "$0")/../.."
PATH=$PATH:/usr/local/sbin:/usr/sbin
stamp=$venv/.set-up-$group
state=$(cat pyproject.toml constraints.txt deploy/local/setup.sh | sha256sum)
if [ "$(cat "$stamp" 2>/dev/null)" = "$state" ]; then exit 0; fi

say() { printf '\n%s\n' "$*" >&2; }

# Prints a Python that is new enough; the one that constraints.txt was made with, if it is there.
find_python() {
    for python in ${PYTHON:-} python3.11 python3 python3.12 python3.13 python3.14; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    say "Timbre needs Python 3.11 or later. Install it, or name it: PYTHON=/path/to/python3.11 make $group"
    return 1
}

has_library() { ldconfig -p | grep -q "$1"; }

# Prints the Debian packages that are not there, found by what they bring, so that other systems' packages count too.
missing_packages() {
    command -v nginx >/dev/null || echo nginx-light
    command -v envsubst >/dev/null || echo gettext-base
    has_library libflite.so.1 || echo libflite1
    has_library libespeak-ng.so.1 || echo libespeak-ng1
    [ -n "$(ls -d /usr/lib/*/espeak-ng-data /usr/share/espeak-ng-data 2>/dev/null)" ] || echo espeak-ng-data
    # pyworld is compiled
    command -v g++ >/dev/null || echo g++
    "$python" -c 'import os, sysconfig; os.stat(sysconfig.get_path("include") + "/Python.h")' 2>/dev/null || echo python3-dev
    "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    if [ "$group" = test ]; then
        command -v openssl >/dev/null || echo openssl
        command -v wrk >/dev/null || echo wrk # makes the load of `make bench`
    fi
}

install_packages() {
    if ! command -v apt-get >/dev/null; then
        say "Please install what Debian calls: $*"
        return 1
    fi
    as_root=
    if [ "$(id -u)" != 0 ]; then
        as_root=sudo
        if ! command -v sudo >/dev/null; then
            say "Please install these packages as root, then call make again: apt-get install $*"
            return 1
        fi
    fi
    say "Installing $* ..."
    $as_root apt-get update -qq
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    case $* in
    *nginx*) # the package starts an NGINX of its own on port 80, which nobody asked for
        $as_root systemctl disable -q --now nginx 2>/dev/null || true
        ;;
    esac
}

python=$(find_python)
packages=$(missing_packages)
# shellcheck disable=SC2086  # one word a package
if [ -n "$packages" ]; then install_packages $packages; fi

say "Setting up $venv ..."
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install -q --disable-pip-version-check 'pip>=25.1'
"$venv/bin/python" -m pip install -q --disable-pip-version-check --group "$group" -c constraints.txt
# torchaudio's libraries are built for CUDA, and it fails where they cannot be loaded; nothing here needs them
rm -f "$venv"/lib/python*/site-packages/torchaudio/lib/*.so
echo "$state" >"$stamp"
