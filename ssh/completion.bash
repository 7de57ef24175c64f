# bash completion for signet-ssh-agent(1): the options that its help names
_signet_ssh_agent() {
    local word=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$1" --help | grep -oE -- '--[a-z][a-z-]*')" -- "$word")
    else
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}
complete -F _signet_ssh_agent signet-ssh-agent
