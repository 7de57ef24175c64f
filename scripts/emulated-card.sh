# shellcheck shell=bash
# An emulated PIV card in the reader of a pcscd that sees no other. Source it after lib.sh.
#
# Both run in mount and network namespaces of their own: pcscd's socket is always /run/pcscd/pcscd.comm, and its
# vpcd listens on all addresses.

readonly vpcd_driver=/usr/lib/pcsc/drivers/serial/libifdvpcd.so vpcd_port=35963
card_pids=()

# wait_until COMMAND...: for at most ten seconds.
wait_until() {
    local tries=0
    until "$@" 2>/dev/null; do
        ((++tries < 1000)) || return 1
        sleep 0.01
    done
}

# start_card EMULATOR FOLDER: the card's memory and all else is in FOLDER. Sets PCSCLITE_CSOCK_NAME.
start_card() {
    local emulator=$1 folder=$2 holder
    local -a unshare=(unshare --mount --net) enter
    ((EUID == 0)) || unshare+=(--map-root-user)
    "${unshare[@]}" true 2>/dev/null || die "the kernel permits no namespaces here, which the private pcscd needs"
    rm -rf "$folder/run" "$folder/readers" "$folder/control"
    mkdir -p "$folder/run/pcscd" "$folder/readers"
    # The drivers' own folder is hidden from pcscd, so that it looks at no real reader.
    cp "$vpcd_driver" "$folder/"
    cat >"$folder/readers/vpcd" <<END
FRIENDLYNAME "Emulated Reader"
DEVICENAME /dev/null:$vpcd_port
LIBPATH $folder/${vpcd_driver##*/}
CHANNELID $vpcd_port
END
    # shellcheck disable=SC2016  # for the shell inside
    "${unshare[@]}" -- sh -c '
        set -e
        mount --bind "$1/run" /run
        mount -t tmpfs none /usr/lib/pcsc/drivers
        ip link set lo up
        touch "$1/run/ready"
        exec setpriv --pdeathsig KILL sleep infinity' sh "$folder" </dev/null >"$folder/namespace.log" 2>&1 &
    holder=$!
    card_pids+=("$holder")
    wait_until test -e "$folder/run/ready" || die "no namespaces: $(<"$folder/namespace.log")"
    enter=(nsenter --target "$holder" --mount --net)
    ((EUID == 0)) || enter+=(--user --preserve-credentials)
    "${enter[@]}" -- setpriv --pdeathsig KILL -- /usr/sbin/pcscd --foreground --config "$folder/readers" \
        </dev/null >"$folder/pcscd.log" 2>&1 &
    card_pids+=($!)
    "${enter[@]}" -- setpriv --pdeathsig KILL -- "$emulator" --port "$vpcd_port" --state "$folder/card" \
        --control "$folder/control" </dev/null >"$folder/card.log" 2>&1 &
    card_pids+=($!)
    export PCSCLITE_CSOCK_NAME=$folder/run/pcscd/pcscd.comm
    wait_until test -S "$PCSCLITE_CSOCK_NAME" || die "pcscd did not start: $(<"$folder/pcscd.log")"
    wait_until card_is_seen || die "pcscd does not see the card: $(<"$folder/pcscd.log") $(<"$folder/card.log")"
}

card_is_seen() { card_tool -a status >/dev/null; }

card_tool() { yubico-piv-tool --reader "Emulated Reader" "$@"; }

stop_card() {
    local pid
    for pid in "${card_pids[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    card_pids=()
}
