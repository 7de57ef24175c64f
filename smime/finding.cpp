#include "smime/finding.h"

#include <array>

namespace signet::smime {

std::string_view name_of(FindingCode code) {
    constexpr std::array names{
        "malformed_signature",
        "content_mismatch",
        "unsupported_signature",
        "no_certificate",
        "bad_signature",
        "weak_algorithm",
        "untrusted_chain",
        "wrong_usage",
        "expired",
        "address_mismatch",
        "date_mismatch",
        "signers_disagree",
        "nested_signatures",
        "signature_outside_encryption",
        "signature_in_forwarded_mail",
        "signature_in_multipart",
        "unsigned_text_around_signature",
        "signed_attachment_poses_as_mail",
        "encrypted_part",
        "not_authenticated",
        "not_decrypted",
        "unsupported_content",
        "malformed_part",
        "readers_disagree",
        "nested_too_deeply",
        "too_large",
        "header_mismatch",
    };
    static_assert(names.size() == static_cast<std::size_t>(FindingCode::header_mismatch) + 1);
    return names.at(static_cast<std::size_t>(code));
}

FindingCode finding_for(SignatureStatus status) {
    switch (status) {
        case SignatureStatus::content_mismatch:
            return FindingCode::content_mismatch;
        case SignatureStatus::unsupported:
            return FindingCode::unsupported_signature;
        case SignatureStatus::no_certificate:
            return FindingCode::no_certificate;
        case SignatureStatus::bad_signature:
            return FindingCode::bad_signature;
        case SignatureStatus::weak_algorithm:
            return FindingCode::weak_algorithm;
        case SignatureStatus::untrusted_chain:
            return FindingCode::untrusted_chain;
        case SignatureStatus::wrong_usage:
            return FindingCode::wrong_usage;
        case SignatureStatus::expired:
            return FindingCode::expired;
        case SignatureStatus::unsigned_text_around_signature:
            return FindingCode::unsigned_text_around_signature;
        case SignatureStatus::header_mismatch:
            return FindingCode::header_mismatch;
        case SignatureStatus::address_mismatch:
            return FindingCode::address_mismatch;
        case SignatureStatus::date_mismatch:
            return FindingCode::date_mismatch;
        case SignatureStatus::signature_outside_encryption:
            return FindingCode::signature_outside_encryption;
        case SignatureStatus::good:
        case SignatureStatus::malformed:
            break;
    }
    return FindingCode::malformed_signature;
}

}  // namespace signet::smime
