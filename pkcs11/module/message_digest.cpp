#include "pkcs11/module/message_digest.h"

#include <nettle/nettle-meta.h>

namespace signet::module {
namespace {

const nettle_hash& implementation(HashAlgorithm hash) {
    switch (hash) {
        case HashAlgorithm::sha1:
            return nettle_sha1;
        case HashAlgorithm::sha224:
            return nettle_sha224;
        case HashAlgorithm::sha256:
            return nettle_sha256;
        case HashAlgorithm::sha384:
            return nettle_sha384;
        case HashAlgorithm::sha512:
            break;
    }
    return nettle_sha512;
}

}  // namespace

MessageDigest::MessageDigest(HashAlgorithm hash)
    : m_hash(&implementation(hash)), m_context(m_hash->context_size) {
    m_hash->init(m_context.data());
}

void MessageDigest::update(ByteView part) {
    m_hash->update(m_context.data(), part.size(), part.data());
}

Bytes MessageDigest::finish() {
    Bytes digest(m_hash->digest_size);
    m_hash->digest(m_context.data(), digest.size(), digest.data());
    return digest;
}

}  // namespace signet::module
