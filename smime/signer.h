#pragma once

#include "base/bytes.h"
#include "smime/verify.h"
#include "x509/openssl.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

// A verdict other than good.
struct Objection {
    SignatureStatus status;
    std::string reason;  // one sentence
};

// What one signature is judged against.
struct SignedContent {
    CMS_ContentInfo* cms;                         // borrowed
    std::string_view octets;                      // of `cms`
    const std::map<int, Bytes>& digests;          // of the content, by OpenSSL's NID; borrowed
    std::vector<x509::Certificate> certificates;  // of the message and of the caller
};

struct SignerCheck {
    SignerReport report;
    std::optional<std::int64_t> signing_time;  // seconds since 1970
};

// NID_undef for an algorithm that this OpenSSL has no name for.
int digest_algorithm_of(CMS_SignerInfo* signer);

// Everything about one SignerInfo that does not depend on the mail around it: attributes, digest, signature,
// algorithm strength, certificate path. Status good means that all of it holds.
SignerCheck check_signer(CMS_SignerInfo* signer, const SignedContent& content, const VerifyOptions& options);

}  // namespace signet::smime
