#pragma once

#include "base/result.h"
#include "x509/certificate.h"
#include "x509/openssl.h"

#include <openssl/ts.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

// Of a token, and of an authority's whole answer.
inline constexpr std::size_t max_timestamp_size = std::size_t{64} << 10;

// Whose word on the time counts.
struct TimestampTrust {
    std::vector<x509::Certificate> anchors;        // trusted as they stand
    std::vector<x509::Certificate> intermediates;  // may help to build a path
    bool use_system_store = false;
};

// When a signature was there at the latest.
struct Timestamp {
    std::int64_t time = 0;  // seconds since 1970
    std::string authority;  // the subject of its certificate
};

// Checks a time-stamp token (RFC 3161, a CMS structure in DER) for the value of a signature: the imprint, by
// SHA-256, SHA-384 or SHA-512; the authority's signature; its certificate, which has to be for time stamps
// alone (critical extended key usage) and valid now; and that the time has come. malformed: no token of one
// signer, or with something critical that is not known here. too_large. bad_signature: any of the rest.
Result<Timestamp> check_timestamp(std::string_view token, std::string_view signature,
                                  const TimestampTrust& trust);

// The question to an authority for one signature.
class TimestampQuery {
  public:
    // With a random nonce, and the wish for the authority's certificate.
    static Result<TimestampQuery> make(std::string signature);

    // What to send, as application/timestamp-query.
    [[nodiscard]] Result<std::string> der() const;
    // The token in the answer, which must be good, and be one to this very question. Errors of
    // check_timestamp(), and not_allowed: the authority refuses.
    [[nodiscard]] Result<std::string> token_of(std::string_view answer, const TimestampTrust& trust) const;

  private:
    using RequestPointer = x509::Pointer<TS_REQ, TS_REQ_free>;

    TimestampQuery(std::string signature, RequestPointer request)
        : m_signature(std::move(signature)), m_request(std::move(request)) {}

    std::string m_signature;
    RequestPointer m_request;
};

}  // namespace signet::smime
