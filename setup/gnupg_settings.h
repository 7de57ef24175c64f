#pragma once

#include "base/result.h"
#include "setup/surroundings.h"

#include <filesystem>
#include <optional>
#include <string>

// Files of GnuPG and of gnupg-pkcs11-scd: an option and its value in a line.
namespace signet::setup {

std::filesystem::path gnupg_home(const Surroundings& surroundings);

// The value of the last line that sets the option: both programs take that one. Empty for an option that has
// none; nothing where no line sets it.
std::optional<std::string> option_value(const std::string& settings, const std::string& option);

}  // namespace signet::setup
