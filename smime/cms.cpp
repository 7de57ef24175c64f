#include "smime/cms.h"

#include "smime/mime.h"

#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>

namespace signet::smime {
namespace {

bool is_pkcs7_type(std::string_view type, std::string_view name) {
    return type == "application/" + std::string(name) || type == "application/x-" + std::string(name);
}

bool ends_with_ignoring_case(std::string_view text, std::string_view suffix) {
    return text.size() >= suffix.size() &&
           equal_ignoring_case(text.substr(text.size() - suffix.size()), suffix);
}

bool holds_cms(const Entity& entity, const ContentType& type) {
    if (is_pkcs7_type(type.type, "pkcs7-mime")) {
        return true;
    }
    return type.type == "application/octet-stream" &&
           ends_with_ignoring_case(file_name_of(entity, type), ".p7m");
}

// BER and DER of a ContentInfo start with SEQUENCE; anything else without an encoding is base64 that lost its
// field.
TransferEncoding effective_encoding(const Entity& entity) {
    const TransferEncoding encoding = transfer_encoding_of(entity);
    const bool plain = encoding == TransferEncoding::identity || encoding == TransferEncoding::unknown;
    return plain && !entity.body.starts_with('\x30') ? TransferEncoding::base64 : encoding;
}

bool is_filler(std::string_view text) {
    using namespace std::string_view_literals;
    return text.find_first_not_of("\0 \t\r\n"sv) == std::string_view::npos;
}

}  // namespace

Result<x509::CmsPointer> parse_cms(std::string_view octets) {
    const auto bytes = as_bytes(octets);
    const unsigned char* position = bytes.data();
    const auto* item = ASN1_ITEM_rptr(CMS_ContentInfo);
    x509::CmsPointer cms(reinterpret_cast<CMS_ContentInfo*>(
        ASN1_item_d2i(nullptr, &position, static_cast<long>(bytes.size()), item)));
    if (!cms) {
        return x509::openssl_failure("read CMS", ErrorCode::malformed);
    }
    if (!is_filler(octets.substr(static_cast<std::size_t>(position - bytes.data())))) {
        return failure(ErrorCode::malformed, "read CMS", "octets after the structure");
    }
    return cms;
}

Result<std::string> to_der(CMS_ContentInfo* cms) {
    const x509::BioPointer bio(BIO_new(BIO_s_mem()));
    if (!bio || i2d_CMS_bio(bio.get(), cms) != 1) {
        return x509::openssl_failure("i2d_CMS_bio");
    }
    return std::string(as_text(x509::memory_content(bio.get())));
}

CmsKind kind_of(const CMS_ContentInfo* cms) {
    switch (OBJ_obj2nid(CMS_get0_type(cms))) {
        case NID_pkcs7_signed:
            return CmsKind::signed_data;
        case NID_pkcs7_enveloped:
        case NID_id_smime_ct_authEnvelopedData:
            return CmsKind::encrypted_data;
        default:
            return CmsKind::other;
    }
}

Result<std::optional<x509::CmsPointer>> cms_body_of(const Entity& entity) {
    SIGNET_TRY(const ContentType type, content_type_of(entity));
    if (!holds_cms(entity, type)) {
        return std::nullopt;
    }
    SIGNET_TRY(auto cms, parse_cms(decode_transfer(entity.body, effective_encoding(entity))));
    return std::optional(std::move(cms));
}

bool is_multipart_signed(const Entity& entity) {
    const auto type = content_type_of(entity);
    return type && type->type == "multipart/signed" &&
           (type->protocol.empty() || is_pkcs7_type(type->protocol, "pkcs7-signature"));
}

std::vector<x509::Certificate> without_duplicates(const std::vector<x509::Certificate>& certificates) {
    std::vector<x509::Certificate> result;
    for (const auto& certificate : certificates) {
        const bool known = std::any_of(result.begin(), result.end(), [&](const x509::Certificate& other) {
            return X509_cmp(other.get(), certificate.get()) == 0;
        });
        if (!known) {
            result.push_back(certificate);
        }
    }
    return result;
}

}  // namespace signet::smime
