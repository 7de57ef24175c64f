#pragma once

#include "cli/library.h"

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

struct Trust {
    std::vector<x509::Certificate> anchors;
    std::vector<x509::Certificate> intermediates;
    bool system_authorities = false;

    // Good as long as this object is.
    [[nodiscard]] mail::VerifyOptions options() const;
};
Result<Trust> load_trust(const TrustChoice& choice);

}  // namespace signet::cli
