#include "token/sign_request.h"

#include "token/digest.h"

#include <algorithm>

namespace signet::token {
namespace {

// Programs may hand a digest of a hash that signet has no name for.
constexpr std::size_t max_bare_digest = 64;

Failure wrong(const char* parameter) {
    return failure(ErrorCode::invalid_parameter, "sign", parameter);
}

}  // namespace

Result<Bytes> digest_to_sign(const SignRequest& request) {
    if (request.data_is_message) {
        return request.hash ? digest(*request.hash, request.data) : Result<Bytes>(wrong("hash"));
    }
    if (request.hash && request.data.size() != digest_size(*request.hash)) {
        return wrong("digest");
    }
    return request.data;
}

Result<Bytes> pkcs1_content(const SignRequest& request) {
    SIGNET_TRY(Bytes content, digest_to_sign(request));
    if (request.hash) {
        return digest_info(*request.hash, content);
    }
    return content;
}

Result<PssParameters> pss_parameters(const SignRequest& request, std::size_t modulus_size) {
    if (!request.hash) {
        return wrong("hash");
    }
    const std::size_t digest_length = digest_size(*request.hash);
    const auto salt_length = request.salt_length.value_or(static_cast<std::uint32_t>(digest_length));
    if (digest_length + salt_length + 2 > modulus_size) {
        return wrong("salt_length");
    }
    return PssParameters{.hash = *request.hash,
                         .mask_hash = request.mask_hash.value_or(*request.hash),
                         .salt_length = salt_length};
}

Result<Bytes> ecdsa_digest(const SignRequest& request, std::size_t field_size) {
    SIGNET_TRY(Bytes digest, digest_to_sign(request));
    if (digest.empty() || digest.size() > max_bare_digest) {
        return wrong("digest");
    }
    digest.resize(std::min(digest.size(), field_size));
    return digest;
}

Result<void> check_eddsa_request(const SignRequest& request) {
    if (!request.data_is_message) {
        return wrong("digest");
    }
    if (request.hash) {
        return wrong("hash");
    }
    return {};
}

}  // namespace signet::token
