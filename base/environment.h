#pragma once

#include <string>

namespace signet {

// Where a caller can be asked for a PIN: what pinentry needs to appear on that person's terminal or
// display. Empty fields are unknown.
struct Environment {
    std::string tty;              // path of the controlling terminal, e.g. /dev/pts/3
    std::string terminal_type;    // $TERM
    std::string display;          // $DISPLAY
    std::string wayland_display;  // $WAYLAND_DISPLAY
    std::string xauthority;       // $XAUTHORITY
    std::string locale;           // $LC_ALL, $LC_CTYPE or $LANG: the first that is set
};

// That of this process. GPG_TTY, where set, names the terminal; else the terminal on standard input,
// output or error does.
Environment current_environment();

}  // namespace signet
