#include "tests/support/piv_card/block_cipher.h"

#include "x509/openssl.h"

#include <openssl/rand.h>

#include <stdexcept>

namespace signet::test::piv_card {
namespace {

using CipherContextPointer = x509::Pointer<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

const EVP_CIPHER* cipher(CipherAlgorithm algorithm) {
    switch (algorithm) {
        case CipherAlgorithm::triple_des:
            return EVP_des_ede3_ecb();
        case CipherAlgorithm::aes_128:
            return EVP_aes_128_ecb();
        case CipherAlgorithm::aes_192:
            return EVP_aes_192_ecb();
        case CipherAlgorithm::aes_256:
            return EVP_aes_256_ecb();
    }
    return nullptr;
}

}  // namespace

std::optional<CipherAlgorithm> cipher_algorithm(std::uint8_t identifier) {
    switch (identifier) {
        case 0x00:
        case 0x03:
            return CipherAlgorithm::triple_des;
        case 0x08:
        case 0x0A:
        case 0x0C:
            return static_cast<CipherAlgorithm>(identifier);
        default:
            return std::nullopt;
    }
}

std::size_t key_size(CipherAlgorithm algorithm) {
    return static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher(algorithm)));
}

std::size_t block_size(CipherAlgorithm algorithm) {
    return static_cast<std::size_t>(EVP_CIPHER_get_block_size(cipher(algorithm)));
}

Bytes encrypt_block(CipherAlgorithm algorithm, ByteView key, ByteView block) {
    const CipherContextPointer context(EVP_CIPHER_CTX_new());
    Bytes output(block.size());
    int size = 0;
    if (EVP_EncryptInit_ex(context.get(), cipher(algorithm), nullptr, key.data(), nullptr) != 1 ||
        EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
        EVP_EncryptUpdate(context.get(), output.data(), &size, block.data(),
                          static_cast<int>(block.size())) != 1) {
        throw std::runtime_error(x509::openssl_error("EVP_EncryptUpdate").detail);
    }
    return output;
}

Bytes random_octets(std::size_t count) {
    Bytes octets(count);
    if (RAND_bytes(octets.data(), static_cast<int>(count)) != 1) {
        throw std::runtime_error(x509::openssl_error("RAND_bytes").detail);
    }
    return octets;
}

}  // namespace signet::test::piv_card
