#compdef signet-gpgsm
# The options that its help names.
_gnu_generic
