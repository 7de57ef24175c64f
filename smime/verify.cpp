#include "smime/verify.h"

#include "smime/agreement.h"
#include "smime/cms.h"
#include "smime/limits.h"
#include "smime/line_endings.h"
#include "smime/mime.h"
#include "smime/multipart.h"
#include "smime/signer.h"

#include <algorithm>
#include <cstdlib>

namespace signet::smime {
namespace {

// Thunderbird's tolerance between the Date field and the signing time.
constexpr std::int64_t max_time_difference = 3600;

// A signature taken out of a mail, before anything is judged.
struct Extracted {
    x509::CmsPointer cms;
    std::string content;                  // original octets
    bool line_breaks_may_differ = false;  // detached: the transport may have stored CRLF as LF
    std::optional<std::string> flaw;      // why the whole can not be good, if so
    SignatureStatus flaw_status = SignatureStatus::malformed;
};

std::string opaque_content(CMS_ContentInfo* cms) {
    ASN1_OCTET_STRING** content = CMS_get0_content(cms);
    if (content == nullptr || *content == nullptr) {
        return {};
    }
    return std::string(
        as_text({ASN1_STRING_get0_data(*content), static_cast<std::size_t>(ASN1_STRING_length(*content))}));
}

Result<x509::CmsPointer> signed_data(std::string_view octets) {
    SIGNET_TRY(x509::CmsPointer cms, parse_cms(octets));
    if (kind_of(cms.get()) != CmsKind::signed_data) {
        return failure(ErrorCode::malformed, "verify", "the signature part is not SignedData");
    }
    return cms;
}

// RFC 1847 section 2.1.
Result<Extracted> extract_detached(std::string_view mail, const Entity& entity) {
    SIGNET_TRY(const ContentType type, content_type_of(entity));
    SIGNET_TRY(const Multipart multipart, scan_multipart(entity.body, type.boundary));
    if (multipart.parts.size() != 2 || !multipart.closed) {
        return failure(ErrorCode::malformed, "verify", "multipart/signed without two whole parts");
    }
    SIGNET_TRY(const Entity signature, parse_entity(multipart.parts[1]));
    SIGNET_TRY(const ContentType signature_type, content_type_of(signature));
    if (signature_type.type != "application/pkcs7-signature" &&
        signature_type.type != "application/x-pkcs7-signature") {
        return failure(type.protocol.empty() ? ErrorCode::not_found : ErrorCode::malformed, "verify",
                       "the second part is no S/MIME signature");
    }
    const std::string octets = decode_transfer(signature.body, transfer_encoding_of(signature));
    Extracted extracted;
    SIGNET_TRY(extracted.cms, signed_data(octets));
    extracted.content = multipart.parts[0];
    extracted.line_breaks_may_differ = true;
    if (CMS_is_detached(extracted.cms.get()) != 1) {
        extracted.flaw = "the detached signature has content of its own";
        extracted.flaw_status = SignatureStatus::content_mismatch;
    } else if (!gmime_agrees(mail, multipart.parts[0], signature.body)) {
        extracted.flaw = "mail programs can read the parts of this mail differently";
    }
    return extracted;
}

Result<Extracted> extract_opaque(x509::CmsPointer cms) {
    if (kind_of(cms.get()) == CmsKind::encrypted_data) {
        return failure(ErrorCode::not_found, "verify", "the mail is encrypted; a signature may be inside");
    }
    if (kind_of(cms.get()) != CmsKind::signed_data ||
        sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms.get())) <= 0) {
        return failure(ErrorCode::not_found, "verify", "the mail is not signed");
    }
    if (CMS_is_detached(cms.get()) == 1) {
        return failure(ErrorCode::malformed, "verify", "a signature without content");
    }
    Extracted extracted;
    extracted.content = opaque_content(cms.get());
    extracted.cms = std::move(cms);
    return extracted;
}

Result<Extracted> extract(std::string_view mail, const Entity& entity) {
    if (is_multipart_signed(entity)) {
        return extract_detached(mail, entity);
    }
    SIGNET_TRY(auto cms, cms_body_of(entity));
    if (!cms) {
        return failure(ErrorCode::not_found, "verify", "the mail is not signed");
    }
    return extract_opaque(std::move(*cms));
}

std::vector<x509::Certificate> certificates_of(CMS_ContentInfo* cms) {
    std::vector<x509::Certificate> certificates;
    const x509::X509StackPointer stack(CMS_get1_certs(cms));
    const int count = stack ? sk_X509_num(stack.get()) : 0;
    for (int i = 0; i < std::min(count, static_cast<int>(max_certificates)); ++i) {
        certificates.push_back(x509::Certificate::from_x509(sk_X509_value(stack.get(), i)));
    }
    return certificates;
}

// A mail stored with LF was signed with CRLF. Any CRLF in it shows that it still is as it was sent.
std::string digested_form(const Extracted& extracted) {
    const bool stored = extracted.line_breaks_may_differ && has_only_lf(extracted.content);
    return stored ? to_crlf(extracted.content) : extracted.content;
}

void object(SignerReport& report, SignatureStatus status, std::string reason) {
    if (report.status == SignatureStatus::good) {
        report.status = status;
        report.reason = std::move(reason);
    }
}

bool covers(const std::vector<std::string>& certified, const std::vector<std::string>& mailboxes) {
    return std::all_of(mailboxes.begin(), mailboxes.end(), [&](const std::string& mailbox) {
        return std::any_of(certified.begin(), certified.end(),
                           [&](const std::string& email) { return x509::same_address(email, mailbox); });
    });
}

// Every author must be the signer's, for all of them are shown as its origin. A mail that names none claims
// nothing.
void check_addresses(SignerReport& report, const Entity& mail) {
    for (const std::string_view field : {"From", "Sender"}) {
        const Addresses addresses = addresses_of(mail, field);
        if (!addresses.readable) {
            object(report, SignatureStatus::address_mismatch,
                   "the " + std::string(field) + " field is unreadable");
        } else if (addresses.present && !covers(report.emails, addresses.mailboxes)) {
            object(report, SignatureStatus::address_mismatch,
                   "the certificate is not for the " + std::string(field) + " address");
        }
    }
}

void check_date(SignerCheck& check, const Entity& mail) {
    const auto date = date_of(mail);
    if (date && check.signing_time && std::llabs(*date - *check.signing_time) > max_time_difference) {
        object(check.report, SignatureStatus::date_mismatch,
               "the Date field is more than an hour off the signing time");
    }
}

Result<std::vector<SignerReport>> check_signers(const Extracted& extracted, const Entity& mail,
                                                const VerifyOptions& options) {
    const std::string digested = digested_form(extracted);
    SignedContent content{.cms = extracted.cms.get(),
                          .content = digested,
                          .certificates = certificates_of(extracted.cms.get())};
    content.certificates.insert(content.certificates.end(), options.intermediates.begin(),
                                options.intermediates.end());
    STACK_OF(CMS_SignerInfo)* signers = CMS_get0_SignerInfos(extracted.cms.get());
    const int count = sk_CMS_SignerInfo_num(signers);
    if (count <= 0) {
        return failure(ErrorCode::malformed, "verify", "a signature without signers");
    }
    if (count > static_cast<int>(max_signers)) {
        return failure(ErrorCode::too_large, "verify", "more than 32 signers");
    }
    std::vector<SignerReport> reports;
    for (int i = 0; i < count; ++i) {
        SignerCheck check = check_signer(sk_CMS_SignerInfo_value(signers, i), content, options);
        if (extracted.flaw) {
            object(check.report, extracted.flaw_status, *extracted.flaw);
        }
        check_addresses(check.report, mail);
        check_date(check, mail);
        reports.push_back(std::move(check.report));
    }
    return reports;
}

}  // namespace

std::string_view name_of(SignatureStatus status) {
    constexpr std::string_view names[] = {"good",           "malformed",        "content_mismatch",
                                          "unsupported",    "no_certificate",   "bad_signature",
                                          "weak_algorithm", "untrusted_chain",  "wrong_usage",
                                          "expired",        "address_mismatch", "date_mismatch"};
    return names[static_cast<std::size_t>(status)];
}

Result<Verification> verify(std::string_view mail, const VerifyOptions& options) {
    SIGNET_TRY(const Entity entity, parse_mail(mail));
    SIGNET_TRY(Extracted extracted, extract(mail, entity));
    Verification verification;
    SIGNET_TRY(verification.signers, check_signers(extracted, entity, options));
    verification.content = std::move(extracted.content);
    verification.good =
        std::all_of(verification.signers.begin(), verification.signers.end(),
                    [](const auto& signer) { return signer.status == SignatureStatus::good; });
    return verification;
}

}  // namespace signet::smime
