# shellcheck shell=bash
# For tests that want a real agent with the demo token of scripts/quickstart. Source it after scripts/lib.sh.

# make_demo BUILD DIR: a token with an RSA key, its certificate and settings in DIR; see DIR/env.
make_demo() {
    local program
    for program in softhsm2-util pkcs11-tool openssl flock; do
        require_program "$program"
    done
    scripts/quickstart --built "$1" --dir "$2" >"$2.log"
}

agent_pid=''
# start_agent COMMAND...: starts it in the background and waits for SIGNET_SOCKET.
start_agent() {
    "$@" </dev/null &
    agent_pid=$!
    local tries=0
    until [[ -S $SIGNET_SOCKET ]]; do
        kill -0 "$agent_pid" 2>/dev/null || die "the agent did not start"
        ((++tries <= 1000)) || die "the agent makes no socket"
        sleep 0.01
    done
}

stop_agent() {
    [[ -n $agent_pid ]] || return 0
    kill "$agent_pid" 2>/dev/null || true
    wait "$agent_pid" 2>/dev/null || true
    agent_pid=''
}
