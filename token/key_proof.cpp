#include "token/key_proof.h"

#include "token/block_cipher.h"
#include "x509/openssl.h"

namespace signet::token {
namespace {

Result<x509::KeyPointer> parsed(const PublicKey& key) {
    const unsigned char* position = key.public_key_info.data();
    x509::KeyPointer result(d2i_PUBKEY(nullptr, &position, static_cast<long>(key.public_key_info.size())));
    if (!result) {
        return x509::openssl_failure("d2i_PUBKEY", ErrorCode::malformed);
    }
    return result;
}

Result<Bytes> raw_point(const EVP_PKEY* key) {
    unsigned char* octets = nullptr;
    const std::size_t size = EVP_PKEY_get1_encoded_public_key(const_cast<EVP_PKEY*>(key), &octets);
    const x509::OpensslOctets owner(octets);
    if (size == 0) {
        return x509::openssl_failure("EVP_PKEY_get1_encoded_public_key");
    }
    return Bytes(octets, octets + size);
}

Result<x509::KeyPointer> key_of_the_same_kind(EVP_PKEY* key) {
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    EVP_PKEY* made = nullptr;
    if (!context || EVP_PKEY_keygen_init(context.get()) != 1 || EVP_PKEY_keygen(context.get(), &made) != 1) {
        return x509::openssl_failure("EVP_PKEY_keygen");
    }
    return x509::KeyPointer(made);
}

Result<Bytes> agreed(EVP_PKEY* own, EVP_PKEY* peer) {
    const x509::KeyContextPointer context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
    std::size_t size = 0;
    if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
        EVP_PKEY_derive_set_peer(context.get(), peer) != 1 ||
        EVP_PKEY_derive(context.get(), nullptr, &size) != 1) {
        return x509::openssl_failure("EVP_PKEY_derive");
    }
    Bytes secret(size);
    if (EVP_PKEY_derive(context.get(), secret.data(), &size) != 1) {
        return x509::openssl_failure("EVP_PKEY_derive");
    }
    secret.resize(size);
    return secret;
}

}  // namespace

Result<Bytes> rsa_question(const PublicKey& key) {
    SIGNET_TRY(Bytes question, random_octets(key.modulus.size()));
    if (question.empty()) {
        return failure(ErrorCode::invalid_parameter, "rsa_question", "no RSA key");
    }
    question.front() = 0;
    return question;
}

Result<AgreementQuestion> agreement_question(const PublicKey& key) {
    SIGNET_TRY(const auto theirs, parsed(key));
    SIGNET_TRY(const auto ours, key_of_the_same_kind(theirs.get()));
    SIGNET_TRY(Bytes point, raw_point(ours.get()));
    SIGNET_TRY(Bytes answer, agreed(ours.get(), theirs.get()));
    return AgreementQuestion{.point = std::move(point), .answer = std::move(answer)};
}

}  // namespace signet::token
