#include "tests/support/private_keys.h"

#include "tests/support/certificates.h"

#include <map>
#include <stdexcept>

namespace signet::test {

Secret private_key_info(EVP_PKEY* key) {
    const x509::Pointer<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free> info(EVP_PKEY2PKCS8(key));
    unsigned char* octets = nullptr;
    const int length = i2d_PKCS8_PRIV_KEY_INFO(info.get(), &octets);
    const x509::OpensslOctets owner(octets);
    if (length <= 0) {
        throw std::runtime_error("i2d_PKCS8_PRIV_KEY_INFO");
    }
    return Secret::copy_of({octets, static_cast<std::size_t>(length)}).value();
}

Bytes public_key_info(const EVP_PKEY* key) {
    unsigned char* octets = nullptr;
    const int length = i2d_PUBKEY(key, &octets);
    const x509::OpensslOctets owner(octets);
    if (length <= 0) {
        throw std::runtime_error("i2d_PUBKEY");
    }
    return {octets, octets + length};
}

std::shared_ptr<EVP_PKEY> shared_key(const std::string& kind) {
    static std::map<std::string, std::shared_ptr<EVP_PKEY>> keys;
    auto& key = keys[kind];
    if (!key) {
        key = generate_key(kind);
    }
    return key;
}

}  // namespace signet::test
