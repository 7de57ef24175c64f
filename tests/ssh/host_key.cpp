#include "tests/ssh/host_key.h"

#include "ssh/message.h"
#include "ssh/signature.h"
#include "tests/support/certificates.h"

#include <openssl/ec.h>
#include <openssl/x509.h>

#include <stdexcept>

namespace signet::test {
namespace {

Bytes subject_public_key_info(EVP_PKEY* key) {
    unsigned char* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    Bytes octets(der, der + size);
    OPENSSL_free(der);
    return octets;
}

const EVP_MD* digest_of(HashAlgorithm hash) {
    return EVP_get_digestbyname(std::string(name_of(hash)).c_str());
}

// r and s, each as long as the field.
Bytes plain_ecdsa(ByteView der, std::size_t field) {
    const unsigned char* position = der.data();
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(der.size()));
    Bytes plain(2 * field);
    BN_bn2binpad(ECDSA_SIG_get0_r(signature), plain.data(), static_cast<int>(field));
    BN_bn2binpad(ECDSA_SIG_get0_s(signature), plain.data() + field, static_cast<int>(field));
    ECDSA_SIG_free(signature);
    return plain;
}

}  // namespace

HostKey::HostKey(std::string_view kind)
    : m_key(generate_key(kind)), m_blob(ssh::public_key_blob(subject_public_key_info(m_key.get())).value()) {}

Bytes HostKey::sign(ByteView message, HashAlgorithm hash) const {
    const auto key = ssh::parse_public_key(m_blob).value();
    const EVP_MD* digest = nullptr;
    if (key.type != KeyType::ed25519) {
        digest = digest_of(key.type == KeyType::ec ? ssh::hash_of(key.curve) : hash);
    }
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    std::size_t size = 0;
    EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, m_key.get());
    EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size());
    Bytes signature(size);
    if (EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) != 1) {
        throw std::runtime_error("EVP_DigestSign");
    }
    signature.resize(size);
    if (key.type == KeyType::ec) {
        signature = plain_ecdsa(signature, ssh::field_size(key.curve));
    }
    const auto flags = hash == HashAlgorithm::sha512 ? ssh::flag_rsa_sha2_512 : ssh::flag_rsa_sha2_256;
    auto algorithm = ssh::choose_algorithm(key, flags).value();
    if (key.type == KeyType::rsa && hash == HashAlgorithm::sha1) {
        algorithm.name = "ssh-rsa";
    }
    return ssh::encode_signature_blob(algorithm, signature).value();
}

}  // namespace signet::test
