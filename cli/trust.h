#pragma once

#include "smime/verify.h"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace signet::cli {

// --ca, --intermediate and --system-ca, for the subcommands that judge signatures.
struct TrustChoice {
    std::vector<std::string> authorities;
    std::vector<std::string> intermediates;
    bool system_authorities = false;
};

void add_trust(CLI::App& command, TrustChoice& choice);
Result<smime::VerifyOptions> verify_options(const TrustChoice& choice);

}  // namespace signet::cli
