#include "smime/part_protection.h"

#include "smime/cms_stream.h"
#include "smime/mail_signature.h"

namespace signet::smime {
namespace {

// CmsType::unknown where it is no CMS that can be read.
Result<CmsType> cms_type_of(const Source& mail, const MimePart& part) {
    const auto cms = open_cms(mail, part);
    if (!cms && cms.error().code == ErrorCode::input_output) {
        return Failure(cms.error());
    }
    return cms && *cms ? (*cms)->type : CmsType::unknown;
}

// As it says itself, or as its structure shows.
Result<bool> is_encrypted(const Source& mail, const MimePart& part) {
    if (!is_pkcs7_mime(part.header, part.type)) {
        return false;
    }
    if (part.type.smime_type == "enveloped-data" || part.type.smime_type == "authenveloped-data") {
        return true;
    }
    SIGNET_TRY(const CmsType type, cms_type_of(mail, part));
    return type == CmsType::enveloped_data || type == CmsType::auth_enveloped_data ||
           type == CmsType::encrypted_data;
}

Result<bool> is_signed(const Source& mail, const MimePart& part) {
    if (is_multipart_signed(part)) {
        return true;
    }
    SIGNET_TRY(const CmsType type, cms_type_of(mail, part));
    return type == CmsType::signed_data;
}

enum class ForwardedMails { count, do_not_count };

// As deep as the scanner lets parts nest.
template <class Test>
Result<bool> any_below(const Source& mail, const MimePart& part, ForwardedMails forwarded, Test test) {
    if (part.kind != PartKind::multipart && forwarded == ForwardedMails::do_not_count) {
        return false;
    }
    for (const auto& child : part.parts) {
        SIGNET_TRY(bool found, test(mail, *child));
        if (!found) {
            SIGNET_TRY(found, any_below(mail, *child, forwarded, test));
        }
        if (found) {
            return true;
        }
    }
    return false;
}

}  // namespace

Result<bool> has_encrypted_part(const Source& mail, const MimePart& root) {
    return any_below(mail, root, ForwardedMails::count, is_encrypted);
}

Result<bool> has_signed_part(const Source& mail, const MimePart& root) {
    return any_below(mail, root, ForwardedMails::count, is_signed);
}

Result<bool> is_encrypted_within(const Source& source, const MimePart& payload) {
    SIGNET_TRY(const bool itself, is_encrypted(source, payload));
    return itself ? Result<bool>(true)
                  : any_below(source, payload, ForwardedMails::do_not_count, is_encrypted);
}

}  // namespace signet::smime
