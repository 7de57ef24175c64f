#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "x509/certificate.h"
#include "x509/openssl.h"

#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

// BER or DER; only line breaks, blanks and NULs may follow.
Result<x509::CmsPointer> parse_cms(std::string_view octets);
Result<std::string> to_der(CMS_ContentInfo* cms);

// A copy of the list without repeated certificates.
std::vector<x509::Certificate> without_duplicates(const std::vector<x509::Certificate>& certificates);

}  // namespace signet::smime
