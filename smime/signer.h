#pragma once

#include "smime/verify.h"
#include "x509/openssl.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace signet::smime {

// What one signature is judged against.
struct SignedContent {
    CMS_ContentInfo* cms;                         // borrowed
    std::string_view content;                     // as it was digested
    std::vector<x509::Certificate> certificates;  // of the message and of the caller
};

struct SignerCheck {
    SignerReport report;
    std::optional<std::int64_t> signing_time;  // seconds since 1970
};

// Everything about one SignerInfo that does not depend on the mail around it: attributes, digest, signature,
// algorithm strength, certificate path. Status good means that all of it holds.
SignerCheck check_signer(CMS_SignerInfo* signer, const SignedContent& content, const VerifyOptions& options);

}  // namespace signet::smime
