#include "token/block_cipher.h"

#include "x509/openssl.h"

#include <openssl/rand.h>

namespace signet::token {
namespace {

using CipherContextPointer = x509::Pointer<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

enum class Direction : int { decrypt = 0, encrypt = 1 };

const EVP_CIPHER* cipher_of(ManagementAlgorithm algorithm) {
    switch (algorithm) {
        case ManagementAlgorithm::tdes:
            return EVP_des_ede3_ecb();
        case ManagementAlgorithm::aes128:
            return EVP_aes_128_ecb();
        case ManagementAlgorithm::aes192:
            return EVP_aes_192_ecb();
        case ManagementAlgorithm::aes256:
            break;
    }
    return EVP_aes_256_ecb();
}

Result<Bytes> run(Direction direction, ManagementAlgorithm algorithm, const Secret& key, ByteView block) {
    if (key.size() != key_size(algorithm)) {
        return failure(ErrorCode::invalid_parameter, "management key",
                       "a key of " + std::to_string(key_size(algorithm)) + " octets is needed");
    }
    if (block.size() != block_size(algorithm)) {
        return failure(ErrorCode::invalid_parameter, "management key", "not one block of the cipher");
    }
    const CipherContextPointer context(EVP_CIPHER_CTX_new());
    Bytes out(block.size());
    int size = 0;
    if (!context ||
        EVP_CipherInit_ex(context.get(), cipher_of(algorithm), nullptr, key.expose().data(), nullptr,
                          static_cast<int>(direction)) != 1 ||
        EVP_CIPHER_CTX_set_padding(context.get(), 0) != 1 ||
        EVP_CipherUpdate(context.get(), out.data(), &size, block.data(), static_cast<int>(block.size())) !=
            1 ||
        static_cast<std::size_t>(size) != out.size()) {
        return x509::openssl_failure("EVP_CipherUpdate");
    }
    return out;
}

}  // namespace

std::size_t key_size(ManagementAlgorithm algorithm) {
    return static_cast<std::size_t>(EVP_CIPHER_get_key_length(cipher_of(algorithm)));
}

std::size_t block_size(ManagementAlgorithm algorithm) {
    return static_cast<std::size_t>(EVP_CIPHER_get_block_size(cipher_of(algorithm)));
}

Result<Bytes> encrypt_block(ManagementAlgorithm algorithm, const Secret& key, ByteView block) {
    return run(Direction::encrypt, algorithm, key, block);
}

Result<Bytes> decrypt_block(ManagementAlgorithm algorithm, const Secret& key, ByteView block) {
    return run(Direction::decrypt, algorithm, key, block);
}

Result<Bytes> random_octets(std::size_t count) {
    Bytes octets(count);
    if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) {
        return x509::openssl_failure("RAND_bytes");
    }
    return octets;
}

}  // namespace signet::token
