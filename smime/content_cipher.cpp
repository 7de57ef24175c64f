#include "smime/content_cipher.h"

#include <openssl/objects.h>

#include <array>

namespace signet::smime {
namespace {

struct NamedCipher {
    ContentCipher cipher;
    std::string_view name;
    int nid;
};

// In the order of the enumerators.
constexpr std::array<NamedCipher, 4> ciphers{{
    {ContentCipher::aes128_cbc, "aes128_cbc", NID_aes_128_cbc},
    {ContentCipher::aes256_cbc, "aes256_cbc", NID_aes_256_cbc},
    {ContentCipher::aes128_gcm, "aes128_gcm", NID_aes_128_gcm},
    {ContentCipher::aes256_gcm, "aes256_gcm", NID_aes_256_gcm},
}};

}  // namespace

std::string_view name_of(ContentCipher cipher) {
    return ciphers.at(static_cast<std::size_t>(cipher)).name;
}

int nid_of(ContentCipher cipher) {
    return ciphers.at(static_cast<std::size_t>(cipher)).nid;
}

std::optional<ContentCipher> content_cipher_from_name(std::string_view name) {
    for (const NamedCipher& known : ciphers) {
        if (known.name == name) {
            return known.cipher;
        }
    }
    return std::nullopt;
}

}  // namespace signet::smime
