#compdef signet-ssh-agent
# The options that its help names.
_gnu_generic
