#pragma once

#include <string_view>

namespace signet::ipc {

// The text of each interface file, as it was when the program was built.
extern const std::string_view admin_description;
extern const std::string_view agent_description;
extern const std::string_view desktop_description;
extern const std::string_view readers_description;
extern const std::string_view token_description;
extern const std::string_view service_description;

}  // namespace signet::ipc
