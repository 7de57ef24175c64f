#include "token/digest.h"

#include <openssl/hmac.h>

#include <algorithm>

namespace signet::token {

const EVP_MD* message_digest(HashAlgorithm hash) {
    switch (hash) {
        case HashAlgorithm::sha1:
            return EVP_sha1();
        case HashAlgorithm::sha224:
            return EVP_sha224();
        case HashAlgorithm::sha256:
            return EVP_sha256();
        case HashAlgorithm::sha384:
            return EVP_sha384();
        case HashAlgorithm::sha512:
            break;
    }
    return EVP_sha512();
}

Result<Bytes> digest(HashAlgorithm hash, ByteView message) {
    Bytes value(digest_size(hash));
    if (EVP_Digest(message.data(), message.size(), value.data(), nullptr, message_digest(hash), nullptr) !=
        1) {
        return x509::openssl_failure("EVP_Digest");
    }
    return value;
}

Result<Bytes> hmac_sha256(ByteView key, ByteView message) {
    Bytes value(digest_size(HashAlgorithm::sha256));
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(),
             value.data(), nullptr) == nullptr) {
        return x509::openssl_failure("HMAC");
    }
    return value;
}

Result<void> apply_mgf1(HashAlgorithm hash, ByteView seed, std::span<std::uint8_t> masked) {
    Bytes input(seed.begin(), seed.end());
    input.resize(seed.size() + 4);
    for (std::uint32_t counter = 0; !masked.empty(); ++counter) {
        for (std::size_t i = 0; i < 4; ++i) {
            input[seed.size() + i] = static_cast<std::uint8_t>(counter >> (24 - 8 * i));
        }
        SIGNET_TRY(Bytes block, digest(hash, input));
        const std::size_t count = std::min(block.size(), masked.size());
        for (std::size_t i = 0; i < count; ++i) {
            masked[i] ^= block[i];
        }
        wipe(block);
        masked = masked.subspan(count);
    }
    wipe(input);
    return {};
}

}  // namespace signet::token
