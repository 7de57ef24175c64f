#include "smime/timestamp.h"

#include "x509/path.h"

#include <openssl/err.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace signet::smime {
namespace {

using Pkcs7Pointer = x509::Pointer<PKCS7, PKCS7_free>;
using ResponsePointer = x509::Pointer<TS_RESP, TS_RESP_free>;
using TokenInfoPointer = x509::Pointer<TS_TST_INFO, TS_TST_INFO_free>;
using ImprintPointer = x509::Pointer<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free>;
using AlgorithmPointer = x509::Pointer<X509_ALGOR, X509_ALGOR_free>;
using IntegerPointer = x509::Pointer<ASN1_INTEGER, ASN1_INTEGER_free>;

// How far the clocks of authority and reader may be apart.
constexpr std::int64_t clock_tolerance_seconds = 300;

Failure not_good(std::string reason) {
    ERR_clear_error();
    return failure(ErrorCode::bad_signature, "timestamp", std::move(reason));
}

Failure not_understood(std::string reason) {
    ERR_clear_error();
    return failure(ErrorCode::malformed, "timestamp", std::move(reason));
}

// The newest entry of OpenSSL's queue in words. Of a certificate it adds which check failed.
std::string openssl_reason() {
    constexpr std::string_view about_certificate = "Verify error:";
    const char* data = nullptr;
    int flags = 0;
    const unsigned long code = ERR_peek_last_error_data(&data, &flags);
    const std::string_view details = data != nullptr && (flags & ERR_TXT_STRING) != 0 ? data : "";
    if (details.starts_with(about_certificate)) {
        return "the authority's certificate: " + std::string(details.substr(about_certificate.size()));
    }
    const char* reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "it cannot be checked";
}

Result<Pkcs7Pointer> parse_token(std::string_view octets) {
    if (octets.size() > max_timestamp_size) {
        return failure(ErrorCode::too_large, "timestamp", "the token");
    }
    const unsigned char* position = as_bytes(octets).data();
    Pkcs7Pointer token(d2i_PKCS7(nullptr, &position, static_cast<long>(octets.size())));
    if (!token || position != as_bytes(octets).data() + octets.size() ||
        PKCS7_type_is_signed(token.get()) == 0) {
        return not_understood("this is no time-stamp token");
    }
    return token;
}

Result<TokenInfoPointer> info_of(PKCS7* token) {
    TokenInfoPointer info(PKCS7_to_TS_TST_INFO(token));
    if (!info || TS_TST_INFO_get_version(info.get()) != 1) {
        return not_understood("this is no time-stamp token");
    }
    if (TS_TST_INFO_get_ext_by_critical(info.get(), 1, -1) >= 0) {
        return not_understood("an extension of the timestamp is critical and not known");
    }
    return info;
}

// Null for what is not safe any more, or not known.
const EVP_MD* digest_named(const X509_ALGOR* algorithm) {
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    switch (OBJ_obj2nid(object)) {
        case NID_sha256:
            return EVP_sha256();
        case NID_sha384:
            return EVP_sha384();
        case NID_sha512:
            return EVP_sha512();
        default:
            return nullptr;
    }
}

std::string digest_of(const EVP_MD* digest, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> octets{};
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), octets.data(), &size, digest, nullptr);
    return std::string(as_text({octets.data(), size}));
}

Result<void> check_imprint(TS_TST_INFO* info, std::string_view signature) {
    TS_MSG_IMPRINT* imprint = TS_TST_INFO_get_msg_imprint(info);
    const EVP_MD* digest = digest_named(TS_MSG_IMPRINT_get_algo(imprint));
    if (digest == nullptr) {
        return not_good("the digest of the timestamp is not safe");
    }
    const ASN1_OCTET_STRING* stamped = TS_MSG_IMPRINT_get_msg(imprint);
    const ByteView octets(ASN1_STRING_get0_data(stamped),
                          static_cast<std::size_t>(ASN1_STRING_length(stamped)));
    if (as_text(octets) != digest_of(digest, signature)) {
        return not_good("the timestamp is for another signature");
    }
    return {};
}

Result<x509::Certificate> check_authority(PKCS7* token, const TimestampTrust& trust) {
    const x509::PathOptions rules{.trust_anchors = trust.anchors,
                                  .intermediates = trust.intermediates,
                                  .use_system_store = trust.use_system_store,
                                  .at = std::nullopt};
    SIGNET_TRY(const auto store, x509::make_store(rules));
    SIGNET_TRY(const auto intermediates, x509::make_stack(trust.intermediates));
    // Asks for a critical extended key usage with time stamping alone, for the certificate that the token's
    // own attribute names (RFC 5816), and for just one signer.
    X509* signer = nullptr;
    ERR_clear_error();
    const int verified = TS_RESP_verify_signature(token, intermediates.get(), store.get(), &signer);
    const x509::X509Pointer owner(signer);
    if (verified != 1 || signer == nullptr) {
        return not_good(openssl_reason());
    }
    const auto* details = sk_PKCS7_SIGNER_INFO_value(PKCS7_get_signer_info(token), 0);
    if (digest_named(details->digest_alg) == nullptr) {
        return not_good("the digest that the authority signs is not safe");
    }
    return x509::Certificate::from_x509(signer);
}

Result<std::int64_t> checked_time(TS_TST_INFO* info) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &parts) != 1) {
        return not_understood("the time of the timestamp makes no sense");
    }
    const std::int64_t time = timegm(&parts);
    if (time > std::time(nullptr) + clock_tolerance_seconds) {
        return not_good("the time of the timestamp has not come yet");
    }
    return time;
}

Result<Timestamp> check_parsed(PKCS7* token, TS_TST_INFO* info, std::string_view signature,
                               const TimestampTrust& trust) {
    SIGNET_CHECK(check_imprint(info, signature));
    SIGNET_TRY(const auto authority, check_authority(token, trust));
    SIGNET_TRY(const auto time, checked_time(info));
    return Timestamp{.time = time, .authority = authority.subject()};
}

Result<IntegerPointer> random_number() {
    std::array<unsigned char, 16> octets{};
    if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) {
        return x509::openssl_failure("RAND_bytes");
    }
    const x509::BignumPointer number(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
    IntegerPointer integer(number ? BN_to_ASN1_INTEGER(number.get(), nullptr) : nullptr);
    if (!integer) {
        return x509::openssl_failure("BN_to_ASN1_INTEGER");
    }
    return integer;
}

Result<ImprintPointer> imprint_of(std::string_view signature) {
    ImprintPointer imprint(TS_MSG_IMPRINT_new());
    const AlgorithmPointer algorithm(X509_ALGOR_new());
    auto digest = digest_of(EVP_sha256(), signature);
    if (!imprint || !algorithm ||
        X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr) != 1 ||
        TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) != 1 ||
        TS_MSG_IMPRINT_set_msg(imprint.get(), reinterpret_cast<unsigned char*>(digest.data()),
                               static_cast<int>(digest.size())) != 1) {
        return x509::openssl_failure("TS_MSG_IMPRINT");
    }
    return imprint;
}

// RFC 3161 section 2.4.2: 0 and 1 come with a token.
Result<void> check_granted(TS_RESP* response) {
    const TS_STATUS_INFO* info = TS_RESP_get_status_info(response);
    const std::int64_t status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));
    if (status == TS_STATUS_GRANTED || status == TS_STATUS_GRANTED_WITH_MODS) {
        return {};
    }
    std::string reason = "the authority refuses, with status " + std::to_string(status);
    const STACK_OF(ASN1_UTF8STRING)* texts = TS_STATUS_INFO_get0_text(info);
    if (sk_ASN1_UTF8STRING_num(texts) > 0) {
        const ASN1_STRING* text = sk_ASN1_UTF8STRING_value(texts, 0);
        const ByteView octets(ASN1_STRING_get0_data(text),
                              static_cast<std::size_t>(ASN1_STRING_length(text)));
        reason += ": " + printable_utf8(as_text(octets.first(std::min<std::size_t>(octets.size(), 200))));
    }
    return failure(ErrorCode::not_allowed, "timestamp", reason);
}

Result<ResponsePointer> parse_response(std::string_view octets) {
    if (octets.size() > max_timestamp_size) {
        return failure(ErrorCode::too_large, "timestamp", "the answer");
    }
    const unsigned char* position = as_bytes(octets).data();
    ResponsePointer response(d2i_TS_RESP(nullptr, &position, static_cast<long>(octets.size())));
    if (!response || position != as_bytes(octets).data() + octets.size()) {
        return not_understood("the answer is none of a time-stamping authority");
    }
    return response;
}

template <class Structure>
Result<std::string> der_of(int (*encode)(const Structure*, unsigned char**), const Structure* structure) {
    unsigned char* octets = nullptr;
    const int size = encode(structure, &octets);
    const x509::OpensslOctets owner(octets);
    if (size <= 0) {
        return x509::openssl_failure("encode a timestamp");
    }
    return std::string(as_text({octets, static_cast<std::size_t>(size)}));
}

}  // namespace

Result<Timestamp> check_timestamp(std::string_view token, std::string_view signature,
                                  const TimestampTrust& trust) {
    SIGNET_TRY(const auto parsed, parse_token(token));
    SIGNET_TRY(const auto info, info_of(parsed.get()));
    return check_parsed(parsed.get(), info.get(), signature, trust);
}

Result<TimestampQuery> TimestampQuery::make(std::string signature) {
    RequestPointer request(TS_REQ_new());
    SIGNET_TRY(const auto imprint, imprint_of(signature));
    SIGNET_TRY(const auto nonce, random_number());
    if (!request || TS_REQ_set_version(request.get(), 1) != 1 ||
        TS_REQ_set_msg_imprint(request.get(), imprint.get()) != 1 ||
        TS_REQ_set_nonce(request.get(), nonce.get()) != 1 || TS_REQ_set_cert_req(request.get(), 1) != 1) {
        return x509::openssl_failure("TS_REQ");
    }
    return TimestampQuery(std::move(signature), std::move(request));
}

Result<std::string> TimestampQuery::der() const {
    return der_of(i2d_TS_REQ, m_request.get());
}

Result<std::string> TimestampQuery::token_of(std::string_view answer, const TimestampTrust& trust) const {
    SIGNET_TRY(const auto response, parse_response(answer));
    SIGNET_CHECK(check_granted(response.get()));
    PKCS7* token = TS_RESP_get_token(response.get());
    if (token == nullptr || PKCS7_type_is_signed(token) == 0) {
        return not_understood("the answer holds no timestamp");
    }
    SIGNET_TRY(const auto info, info_of(token));
    const ASN1_INTEGER* nonce = TS_TST_INFO_get_nonce(info.get());
    if (nonce == nullptr || ASN1_INTEGER_cmp(nonce, TS_REQ_get_nonce(m_request.get())) != 0) {
        return not_good("the timestamp answers another question");
    }
    SIGNET_CHECK(check_parsed(token, info.get(), m_signature, trust));
    return der_of(i2d_PKCS7, token);
}

}  // namespace signet::smime
