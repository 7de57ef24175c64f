#pragma once

#include "setup/client.h"

#include <string>
#include <string_view>
#include <vector>

namespace signet::setup {

// How far a program is set up.
enum class Progress : std::uint8_t {
    not_set_up,
    set_up,
    outdated,     // it was, and is not (wholly) any more: undone by hand, or signet has moved
    interrupted,  // the command did not come to its end
    unknown,      // something is in the way of telling
};
constexpr std::string_view name_of(Progress progress) {
    constexpr std::string_view names[] = {"not_set_up", "set_up", "outdated", "interrupted", "unknown"};
    return names[static_cast<std::size_t>(progress)];
}
constexpr std::string_view text_of(Progress progress) {
    constexpr std::string_view texts[] = {"not set up", "set up", "set up once, changed since", "interrupted",
                                          "not known"};
    return texts[static_cast<std::size_t>(progress)];
}

struct ClientState {
    Choice choice;
    bool installed = false;
    Progress progress = Progress::not_set_up;
    std::string detail;  // what is in the way
};

// Only looks.
ClientState client_state(const Choice& choice, const Surroundings& surroundings);
// Of each client, and for everybody on the machine where that was chosen.
std::vector<ClientState> client_states(const Surroundings& surroundings);

}  // namespace signet::setup
