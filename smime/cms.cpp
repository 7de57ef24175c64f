#include "smime/cms.h"

#include <algorithm>

namespace signet::smime {
namespace {

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
