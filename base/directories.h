#pragma once

#include "base/result.h"

#include <filesystem>
#include <string>

namespace signet {

// Places of the XDG Base Directory Specification; "signet" is already appended.

// $SIGNET_SOCKET, else $XDG_RUNTIME_DIR/signet/agent.sock, else /run/user/UID/signet/agent.sock.
// An empty SIGNET_SOCKET means "there is no agent" (token hosts run so) and gives agent_unavailable.
Result<std::filesystem::path> agent_socket_path();
// $XDG_RUNTIME_DIR/signet, else /run/user/UID/signet. Not created.
std::filesystem::path runtime_directory();
// $XDG_STATE_HOME/signet, else ~/.local/state/signet. Not created.
Result<std::filesystem::path> state_directory();
// $XDG_CACHE_HOME/signet, else ~/.cache/signet. Not created.
Result<std::filesystem::path> cache_directory();
// $XDG_CONFIG_HOME/signet, else ~/.config/signet. Not created.
Result<std::filesystem::path> config_directory();

// Makes the folder (parents with the default mode, itself 0700) when it is missing. A folder that is
// there must belong to this user and be closed to others, else not_allowed.
Result<void> make_private_directory(const std::filesystem::path& path);

// Where the running program lies, for finding the programs beside it.
Result<std::filesystem::path> executable_directory();
// One of our own programs: beside the running one, as in a build, else in `installed`, a path from its
// folder.
Result<std::string> own_program(const std::string& name, const std::string& installed);

}  // namespace signet
