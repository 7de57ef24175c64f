# shellcheck shell=bash
# What the scripts of this folder share. Source it; it changes to the top of the source tree.

set -euo pipefail
shopt -s inherit_errexit

cd "$(dirname "${BASH_SOURCE[0]}")/.."
source_dir=$PWD

# The same source compiled in another folder hits the same cache.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$source_dir} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}

die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# Exit status by which ctest knows a test that could not run.
readonly skipped_status=77

# For scripts that are tests: a missing program skips at home and fails where CI=true.
require_program() {
    command -v "$1" >/dev/null && return
    printf 'missing: %s\n' "$1" >&2
    [[ ${CI:-} == true ]] && exit 1
    exit "$skipped_status"
}

# The files of the tree that are tracked or new, of these suffixes (default: all), one a line. A source archive has no
# git, and git refuses a tree of another user.
source_files() {
    local suffix
    local -a names=()
    for suffix in "$@"; do names+=("*.$suffix"); done
    if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git ls-files --cached --others --exclude-standard -- "${names[@]}" | while read -r file; do
            [[ ! -f $file ]] || echo "$file"
        done
    else
        find . -type d \( -name '.?*' -o -path ./build -o -path './quickstart*' \) -prune -o -type f -printf '%P\n' |
            grep -E "${*:+\\.(}$(IFS='|' && echo "$*")${*:+)\$}"
    fi | sort
}

# packages_of SECTION...: the packages of these sections of scripts/dependencies.txt, one a line.
packages_of() {
    local section
    for section in "$@"; do
        grep -qx "\[$section\]" "$source_dir/scripts/dependencies.txt" || die "no section [$section]"
    done
    awk -v wanted=" $* " '
        { sub(/#.*/, "") }
        /^\[/ { gsub(/[][ ]/, ""); inside = index(wanted, " " $0 " "); next }
        NF && inside { print $1 }' "$source_dir/scripts/dependencies.txt"
}

missing_packages() {
    local installed package
    # dpkg-query fails when any package is unknown to it; what it lists is right all the same.
    # shellcheck disable=SC2016  # the braces are dpkg-query's own
    installed=$(packages_of "$@" | xargs dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null |
        sed -n 's/^installed //p') || true
    while read -r package; do
        grep -qxF "$package" <<<"$installed" || printf '%s\n' "$package"
    done < <(packages_of "$@")
}

# install_packages LOG SECTION...: installs what is missing; silent when nothing is.
install_packages() {
    local log=$1 missing
    shift
    command -v dpkg-query >/dev/null || die "this needs Debian 12: scripts/dependencies.txt lists its packages"
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]} == 0)) && return
    local -a as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            die "packages are missing, and neither root nor sudo is here to install them:
    apt-get install --no-install-recommends ${missing[*]}"
        as_root=(sudo)
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    mkdir -p "$(dirname "$log")"
    run_logged "$log" "${as_root[@]}" apt-get update
    run_logged "$log" "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"
}

# run_logged LOG COMMAND...: output goes to the log; when the command fails, its end is shown. The command may be
# a function, which stops at its first failure as long as run_logged itself is not part of a condition.
run_logged() {
    local log=$1 status start
    shift
    start=$(stat -c %s "$log" 2>/dev/null || echo 0)
    set +e
    (set -e; "$@") >>"$log" 2>&1 </dev/null
    status=$?
    set -e
    ((status == 0)) && return
    printf '%s failed (status %d); the end of %s:\n' "$1" "$status" "$log" >&2
    tail -c "+$((start + 1))" "$log" | tail -n "${SIGNET_LOG_TAIL:-40}" >&2
    return "$status"
}

# Parallel compilations: one a processor, but none without about 1 GiB of memory for it.
build_jobs() {
    local processors memory
    processors=$(nproc)
    memory=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
    ((memory < 1)) && memory=1
    echo $((memory < processors ? memory : processors))
}
