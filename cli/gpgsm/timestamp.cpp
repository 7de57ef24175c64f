#include "cli/gpgsm/timestamp.h"

#include "fetch/client.h"

namespace signet::gpgsm {
namespace {

constexpr std::chrono::seconds patience{30};

Result<std::string> token_from(const std::string& url, const smime::TimestampQuery& query,
                               const smime::TimestampTrust& trust) {
    // RFC 3161 section 3.4.
    fetch::Post request{.url = url,
                        .content_type = "application/timestamp-query",
                        .accept = "application/timestamp-reply",
                        .body = {},
                        .limit = smime::max_timestamp_size,
                        .timeout = patience};
    SIGNET_TRY(request.body, query.der());
    SIGNET_TRY(const auto answer, fetch::post_by_program(request));
    return query.token_of(answer, trust);
}

}  // namespace

Result<std::string> timestamp_from(const std::string& url, std::string_view signature,
                                   const smime::TimestampTrust& trust) {
    SIGNET_TRY(const auto query, smime::TimestampQuery::make(std::string(signature)));
    auto token = token_from(url, query, trust);
    if (!token) {
        return failure(ErrorCode::input_output, "get a timestamp from", url + ": " + token.error().detail,
                       token.error().native_code);
    }
    return token;
}

}  // namespace signet::gpgsm
