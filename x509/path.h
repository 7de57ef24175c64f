#pragma once

#include "x509/certificate.h"
#include "x509/openssl.h"

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

namespace signet::x509 {

// Longest path from a certificate to its anchor, both included.
inline constexpr int max_path_length = 16;

struct PathOptions {
    std::vector<Certificate> trust_anchors;  // trusted as they stand, self-signed or not
    std::vector<Certificate> intermediates;  // may help to build a path
    bool use_system_store = false;           // OpenSSL's default file and folder
    std::optional<std::time_t> at;           // now, when absent
};

enum class PathStatus : std::uint8_t {
    good,
    expired,      // a certificate of the path is not valid at that time
    wrong_usage,  // key usage or extended key usage rule out signing mail
    weak,         // a key or signature of the path is below 112 bits of security (RSA-1024, SHA-1)
    untrusted,    // anything else
};

struct PathReport {
    PathStatus status = PathStatus::untrusted;
    std::string reason;              // OpenSSL's words and the subject it stumbled over; empty when good
    std::vector<Certificate> chain;  // when good: from the certificate to the anchor
};

// Checks a certificate for signing mail (RFC 5280 path validation, S/MIME purpose). Revocation is not looked
// at.
Result<PathReport> check_path(const Certificate& certificate, const PathOptions& options);

// For checks of OpenSSL's own that end in a path: the anchors, with all rules of check_path() but the
// purpose.
Result<X509StorePointer> make_store(const PathOptions& options);
Result<X509StackPointer> make_stack(const std::vector<Certificate>& certificates);

}  // namespace signet::x509
