#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "smime/entity.h"
#include "x509/certificate.h"
#include "x509/openssl.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

// BER or DER; only line breaks, blanks and NULs may follow.
Result<x509::CmsPointer> parse_cms(std::string_view octets);
Result<std::string> to_der(CMS_ContentInfo* cms);

enum class CmsKind { signed_data, encrypted_data, other };
CmsKind kind_of(const CMS_ContentInfo* cms);

// The content of an application/pkcs7-mime body, whatever type name, smime-type and file name the sender gave
// it. Nothing when the entity is not of that kind.
Result<std::optional<x509::CmsPointer>> cms_body_of(const Entity& entity);
// multipart/signed with an S/MIME protocol.
bool is_multipart_signed(const Entity& entity);

// A copy of the list without repeated certificates.
std::vector<x509::Certificate> without_duplicates(const std::vector<x509::Certificate>& certificates);

}  // namespace signet::smime
