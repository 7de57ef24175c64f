#include "smime/decrypt.h"

#include "smime/content_decryption.h"
#include "smime/digest.h"
#include "smime/encrypted_header.h"
#include "smime/header_block.h"
#include "smime/mail_signature.h"
#include "smime/mime.h"
#include "smime/part_protection.h"
#include "smime/plain_text.h"

#include <algorithm>

namespace signet::smime {
namespace {

Failure not_encrypted() {
    return failure(ErrorCode::not_found, "read encrypted mail", "the mail is not encrypted");
}

Failure signed_around() {
    return failure(ErrorCode::not_found, std::string(signed_around_encryption),
                   "the mail is signed around what is encrypted");
}

// Why a mail whose body is no CMS cannot be decrypted.
Failure why_not(const Source& mail) {
    const auto begin = scan_begin(mail);
    if (!begin) {
        return Failure(begin.error());
    }
    if (*begin && is_multipart_signed(**begin) && !(*begin)->parts.empty() &&
        is_pkcs7_mime((*begin)->parts[0]->header, (*begin)->parts[0]->type)) {
        return signed_around();
    }
    const auto root = scan_mail(mail);
    const auto in_part = root ? has_encrypted_part(mail, **root) : false;
    if (!in_part) {
        return Failure(in_part.error());
    }
    return *in_part ? failure(ErrorCode::not_found, std::string(only_a_part),
                              "only a part of the mail is encrypted")
                    : not_encrypted();
}

// Whether what is in an opaque signature is CMS again.
Result<bool> signs_cms(const OpenedCms& cms) {
    if (cms.type != CmsType::signed_data || !cms.has_content) {
        return false;
    }
    SIGNET_TRY(const auto content, cms.content());
    const Block buffer;
    SIGNET_TRY(const std::size_t count, content->read(buffer));
    const std::string begin(buffer.data(), count);
    const auto header = read_header(TextSource(begin));
    if (!header) {
        return false;
    }
    const auto type = content_type_of((*header)->header);
    return type && is_pkcs7_mime((*header)->header, *type);
}

Result<std::unique_ptr<HeaderBlock>> mail_header(const Source& mail) {
    SIGNET_TRY(auto outer, read_header(mail));
    if (outer->header.fields.empty()) {
        return failure(ErrorCode::malformed, "read mail", "no header field");
    }
    return outer;
}

Result<OpenedCms> cms_of_mail(const Source& mail, const HeaderBlock& outer) {
    SIGNET_TRY(const ContentType type, content_type_of(outer.header));
    if (!is_pkcs7_mime(outer.header, type)) {
        return why_not(mail);
    }
    SIGNET_TRY(auto octets, pkcs7_octets(mail, outer.body, transfer_encoding_of(outer.header)));
    SIGNET_TRY(OpenedCms cms, open_cms(std::move(octets), Trailer::anything));
    SIGNET_TRY(const bool around, signs_cms(cms));
    if (around) {
        return signed_around();
    }
    return cms;
}

// The header inside; nothing where programs encrypt text without any. Nonsense from a wrong key is told apart
// by not being text.
Result<std::unique_ptr<HeaderBlock>> header_inside(const Source& content) {
    auto inner = read_header(content);
    if (inner &&
        std::any_of((*inner)->header.fields.begin(), (*inner)->header.fields.end(), describes_body)) {
        return inner;
    }
    SIGNET_TRY(const bool readable, is_readable_text(content));
    if (!readable) {
        return cannot_decrypt();
    }
    auto none = std::make_unique<HeaderBlock>();
    none->body = {0, content.size()};
    return none;
}

// Octets of a binary part must not be touched; everything else takes on the line ending of the mail around
// it.
Result<bool> takes_on_lf(const HeaderBlock& outer, const Source& content) {
    if (outer.crlf) {
        return false;
    }
    SIGNET_TRY(const TextForm form, form_of(content));
    return form.only_crlf && !form.binary_part;
}

Result<void> write_outside(const HeaderBlock& outer, const EncryptedHeader& encrypted, Sink& out) {
    for (const Field& field : outer.header.fields) {
        if (!describes_body(field) && !encrypted.replaces(field)) {
            SIGNET_CHECK(out.write(field.raw));
        }
    }
    return {};
}

Result<void> write_inside(const HeaderBlock& outer, const EncryptedHeader& encrypted,
                          const HeaderBlock& inner, const Source& content, Sink& out) {
    for (const Field& field : encrypted.fields()) {
        SIGNET_CHECK(out.write(field.raw));
    }
    for (const Field& field : inner.header.fields) {
        if (describes_body(field)) {
            SIGNET_CHECK(out.write(field.raw));
        }
    }
    SIGNET_CHECK(out.write(outer.crlf ? "\r\n" : "\n"));
    RangeReader body(content, inner.body);
    return copy(body, out);
}

}  // namespace

Result<LeftOut> decrypt(const Source& mail, Sink& out, std::span<const DecryptionKey> keys) {
    SIGNET_TRY(const auto outer, mail_header(mail));
    SIGNET_TRY(const OpenedCms cms, cms_of_mail(mail, *outer));
    SIGNET_TRY(const DecryptedContent content, decrypt_content(cms, keys));
    SIGNET_TRY(const auto inner, header_inside(*content.octets));
    SIGNET_TRY(const bool convert, takes_on_lf(*outer, *content.octets));
    SIGNET_TRY(const auto encrypted, EncryptedHeader::of(*content.octets, outer->header));
    SIGNET_CHECK(write_outside(*outer, encrypted, out));
    if (convert) {
        LfSink converted(out);
        SIGNET_CHECK(write_inside(*outer, encrypted, *inner, *content.octets, converted));
    } else {
        SIGNET_CHECK(write_inside(*outer, encrypted, *inner, *content.octets, out));
    }
    return encrypted.left_out();
}

Result<void> decrypt_cms(const Source& cms, Sink& out, std::span<const DecryptionKey> keys) {
    Spool withheld;
    SIGNET_CHECK(decrypt_cms(cms, static_cast<WithheldSink&>(withheld), keys));
    RangeReader plaintext(withheld);
    return copy(plaintext, out);
}

Result<void> decrypt_cms(const Source& cms, WithheldSink& out, std::span<const DecryptionKey> keys) {
    SIGNET_TRY(auto octets, bare_octets(cms));
    SIGNET_TRY(const OpenedCms opened, open_cms(std::move(octets)));
    return decrypt_into(opened, out, keys);
}

Result<std::vector<RecipientIdentifier>> recipients(const Source& mail) {
    SIGNET_TRY(const auto outer, mail_header(mail));
    SIGNET_TRY(const OpenedCms cms, cms_of_mail(mail, *outer));
    return recipients(cms);
}

}  // namespace signet::smime
