#pragma once

#include "tests/support/certificates.h"

#include <ctime>
#include <string>
#include <string_view>

namespace signet::test {

// What a time-stamp token says, right or wrong.
struct TokenContent {
    std::string signature;  // whose value is stamped
    std::time_t time = std::time(nullptr);
    int digest = NID_sha256;
    bool unknown_critical_extension = false;
};

// A token in DER (RFC 3161) that this identity signs, whatever its certificate is for.
std::string make_timestamp_token(const TokenContent& content, const Identity& authority);

// The value of the only signature in a CMS structure in DER.
std::string signature_value(std::string_view cms);
// The structure with that token as an unsigned attribute of its only signer.
std::string with_timestamp(std::string_view cms, std::string_view token);

}  // namespace signet::test
