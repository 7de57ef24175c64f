#include "smime/verify.h"

#include "smime/agreement.h"
#include "smime/cms_stream.h"
#include "smime/header_contradiction.h"
#include "smime/header_protection.h"
#include "smime/mail_signature.h"
#include "smime/part_protection.h"
#include "smime/spool.h"

#include <array>
#include <span>

namespace signet::smime {
namespace {

struct SignedPart {
    Signature signature;
    SignedEntity entity;
    MimePartPointer opened;             // of an opaque signature: what it holds, taken apart
    const MimePart* payload = nullptr;  // of a mail: the signed part, in the mail's tree or `opened`
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
        SIGNET_TRY(const bool in_part, has_signed_part(mail, root));
        return in_part ? failure(ErrorCode::not_found, std::string(only_a_part),
                                 "only a part of the mail is signed")
                       : failure(ErrorCode::not_found, "verify", "the mail is not signed");
    }
    if (cms->type == CmsType::enveloped_data || cms->type == CmsType::auth_enveloped_data) {
        return failure(ErrorCode::not_found, "verify", "the mail is encrypted; a signature may be inside");
    }
    if (!is_signed(*cms)) {
        return failure(ErrorCode::not_found, "verify", "the mail is not signed");
    }
    SIGNET_TRY(SignedPart result, opened_opaque(std::move(*cms)));
    SIGNET_TRY(result.opened, scan_entity(*result.entity.source));
    result.payload = result.opened.get();
    return result;
}

Result<SignedPart> extract(const Source& mail, const MimePart& root) {
    if (root.flaw) {
        return Failure(*root.flaw);
    }
    if (is_multipart_signed(root)) {
        SignedPart result;
        SIGNET_TRY(result.signature, detached_signature(mail, root));
        result.entity.source = &mail;
        result.payload = root.parts[0].get();
        result.entity.range = result.payload->range;
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

// Text without any header is read as what it is; there is no structure to disagree about.
bool readers_disagree_inside(const SignedPart& part) {
    return part.opened && !part.opened->header.fields.empty() &&
           !disagreements(*part.entity.source, *part.opened, TopLevel::entity).get().empty();
}

// The header that is signed, where it is the mail's; a field that contradicts it is a flaw of the signature.
const Header* protected_header(SignedPart& part, const Header& outside) {
    const MimePart& payload = *part.payload;
    const bool another_layer = is_multipart_signed(payload) || is_pkcs7_mime(payload.header, payload.type);
    const auto inside = another_layer ? std::nullopt : header_protection_of(payload);
    if (!inside) {
        return nullptr;
    }
    // It may have been decrypted before it came here.
    constexpr bool encrypted = true;
    for (const ComparedField& field : compare_headers(*inside, outside, encrypted)) {
        const auto reason = contradiction(field, inside->form);
        // What is not there contradicts nothing: programs take off the header with the encryption.
        if (reason && field.stands_outside && !part.signature.flaw) {
            part.signature.flaw = Objection{SignatureStatus::header_mismatch, *reason};
        }
    }
    return inside->header;
}

// Says of signers against whom nothing else speaks that they signed a ciphertext.
void note_encryption(std::vector<SignerReport>& signers) {
    for (SignerReport& signer : signers) {
        if (signer.status == SignatureStatus::good) {
            signer.status = SignatureStatus::signature_outside_encryption;
            signer.reason =
                "the signature around the encryption says who sent it, not who wrote what is inside";
        }
    }
}

Result<Verification> judged(SignedPart part, std::span<const Header* const> headers,
                            const VerifyOptions& options) {
    Verification verification;
    SIGNET_TRY(verification.signers, judge(part.signature, headers, options));
    if (part.payload != nullptr) {
        SIGNET_TRY(const bool encryption, is_encrypted_within(*part.entity.source, *part.payload));
        if (encryption) {
            note_encryption(verification.signers);
        }
    }
    verification.entity = std::move(part.entity);
    verification.good = all_good(verification.signers);
    return verification;
}

}  // namespace

std::string_view name_of(SignatureStatus status) {
    constexpr std::array<std::string_view, 15> names{"good",
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
                                                     "date_mismatch",
                                                     "signature_outside_encryption"};
    static_assert(names.size() ==
                  static_cast<std::size_t>(SignatureStatus::signature_outside_encryption) + 1);
    return names.at(static_cast<std::size_t>(status));
}

Result<Verification> verify(const Source& mail, const VerifyOptions& options) {
    SIGNET_TRY(const MimePartPointer root, scan_mail(mail));
    auto differing = disagreements(mail, *root, TopLevel::mail);
    SIGNET_TRY(SignedPart part, extract(mail, *root));
    const bool disagreement = readers_disagree_inside(part) || !differing.get().empty();
    if (disagreement && !part.signature.flaw) {
        part.signature.flaw = gmime_objection();
    }
    std::vector<const Header*> headers{&root->header};
    if (const Header* inside = protected_header(part, root->header)) {
        headers.push_back(inside);
    }
    return judged(std::move(part), headers, options);
}

Result<Verification> verify_cms(const Source& cms, const Source* content, const VerifyOptions& options) {
    SIGNET_TRY(SignedPart part, extract_bare(cms, content));
    return judged(std::move(part), {}, options);
}

}  // namespace signet::smime
