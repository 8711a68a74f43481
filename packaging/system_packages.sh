#!/usr/bin/env bash
# Makes sure that the system has what a Python package cannot bring: Python's venv, OpenGL and X11 libraries, a
# virtual screen. As root on Debian or Ubuntu it installs what is missing; otherwise it says what to run, and fails
# only where something is really not there, whatever the distribution.
#
#   packaging/system_packages.sh PYTHON [interop]
#
# "interop" adds the programs that the tests of `make test-all` open our files with; those may be absent.
set -euo pipefail

python=$1

# Debian package, then how to see that what it brings is there: a shared library, or a command.
needed="
libegl1 libEGL.so.1
libgl1 libGL.so.1
libglib2.0-0 libglib-2.0.so.0
libdbus-1-3 libdbus-1.so.3
libfontconfig1 libfontconfig.so.1
libxkbcommon0 libxkbcommon.so.0
libxkbcommon-x11-0 libxkbcommon-x11.so.0
libxcb-cursor0 libxcb-cursor.so.0
libxcb-icccm4 libxcb-icccm.so.4
libxcb-image0 libxcb-image.so.0
libxcb-keysyms1 libxcb-keysyms.so.1
libxcb-randr0 libxcb-randr.so.0
libxcb-render-util0 libxcb-render-util.so.0
libxcb-shape0 libxcb-shape.so.0
libxcb-xkb1 libxcb-xkb.so.1
libx11-xcb1 libX11-xcb.so.1
xvfb command:xvfb-run
xauth command:xauth
"
# Drawing without a graphics card; a maker's own driver may stand in for it.
wanted="
libgl1-mesa-dri software-gl
"
interop="
blender command:blender
assimp-utils command:assimp
nodejs command:node
npm command:npm
"

libraries=$( (ldconfig -p 2>/dev/null || /sbin/ldconfig -p) | awk '{print $1}')

is_there() {
    case $1 in
    command:*) command -v "${1#command:}" >/dev/null ;;
    software-gl)
        [ -n "$(find /usr/lib /usr/lib64 \( -name swrast_dri.so -o -name 'libgallium-*.so' \) -print -quit 2>/dev/null)" ]
        ;;
    *) grep -qxF "$1" <<<"$libraries" ;;
    esac
}

missing_of() {
    while read -r package probe; do
        if [ -n "$package" ] && ! is_there "$probe"; then
            echo "$package"
        fi
    done <<<"$1"
}

fatal=$(missing_of "$needed")
if ! "$python" -c "import ensurepip, venv" 2>/dev/null; then
    fatal="$fatal $("$python" -c "import sys; print('python%d.%d-venv' % sys.version_info[:2])")"
fi
missing="$fatal $(missing_of "$wanted")"
if [ "${2:-}" = interop ]; then
    missing="$missing $(missing_of "$interop")"
    # Blender's own Python needs the system's numpy for its importers.
    dpkg -s python3-numpy >/dev/null 2>&1 || missing="$missing python3-numpy"
fi
missing=$(echo $missing)  # one line
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "Missing on this system (names of the Debian packages): $missing" >&2
elif [ "$(id -u)" -eq 0 ]; then
    echo "Installing system packages: $missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    # shellcheck disable=SC2086
    apt-get -qq -y -o DPkg::Lock::Timeout=600 install --no-install-recommends $missing >/dev/null
    exit 0
else
    echo "Please run:  sudo apt-get install --no-install-recommends $missing" >&2
fi
[ -z "$(echo $fatal)" ] || exit 1
