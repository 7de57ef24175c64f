#include "smime/signer.h"

#include "x509/path.h"

#include <openssl/cmserr.h>
#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/objects.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

namespace signet::smime {
namespace {

// Room for the names of all certificates of a long chain. Each is looked for among all certificates there
// are.
constexpr int max_signing_certificate_size = 8192;

// Nothing when the check passes.
using Verdict = std::optional<Objection>;

using SigningCertificatePointer = x509::Pointer<ESS_SIGNING_CERT, ESS_SIGNING_CERT_free>;
using SigningCertificateV2Pointer = x509::Pointer<ESS_SIGNING_CERT_V2, ESS_SIGNING_CERT_V2_free>;

// RFC 5652 section 11: these are signed or not there at all.
bool has_misplaced_attribute(const CMS_SignerInfo* signer) {
    const std::array<int, 3> signed_only{NID_pkcs9_contentType, NID_pkcs9_messageDigest,
                                         NID_pkcs9_signingTime};
    return std::any_of(signed_only.begin(), signed_only.end(),
                       [signer](int nid) { return CMS_unsigned_get_attr_by_NID(signer, nid, -1) >= 0; });
}

int count_attributes(const CMS_SignerInfo* signer, int nid) {
    int count = 0;
    for (int i = CMS_signed_get_attr_by_NID(signer, nid, -1); i >= 0;
         i = CMS_signed_get_attr_by_NID(signer, nid, i)) {
        ++count;
    }
    return count;
}

// The value of an attribute that is there once, with one value of that ASN.1 type.
ASN1_TYPE* single_value(CMS_SignerInfo* signer, int nid, int type) {
    if (count_attributes(signer, nid) != 1) {
        return nullptr;
    }
    X509_ATTRIBUTE* attribute = CMS_signed_get_attr(signer, CMS_signed_get_attr_by_NID(signer, nid, -1));
    if (attribute == nullptr || X509_ATTRIBUTE_count(attribute) != 1) {
        return nullptr;
    }
    ASN1_TYPE* value = X509_ATTRIBUTE_get0_type(attribute, 0);
    return value != nullptr && ASN1_TYPE_get(value) == type ? value : nullptr;
}

std::string_view octets_of(const ASN1_STRING* text) {
    return as_text({ASN1_STRING_get0_data(text), static_cast<std::size_t>(ASN1_STRING_length(text))});
}

const ASN1_OBJECT* digest_object(CMS_SignerInfo* signer) {
    X509_ALGOR* algorithm = nullptr;
    CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, &algorithm, nullptr);
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    return object;
}

std::string digest_name(const ASN1_OBJECT* object) {
    switch (OBJ_obj2nid(object)) {
        case NID_sha1:
            return "sha1";
        case NID_sha224:
            return "sha224";
        case NID_sha256:
            return "sha256";
        case NID_sha384:
            return "sha384";
        case NID_sha512:
            return "sha512";
        case NID_md5:
            return "md5";
        default:
            break;
    }
    std::array<char, 128> text{};
    OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, OBJ_obj2nid(object) == NID_undef ? 1 : 0);
    return text.data();
}

// Of the unsigned attributes, as many as are looked at.
std::vector<std::string_view> timestamp_tokens(const CMS_SignerInfo* signer) {
    constexpr std::size_t most = 4;
    std::vector<std::string_view> tokens;
    for (int i = -1; (i = CMS_unsigned_get_attr_by_NID(signer, NID_id_smime_aa_timeStampToken, i)) >= 0;) {
        X509_ATTRIBUTE* attribute = CMS_unsigned_get_attr(signer, i);
        for (int value = 0; value < X509_ATTRIBUTE_count(attribute) && tokens.size() < most; ++value) {
            const ASN1_TYPE* token = X509_ATTRIBUTE_get0_type(attribute, value);
            if (token != nullptr && ASN1_TYPE_get(token) == V_ASN1_SEQUENCE) {
                tokens.push_back(octets_of(token->value.sequence));
            }
        }
    }
    return tokens;
}

std::string der_of_attributes(const CMS_SignerInfo* signer) {
    std::string der;
    for (int i = 0; i < CMS_signed_get_attr_count(signer); ++i) {
        unsigned char* octets = nullptr;
        const int size = i2d_X509_ATTRIBUTE(CMS_signed_get_attr(signer, i), &octets);
        if (size > 0) {
            der += as_text({octets, static_cast<std::size_t>(size)});
        }
        OPENSSL_free(octets);
    }
    return der;
}

// RFC 5652 section 5.3: in DER, whatever the rest is in. OpenSSL encodes them anew before it verifies, and
// would not notice a change of their encoding.
bool are_as_signed(const CMS_SignerInfo* signer, std::string_view structure) {
    // Takes no longer for what nearly matches; std::string_view::find() does.
    const std::string der = der_of_attributes(signer);
    return memmem(structure.data(), structure.size(), der.data(), der.size()) != nullptr;
}

Verdict check_attributes(CMS_SignerInfo* signer, const SignedContent& content) {
    const ASN1_TYPE* type = single_value(signer, NID_pkcs9_contentType, V_ASN1_OBJECT);
    if (type == nullptr || single_value(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING) == nullptr) {
        return Objection{SignatureStatus::malformed, "content type and digest are not signed, each once"};
    }
    if (OBJ_cmp(type->value.object, CMS_get0_eContentType(content.cms)) != 0 ||
        OBJ_obj2nid(type->value.object) != NID_pkcs7_data) {
        return Objection{SignatureStatus::malformed, "the signed content type is not that of mail"};
    }
    if (count_attributes(signer, NID_pkcs9_signingTime) > 1) {
        return Objection{SignatureStatus::malformed, "more than one signing time"};
    }
    if (has_misplaced_attribute(signer)) {
        return Objection{SignatureStatus::malformed, "an attribute that must be signed stands unsigned"};
    }
    if (!are_as_signed(signer, content.octets)) {
        return Objection{SignatureStatus::malformed, "the signed attributes are not in DER"};
    }
    return {};
}

Verdict check_digest(CMS_SignerInfo* signer, const std::map<int, Bytes>& digests) {
    const auto computed = digests.find(digest_algorithm_of(signer));
    if (computed == digests.end()) {
        return Objection{SignatureStatus::unsupported, "this OpenSSL cannot do the digest algorithm"};
    }
    const ASN1_TYPE* signed_digest = single_value(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING);
    if (as_text(computed->second) != octets_of(signed_digest->value.octet_string)) {
        return Objection{SignatureStatus::bad_signature, "the content is not what was signed"};
    }
    return {};
}

// OpenSSL before 3.2 hands these a digest algorithm, which they refuse, and reports a failure like any other.
bool is_edwards_key(const x509::Certificate& certificate) {
    const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
    return key != nullptr && (EVP_PKEY_is_a(key, "ED25519") == 1 || EVP_PKEY_is_a(key, "ED448") == 1);
}

// gpg-agent 2.2 puts a zero octet before some signatures that a card made, and gpgsm then finds them good.
std::string what_is_wrong(CMS_SignerInfo* signer, const x509::Certificate& certificate) {
    const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
    const auto signature = octets_of(CMS_SignerInfo_get0_signature(signer));
    const bool is_rsa = key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1;
    if (is_rsa && signature.size() == static_cast<std::size_t>(EVP_PKEY_get_size(key)) + 1 &&
        signature.starts_with('\0')) {
        return "the signature is an octet too long, as gpgsm 2.2 writes some with a card";
    }
    return "the signature is wrong";
}

Verdict check_signature(CMS_SignerInfo* signer, const x509::Certificate& certificate) {
    if (CMS_SignerInfo_verify(signer) == 1) {
        return {};
    }
    const unsigned long error = ERR_peek_error();
    const bool unknown_algorithm = ERR_GET_LIB(error) == ERR_LIB_EVP || ERR_GET_LIB(error) == ERR_LIB_OBJ;
    const bool not_tried = ERR_GET_REASON(ERR_peek_last_error()) != CMS_R_VERIFICATION_FAILURE;
    ERR_clear_error();
    if (unknown_algorithm || (is_edwards_key(certificate) && not_tried)) {
        return Objection{SignatureStatus::unsupported, "this OpenSSL cannot do the signature algorithm"};
    }
    return Objection{SignatureStatus::bad_signature, what_is_wrong(signer, certificate)};
}

// OpenSSL goes by the key and the digest algorithm, and does not look at what the signature says it is.
Verdict check_signature_algorithm(CMS_SignerInfo* signer) {
    X509_ALGOR* algorithm = nullptr;
    CMS_SignerInfo_get0_algs(signer, nullptr, nullptr, nullptr, &algorithm);
    const ASN1_OBJECT* object = nullptr;
    X509_ALGOR_get0(&object, nullptr, nullptr, algorithm);
    const int identifier = OBJ_obj2nid(object);
    int digest = NID_undef;
    if (identifier == NID_undef) {
        return Objection{SignatureStatus::unsupported, "this OpenSSL cannot do the signature algorithm"};
    }
    if (OBJ_find_sigid_algs(identifier, &digest, nullptr) == 1 && digest != NID_undef &&
        digest != digest_algorithm_of(signer)) {
        return Objection{SignatureStatus::malformed, "the signature names another digest than its signer"};
    }
    return {};
}

template <class Pointer, class Decode>
Pointer decoded_attribute(CMS_SignerInfo* signer, int nid, Decode decode) {
    const ASN1_TYPE* value = single_value(signer, nid, V_ASN1_SEQUENCE);
    if (value == nullptr || ASN1_STRING_length(value->value.sequence) > max_signing_certificate_size) {
        return nullptr;
    }
    const unsigned char* position = ASN1_STRING_get0_data(value->value.sequence);
    return Pointer(decode(nullptr, &position, ASN1_STRING_length(value->value.sequence)));
}

x509::X509StackPointer signer_and_others(X509* signer, const std::vector<x509::Certificate>& others) {
    x509::X509StackPointer stack(sk_X509_new_null());
    X509_add_cert(stack.get(), signer, X509_ADD_FLAG_UP_REF);
    for (const auto& certificate : others) {
        X509_add_cert(stack.get(), certificate.get(), X509_ADD_FLAG_UP_REF | X509_ADD_FLAG_NO_DUP);
    }
    return stack;
}

// RFC 5035: where the signer says which certificate was meant, it must be this one.
Verdict check_signing_certificate(CMS_SignerInfo* signer, X509* certificate, const SignedContent& content) {
    const bool version_1 = count_attributes(signer, NID_id_smime_aa_signingCertificate) > 0;
    const bool version_2 = count_attributes(signer, NID_id_smime_aa_signingCertificateV2) > 0;
    if (!version_1 && !version_2) {
        return {};
    }
    const auto first = decoded_attribute<SigningCertificatePointer>(
        signer, NID_id_smime_aa_signingCertificate, d2i_ESS_SIGNING_CERT);
    const auto second = decoded_attribute<SigningCertificateV2Pointer>(
        signer, NID_id_smime_aa_signingCertificateV2, d2i_ESS_SIGNING_CERT_V2);
    const auto stack = signer_and_others(certificate, content.certificates);
    const bool decoded = version_1 == (first != nullptr) && version_2 == (second != nullptr);
    const bool same = decoded && OSSL_ESS_check_signing_certs(first.get(), second.get(), stack.get(), 1) > 0;
    ERR_clear_error();
    if (!same) {
        return Objection{SignatureStatus::malformed,
                         "the signature names another certificate as the signer's"};
    }
    return {};
}

Verdict check_strength(CMS_SignerInfo* signer) {
    switch (OBJ_obj2nid(digest_object(signer))) {
        case NID_sha224:
        case NID_sha256:
        case NID_sha384:
        case NID_sha512:
        case NID_sha3_256:
        case NID_sha3_384:
        case NID_sha3_512:
            return {};
        default:
            return Objection{SignatureStatus::weak_algorithm,
                             "the digest " + digest_name(digest_object(signer)) + " is not safe any more"};
    }
}

SignatureStatus status_of(x509::PathStatus path) {
    switch (path) {
        case x509::PathStatus::good:
            return SignatureStatus::good;
        case x509::PathStatus::expired:
            return SignatureStatus::expired;
        case x509::PathStatus::wrong_usage:
            return SignatureStatus::wrong_usage;
        case x509::PathStatus::weak:
            return SignatureStatus::weak_algorithm;
        case x509::PathStatus::untrusted:
            break;
    }
    return SignatureStatus::untrusted_chain;
}

std::string time_text(std::int64_t seconds) {
    const std::time_t time = seconds;
    std::tm parts{};
    std::array<char, 32> text{};
    gmtime_r(&time, &parts);
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

// RFC 3161 appendix A. Of several the first that counts.
std::optional<std::int64_t> check_timestamps(CMS_SignerInfo* signer, const TimestampTrust& trust,
                                             SignerReport& report) {
    const auto tokens = timestamp_tokens(signer);
    const auto signature = octets_of(CMS_SignerInfo_get0_signature(signer));
    for (const auto token : tokens) {
        const auto timestamp = check_timestamp(token, signature, trust);
        if (timestamp) {
            report.timestamp = {time_text(timestamp->time), timestamp->authority, {}};
            return timestamp->time;
        }
        if (!report.timestamp) {
            report.timestamp = {{}, {}, timestamp.error().detail};
        }
    }
    return std::nullopt;
}

Verdict check_chain(CMS_SignerInfo* signer, SignerReport& report, const SignedContent& content,
                    const VerifyOptions& options) {
    const auto at = options.timestamps ? check_timestamps(signer, *options.timestamps, report) : std::nullopt;
    auto path = x509::check_path(*report.certificate, {.trust_anchors = options.trust_anchors,
                                                       .intermediates = content.certificates,
                                                       .use_system_store = options.use_system_store,
                                                       .at = at});
    if (!path) {
        return Objection{SignatureStatus::untrusted_chain, path.error().detail};
    }
    if (path->status != x509::PathStatus::good) {
        return Objection{status_of(path->status), path->reason};
    }
    report.chain = std::move(path->chain);
    for (const auto& certificate : report.chain) {
        report.chain_good_since = std::max(report.chain_good_since, certificate.not_before());
    }
    return {};
}

std::optional<x509::Certificate> find_certificate(CMS_SignerInfo* signer,
                                                  const std::vector<x509::Certificate>& certificates) {
    for (const auto& certificate : certificates) {
        if (CMS_SignerInfo_cert_cmp(signer, certificate.get()) == 0) {
            return certificate;
        }
    }
    return std::nullopt;
}

std::optional<std::int64_t> signing_time_of(CMS_SignerInfo* signer) {
    for (const int type : {V_ASN1_UTCTIME, V_ASN1_GENERALIZEDTIME}) {
        std::tm parts{};
        const ASN1_TYPE* value = single_value(signer, NID_pkcs9_signingTime, type);
        if (value != nullptr && ASN1_TIME_to_tm(value->value.asn1_string, &parts) == 1) {
            return timegm(&parts);
        }
    }
    return std::nullopt;
}

Verdict check_all(CMS_SignerInfo* signer, const SignedContent& content, const VerifyOptions& options,
                  SignerReport& report) {
    const auto& certificate = report.certificate;
    if (auto objection = check_attributes(signer, content)) {
        return objection;
    }
    if (auto objection = check_digest(signer, content.digests)) {
        return objection;
    }
    if (!certificate) {
        return Objection{SignatureStatus::no_certificate, "the signer's certificate is not there"};
    }
    CMS_SignerInfo_set1_signer_cert(signer, certificate->get());
    if (auto objection = check_signature(signer, *certificate)) {
        return objection;
    }
    if (auto objection = check_signature_algorithm(signer)) {
        return objection;
    }
    if (auto objection = check_signing_certificate(signer, certificate->get(), content)) {
        return objection;
    }
    if (auto objection = check_strength(signer)) {
        return objection;
    }
    return check_chain(signer, report, content, options);
}

}  // namespace

int digest_algorithm_of(CMS_SignerInfo* signer) {
    return OBJ_obj2nid(digest_object(signer));
}

SignerCheck check_signer(CMS_SignerInfo* signer, const SignedContent& content, const VerifyOptions& options) {
    SignerCheck check;
    SignerReport& report = check.report;
    report.certificate = find_certificate(signer, content.certificates);
    if (report.certificate) {
        report.emails = report.certificate->emails();
    }
    report.digest_algorithm = digest_name(digest_object(signer));
    check.signing_time = signing_time_of(signer);
    if (check.signing_time) {
        report.signing_time = time_text(*check.signing_time);
    }
    report.status = SignatureStatus::good;
    if (const auto objection = check_all(signer, content, options, report)) {
        report.status = objection->status;
        report.reason = objection->reason;
    }
    ERR_clear_error();
    return check;
}

}  // namespace signet::smime
