#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace signet::test {

// Secrets by the option that names their descriptor: {{"--pin-fd", "123456"}}.
using Secrets = std::map<std::string, std::string>;

// The command line of `signet token`, with each secret in a descriptor of its own. They lie in `folder`,
// where the command is to run.
std::vector<std::string> token_command(const std::filesystem::path& folder,
                                       std::vector<std::string> arguments, const Secrets& secrets);

}  // namespace signet::test
