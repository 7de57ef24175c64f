#include "token/signature_padding.h"

#include "token/digest.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace signet::token {
namespace {

// AlgorithmIdentifier of each hash with NULL parameters: the last arc differs (RFC 8017 appendix B.1).
Bytes algorithm_identifier(HashAlgorithm hash) {
    if (hash == HashAlgorithm::sha1) {
        return {0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00};
    }
    std::uint8_t arc = 0;
    switch (hash) {
        case HashAlgorithm::sha224:
            arc = 4;
            break;
        case HashAlgorithm::sha384:
            arc = 2;
            break;
        case HashAlgorithm::sha512:
            arc = 3;
            break;
        default:
            arc = 1;
    }
    return {0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, arc, 0x05, 0x00};
}

// Every length here is below 128, so each takes one octet.
void append_tagged(Bytes& out, std::uint8_t tag, ByteView content) {
    out.push_back(tag);
    out.push_back(static_cast<std::uint8_t>(content.size()));
    out.insert(out.end(), content.begin(), content.end());
}

Result<void> check_digest(HashAlgorithm hash, ByteView digest) {
    if (digest.size() != digest_size(hash)) {
        return failure(ErrorCode::invalid_parameter, "sign", "digest");
    }
    return {};
}

}  // namespace

Result<Bytes> digest_info(HashAlgorithm hash, ByteView digest) {
    SIGNET_CHECK(check_digest(hash, digest));
    Bytes content = algorithm_identifier(hash);
    append_tagged(content, 0x04, digest);
    Bytes encoded;
    append_tagged(encoded, 0x30, content);
    return encoded;
}

Result<Bytes> pkcs1_signature_block(ByteView digest_info, std::size_t modulus_size) {
    if (digest_info.size() + 11 > modulus_size) {
        return failure(ErrorCode::invalid_parameter, "sign", "digest");
    }
    Bytes block(modulus_size, 0xff);
    block[0] = 0x00;
    block[1] = 0x01;
    block[modulus_size - digest_info.size() - 1] = 0x00;
    std::copy(digest_info.begin(), digest_info.end(),
              block.end() - static_cast<std::ptrdiff_t>(digest_info.size()));
    return block;
}

Result<Bytes> pss_signature_block(const PssParameters& parameters, ByteView digest,
                                  std::size_t modulus_bits) {
    if (parameters.salt_length > max_rsa_bits / 8) {
        return failure(ErrorCode::invalid_parameter, "sign", "salt_length");
    }
    Bytes salt(parameters.salt_length);
    if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1) {
        return x509::openssl_failure("RAND_bytes");
    }
    return pss_signature_block(parameters, digest, salt, modulus_bits);
}

Result<Bytes> pss_signature_block(const PssParameters& parameters, ByteView digest, ByteView salt,
                                  std::size_t modulus_bits) {
    SIGNET_CHECK(check_digest(parameters.hash, digest));
    const std::size_t hash_size = digest_size(parameters.hash);
    const std::size_t encoded_bits = modulus_bits - 1;
    const std::size_t encoded_size = (encoded_bits + 7) / 8;
    if (encoded_size < hash_size + salt.size() + 2) {
        return failure(ErrorCode::invalid_parameter, "sign", "salt_length");
    }
    Bytes hashed(8, 0);
    hashed.insert(hashed.end(), digest.begin(), digest.end());
    hashed.insert(hashed.end(), salt.begin(), salt.end());
    SIGNET_TRY(const Bytes h, token::digest(parameters.hash, hashed));

    Bytes block((modulus_bits + 7) / 8, 0);
    const std::span<std::uint8_t> encoded = std::span(block).last(encoded_size);
    const std::span<std::uint8_t> masked = encoded.first(encoded_size - hash_size - 1);
    masked[masked.size() - salt.size() - 1] = 0x01;
    std::copy(salt.begin(), salt.end(), masked.end() - static_cast<std::ptrdiff_t>(salt.size()));
    SIGNET_CHECK(apply_mgf1(parameters.mask_hash, h, masked));
    encoded[0] &= static_cast<std::uint8_t>(0xff >> (8 * encoded_size - encoded_bits));
    std::copy(h.begin(), h.end(), encoded.begin() + static_cast<std::ptrdiff_t>(masked.size()));
    encoded.back() = 0xbc;
    return block;
}

}  // namespace signet::token
