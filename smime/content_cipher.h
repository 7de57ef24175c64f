#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace signet::smime {

enum class ContentCipher : std::uint8_t { aes128_cbc, aes256_cbc, aes128_gcm, aes256_gcm };

std::string_view name_of(ContentCipher cipher);
std::optional<ContentCipher> content_cipher_from_name(std::string_view name);

// Makes AuthEnvelopedData (RFC 5083).
inline bool is_authenticated(ContentCipher cipher) {
    return cipher == ContentCipher::aes128_gcm || cipher == ContentCipher::aes256_gcm;
}
int nid_of(ContentCipher cipher);

}  // namespace signet::smime
