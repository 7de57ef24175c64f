#include "cli/gpgsm/status.h"

#include "base/file_descriptor.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace signet::gpgsm {
namespace {

using smime::SignatureStatus;

// Of ERRSIG: GnuPG's numbers for an algorithm it cannot do, for a key it does not have, and for the rest.
constexpr const char* unsupported_algorithm = "4";
constexpr const char* no_public_key = "9";
constexpr const char* general_error = "1";

constexpr const char* trusted = "TRUST_FULLY 0 shell";
constexpr const char* not_known_as_trusted = "TRUST_UNDEFINED 0";
constexpr const char* never_trusted = "TRUST_NEVER 0";

// "2026-11-22T06:43:00Z" as "20261122T064300"; "0" for no time.
std::string compact_time(const std::string& time) {
    std::string compact;
    std::copy_if(time.begin(), time.end(), std::back_inserter(compact),
                 [](unsigned char c) { return std::isdigit(c) != 0 || c == 'T'; });
    return compact.empty() ? "0" : compact;
}

std::string name_line(const char* keyword, const x509::Certificate& certificate) {
    return std::string(keyword) + " " + fingerprint_of(certificate) + " " + escaped(certificate.subject());
}

std::string valid_line(const smime::SignerReport& signer) {
    const auto& certificate = *signer.certificate;
    return "VALIDSIG " + fingerprint_of(certificate) + " " + signer.signing_time.substr(0, 10) + " " +
           compact_time(signer.signing_time) + " " + compact_time(certificate.not_after()) + " 0 0 " +
           std::to_string(public_key_number(certificate)) + " " +
           std::to_string(digest_number(signer.digest_algorithm)) + " 00";
}

std::string error_line(const smime::SignerReport& signer, const char* reason) {
    const std::string key = signer.certificate ? fingerprint_of(*signer.certificate) : "0000000000000000";
    return "ERRSIG " + key + " 0 " + std::to_string(digest_number(signer.digest_algorithm)) + " 00 " +
           compact_time(signer.signing_time) + " " + reason;
}

// The signature itself is right.
std::vector<std::string> right(const smime::SignerReport& signer, const char* keyword, const char* trust) {
    return {name_line(keyword, *signer.certificate), valid_line(signer), trust};
}

}  // namespace

Result<void> StatusOutput::line(std::string_view text) const {
    if (m_descriptor < 0) {
        return {};
    }
    return write_all(m_descriptor, "[GNUPG:] " + std::string(text) + "\n", "the status descriptor");
}

std::string escaped(std::string_view text) {
    constexpr const char* digits = "0123456789ABCDEF";
    std::string result;
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet < ' ' || octet == 0x7f || c == '%') {
            result += {'%', digits[octet >> 4], digits[octet & 0xf]};
        } else {
            result += c;
        }
    }
    return result;
}

int public_key_number(const x509::Certificate& certificate) {
    switch (EVP_PKEY_get_base_id(X509_get0_pubkey(certificate.get()))) {
        case EVP_PKEY_RSA:
        case EVP_PKEY_RSA_PSS:
            return 1;
        case EVP_PKEY_EC:
            return 19;
        case EVP_PKEY_ED25519:
            return 22;
        default:
            return 0;
    }
}

int digest_number(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, int>, 6> numbers{
        {{"md5", 1}, {"sha1", 2}, {"sha256", 8}, {"sha384", 9}, {"sha512", 10}, {"sha224", 11}}};
    for (const auto& [known, number] : numbers) {
        if (known == name) {
            return number;
        }
    }
    return 0;
}

std::string fingerprint_of(const x509::Certificate& certificate) {
    std::string digits = certificate.fingerprint();
    std::transform(digits.begin(), digits.end(), digits.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return digits;
}

std::vector<std::string> status_of(const smime::SignerReport& signer) {
    if (!signer.certificate) {
        return {error_line(signer, no_public_key), not_known_as_trusted};
    }
    switch (signer.status) {
        case SignatureStatus::good:
            return right(signer, "GOODSIG", trusted);
        case SignatureStatus::untrusted_chain:
            return right(signer, "GOODSIG", not_known_as_trusted);
        case SignatureStatus::wrong_usage:
            return right(signer, "GOODSIG", never_trusted);
        case SignatureStatus::expired:
            return right(signer, "EXPKEYSIG", not_known_as_trusted);
        case SignatureStatus::bad_signature:
        case SignatureStatus::content_mismatch:
            return {name_line("BADSIG", *signer.certificate), never_trusted};
        case SignatureStatus::unsupported:
        case SignatureStatus::weak_algorithm:
            return {error_line(signer, unsupported_algorithm), not_known_as_trusted};
        default:
            return {error_line(signer, general_error), not_known_as_trusted};
    }
}

std::vector<std::string> status_of_nothing() {
    return {error_line({}, general_error), not_known_as_trusted};
}

}  // namespace signet::gpgsm
