#include "smime/encryption_below.h"

#include "smime/cms_stream.h"

namespace signet::smime {
namespace {

Result<bool> is_encrypted_leaf(const Source& source, const MimePart& part) {
    if (!is_pkcs7_mime(part.header, part.type)) {
        return false;
    }
    if (part.type.smime_type == "enveloped-data" || part.type.smime_type == "authenveloped-data") {
        return true;
    }
    const auto cms = open_cms(source, part);
    if (!cms && cms.error().code == ErrorCode::input_output) {
        return Failure(cms.error());
    }
    return cms && *cms &&
           ((*cms)->type == CmsType::enveloped_data || (*cms)->type == CmsType::auth_enveloped_data ||
            (*cms)->type == CmsType::encrypted_data);
}

}  // namespace

Result<bool> has_encryption_below(const Source& source, const MimePart& payload) {
    if (payload.kind == PartKind::leaf) {
        return is_encrypted_leaf(source, payload);
    }
    // The scanner has bounded the depth.
    for (std::size_t i = 0; payload.kind == PartKind::multipart && i < payload.parts.size(); ++i) {
        SIGNET_TRY(const bool found, has_encryption_below(source, *payload.parts[i]));
        if (found) {
            return true;
        }
    }
    return false;
}

}  // namespace signet::smime
