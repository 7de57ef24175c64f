#pragma once

#include <string>
#include <string_view>

namespace signet::smime {

// The fields of an application/pkcs7-mime entity (RFC 8551 section 3.2) in base64, and the empty line; CRLF.
std::string pkcs7_mime_fields(std::string_view smime_type, std::string_view file_name);

}  // namespace signet::smime
