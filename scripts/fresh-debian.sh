# shellcheck shell=bash
# A fresh Debian 12 in a folder, with a person who has a user manager of systemd. Source it after lib.sh. Needs root.
#
# What runs in it has mounts and processes of its own, which go away with it.

readonly person=alice person_id=1000

# debian_sources: this machine's own sources of Debian, as lines of sources.list.
debian_sources() {
    # shellcheck disable=SC2016  # apt's own
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 'Origin: Debian' 'Component: main' | grep ' bookworm' | sort -u
}

# make_debian ROOT: of the packages that every Debian has. A second root is copied from the first.
make_debian() {
    local root=$1 base=$1.base mirror
    mirror=$(debian_sources | awk '$3 == "bookworm" { print $2; exit }')
    [[ -n $mirror ]] || die "apt knows no source of Debian 12"
    if [[ ! -d $base ]]; then
        rm -rf "$base.new"
        debootstrap --variant=minbase bookworm "$base.new" "$mirror"
        mv "$base.new" "$base"
    fi
    rm -rf "$root"
    cp -a "$base" "$root"
    debian_sources >"$root/etc/apt/sources.list"
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    in_debian "$root" useradd --create-home --uid "$person_id" --shell /bin/bash "$person"
}

# in_debian ROOT COMMAND...: as root.
in_debian() {
    # shellcheck disable=SC2016  # for the shell inside
    unshare --mount --pid --fork --kill-child sh -c '
        set -e
        root=$1
        shift
        mount --rbind /dev "$root/dev"
        mount -t proc proc "$root/proc"
        exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin HOME=/root TERM=dumb DEBIAN_FRONTEND=noninteractive "$@"
    ' sh "$@"
}

# Groups of processes for the user manager, in each hierarchy of this machine that systemd would use.
make_control_groups() {
    local hierarchy
    for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/unified; do
        [[ -e $hierarchy/cgroup.procs ]] || continue
        mkdir -p "$hierarchy/$1"
        chown "$person_id" "$hierarchy/$1" "$hierarchy/$1"/cgroup.{procs,subtree_control,threads} 2>/dev/null || true
        echo "$hierarchy/$1"
    done
}

# as_person ROOT COMMAND...: as the person, with the user manager that a login starts.
as_person() {
    local root=$1 group=signet-try-$$ status=0
    local -a groups
    shift
    mapfile -t groups < <(make_control_groups "$group")
    # shellcheck disable=SC2016  # for the shells inside
    unshare --mount --pid --fork --kill-child sh -c '
        set -e
        root=$1 person=$2 id=$3 groups=$4
        shift 4
        for group in $groups; do echo 0 >"$group/cgroup.procs"; done
        mount --rbind /dev "$root/dev"
        mount -t proc proc "$root/proc"
        mount --rbind /sys "$root/sys"
        mount -t tmpfs none "$root/run"
        # systemd looks for this folder to see what has booted the machine.
        mkdir -p "$root/run/systemd/system" "$root/run/user/$id"
        chown "$id" "$root/run/user/$id"
        chmod 0700 "$root/run/user/$id"
        exec chroot "$root" setpriv --reuid "$id" --regid "$id" --init-groups env -i PATH=/usr/bin HOME="/home/$person" \
            USER="$person" LC_ALL=C.UTF-8 XDG_RUNTIME_DIR="/run/user/$id" sh -c "
                /lib/systemd/systemd --user &
                until systemctl --user is-active --quiet default.target 2>/dev/null; do
                    kill -0 \$! || exit 1
                    sleep 0.1
                done
                exec \"\$@\"" sh "$@"
    ' sh "$root" "$person" "$person_id" "${groups[*]}" "$@" || status=$?
    remove_control_groups "${groups[@]}"
    return "$status"
}

# They are empty, or nearly: what was in them has been killed.
remove_control_groups() {
    local group tries
    for group in "$@"; do
        for ((tries = 0; tries < 100; tries++)); do
            find "$group" -depth -type d -exec rmdir {} + 2>/dev/null && break
            sleep 0.05
        done
    done
}
