#include "smime/verify.h"

#include "smime/agreement.h"
#include "smime/cms_stream.h"
#include "smime/mail_signature.h"
#include "smime/spool.h"

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
    result.entity = {.source = spool.get(), .range = {0, spool->size()}, .spool = std::move(spool)};
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
    constexpr std::array<std::string_view, 13> names{"good",
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
    const Header* const header = &root->header;
    return judged(std::move(part), {&header, 1}, options);
}

Result<Verification> verify_cms(const Source& cms, const Source* content, const VerifyOptions& options) {
    SIGNET_TRY(SignedPart part, extract_bare(cms, content));
    return judged(std::move(part), {}, options);
}

}  // namespace signet::smime
