#!/usr/bin/env bash
# Makes .venv with exactly the packages of requirements.lock. Quick when they are already there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export UV_PYTHON_DOWNLOADS=never
export PIP_DISABLE_PIP_VERSION_CHECK=1
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}"

say() { printf '  · %s\n' "$*"; }
refuse() {
    printf '  ✗ %s\n' "$@" >&2
    exit 1
}

stamp=.muster/stamps/python
wanted=$(cat requirements.lock pyproject.toml deploy/local/bootstrap.lock | sha256sum | cut -d' ' -f1)
if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

python=$(command -v python3.11 || true)
if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
    refuse 'Muster needs Python 3.11, and there is no python3.11 on the PATH.' \
        'Debian 12: apt-get install python3.11 python3.11-venv. Elsewhere: pyenv install 3.11.'
fi

tool=.muster/tools/bootstrap
if ! [ -x "$tool/bin/uv" ] || ! cmp -s deploy/local/bootstrap.lock "$tool/lock"; then
    say 'Getting uv, which installs the packages'
    rm -rf "$tool"
    mkdir -p .muster/tools
    if ! "$python" -m venv "$tool" >"$tool.log" 2>&1; then
        cat "$tool.log" >&2
        rm -rf "$tool" "$tool.log"
        refuse 'This Python cannot make virtual environments. Debian: apt-get install python3.11-venv.'
    fi
    rm -f "$tool.log"
    "$tool/bin/python" -m pip install --quiet --require-hashes -r deploy/local/bootstrap.lock
    cp deploy/local/bootstrap.lock "$tool/lock"
fi

# whoever told pip of a mirror means uv as well
index=$("$tool/bin/python" -m pip config get global.index-url 2>/dev/null || true)
index=${PIP_INDEX_URL:-$index}
if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    export UV_DEFAULT_INDEX="$index"
fi

say 'Installing the Python packages of requirements.lock (a few minutes the first time)'
[ -x .venv/bin/python ] || "$tool/bin/uv" venv --quiet --python "$python" .venv
"$tool/bin/uv" pip sync --quiet --python .venv/bin/python --require-hashes requirements.lock
"$tool/bin/uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
mkdir -p "$(dirname "$stamp")"
printf '%s' "$wanted" >"$stamp"
