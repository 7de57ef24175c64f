#include "smime/verify.h"

#include "smime/agreement.h"
#include "smime/cms_stream.h"
#include "smime/header_protection.h"
#include "smime/limits.h"
#include "smime/mail_signature.h"
#include "smime/spool.h"

#include <algorithm>
#include <array>
#include <span>

namespace signet::smime {
namespace {

struct SignedPart {
    Signature signature;
    SignedEntity entity;
};

bool is_signed(const OpenedCms& cms) {
    return cms.type == CmsType::signed_data &&
           sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms.structure.get())) > 0;
}

Result<SignedPart> opened_opaque(OpenedCms cms) {
    auto spool = std::make_unique<Spool>();
    SignedPart result;
    SIGNET_TRY(result.signature, opaque_signature(std::move(cms), *spool));
    result.entity.source = spool.get();
    result.entity.range = {0, spool->size()};
    result.entity.spool = std::move(spool);
    return result;
}

Result<SignedPart> extract_opaque(const Source& mail, const MimePart& root) {
    SIGNET_TRY(auto cms, open_cms(mail, root));
    if (!cms) {
        return failure(ErrorCode::not_found, "verify", "the mail is not signed");
    }
    if (cms->type == CmsType::enveloped_data || cms->type == CmsType::auth_enveloped_data) {
        return failure(ErrorCode::not_found, "verify", "the mail is encrypted; a signature may be inside");
    }
    if (!is_signed(*cms)) {
        return failure(ErrorCode::not_found, "verify", "the mail is not signed");
    }
    return opened_opaque(std::move(*cms));
}

Result<SignedPart> extract(const Source& mail, const MimePart& root) {
    if (root.flaw) {
        return Failure(*root.flaw);
    }
    if (is_multipart_signed(root)) {
        SignedPart result;
        SIGNET_TRY(result.signature, detached_signature(mail, root));
        result.entity.source = &mail;
        result.entity.range = root.parts[0]->range;
        return result;
    }
    return extract_opaque(mail, root);
}

Result<SignedPart> extract_bare(const Source& source, const Source* content) {
    SIGNET_TRY(ReaderFactory octets, bare_octets(source));
    SIGNET_TRY(OpenedCms cms, open_cms(std::move(octets)));
    if (!is_signed(cms)) {
        return failure(ErrorCode::not_found, "verify", "this is no signature");
    }
    if (content == nullptr) {
        return opened_opaque(std::move(cms));
    }
    SignedPart result;
    SIGNET_TRY(result.signature, signature_of(std::move(cms), *content));
    result.entity.source = content;
    result.entity.range = {0, content->size()};
    return result;
}

// What is signed, taken apart as far as its header and that of a mail in it reach.
Result<MimePartPointer> payload_of(const SignedEntity& entity) {
    const std::uint64_t size = std::min<std::uint64_t>(entity.range.size(), 2 * max_header_size);
    SIGNET_TRY(const std::string begin,
               read_all(*entity.source, {entity.range.begin, entity.range.begin + size}, size));
    return scan_entity(TextSource(begin));
}

// The header that is signed, where it is the mail's; a field that differs from it is a flaw of the signature.
const Header* protected_header(SignedPart& part, const MimePart& payload, const Header& outside) {
    const bool another_layer = is_multipart_signed(payload) || is_pkcs7_mime(payload.header, payload.type);
    const auto inside = another_layer ? std::nullopt : header_protection_of(payload);
    if (!inside) {
        return nullptr;
    }
    // It may have been decrypted before it came here.
    constexpr bool encrypted = true;
    const auto fields = compare_headers(*inside, outside, encrypted);
    // What is not there contradicts nothing: programs take off the header with the encryption.
    const auto contradicting = std::find_if(fields.begin(), fields.end(), [](const ComparedField& field) {
        return field.agreement == FieldAgreement::different && field.stands_outside;
    });
    if (contradicting != fields.end() && !part.signature.flaw) {
        part.signature.flaw =
            Objection{SignatureStatus::header_mismatch,
                      "the " + contradicting->name + " field outside is not the protected one"};
    }
    return inside->header;
}

Result<Verification> judged(SignedPart part, std::span<const Header* const> headers,
                            const VerifyOptions& options) {
    Verification verification;
    SIGNET_TRY(verification.signers, judge(part.signature, headers, options));
    verification.entity = std::move(part.entity);
    verification.good = all_good(verification.signers);
    return verification;
}

}  // namespace

std::string_view name_of(SignatureStatus status) {
    constexpr std::array<std::string_view, 14> names{"good",
                                                     "malformed",
                                                     "content_mismatch",
                                                     "unsupported",
                                                     "no_certificate",
                                                     "bad_signature",
                                                     "weak_algorithm",
                                                     "untrusted_chain",
                                                     "wrong_usage",
                                                     "expired",
                                                     "unsigned_text_around_signature",
                                                     "header_mismatch",
                                                     "address_mismatch",
                                                     "date_mismatch"};
    static_assert(names.size() == static_cast<std::size_t>(SignatureStatus::date_mismatch) + 1);
    return names.at(static_cast<std::size_t>(status));
}

Result<Verification> verify(const Source& mail, const VerifyOptions& options) {
    SIGNET_TRY(const MimePartPointer root, scan_mail(mail));
    auto differing = disagreements(mail, *root, TopLevel::mail);
    SIGNET_TRY(SignedPart part, extract(mail, *root));
    if (!differing.get().empty() && !part.signature.flaw) {
        part.signature.flaw = gmime_objection();
    }
    std::vector<const Header*> headers{&root->header};
    const auto payload = payload_of(part.entity);
    if (!payload && payload.error().code == ErrorCode::input_output) {
        return Failure(payload.error());
    }
    // What cannot be taken apart, as text without any header, protects none.
    const Header* inside = payload ? protected_header(part, **payload, root->header) : nullptr;
    if (inside != nullptr) {
        headers.push_back(inside);
    }
    return judged(std::move(part), headers, options);
}

Result<Verification> verify_cms(const Source& cms, const Source* content, const VerifyOptions& options) {
    SIGNET_TRY(SignedPart part, extract_bare(cms, content));
    return judged(std::move(part), {}, options);
}

}  // namespace signet::smime
