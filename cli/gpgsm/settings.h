#pragma once

#include "base/result.h"
#include "smime/verify.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signet::gpgsm {

// How many certificates a signature takes along, as gpgsm counts them: -2 the whole path without its root, -1
// with it, any other number that many from the signer's own on. None (0) is refused: nobody could check it.
struct IncludedCertificates {
    static constexpr int without_root = -2;
    static constexpr int all = -1;
    int count = without_root;

    static Result<IncludedCertificates> of(std::int64_t count);
};

// What $XDG_CONFIG_HOME/signet/gpgsm.toml says: git gives no arguments of a person's own to this program.
struct Settings {
    std::vector<std::string> trusted;        // files with authorities
    std::vector<std::string> intermediates;  // files
    bool system_authorities = false;
    IncludedCertificates included;
    std::string timestamp;  // URL of a time-stamping authority; empty: signatures get no timestamp
    std::vector<std::string> timestamp_authorities;  // files; empty: the authorities of signers

    // These read the files.
    [[nodiscard]] Result<smime::VerifyOptions> verify_options() const;
    [[nodiscard]] Result<smime::TimestampTrust> timestamp_trust() const;
};

// Paths that are not absolute begin in `folder`.
Result<Settings> parse_settings(std::string_view text, const std::string& file, const std::string& folder);
// The defaults when there is no file: nobody is trusted.
Result<Settings> load_settings();

}  // namespace signet::gpgsm
