#include "token/key_proof.h"

#include "token/block_cipher.h"
#include "x509/openssl.h"

#include <openssl/core_names.h>
#include <openssl/err.h>

namespace signet::token {
namespace {

using NumberContextPointer = x509::Pointer<BN_CTX, BN_CTX_free>;

Result<x509::KeyPointer> parsed(const PublicKey& key) {
    const unsigned char* position = key.public_key_info.data();
    x509::KeyPointer result(d2i_PUBKEY(nullptr, &position, static_cast<long>(key.public_key_info.size())));
    if (!result) {
        return x509::openssl_failure("d2i_PUBKEY", ErrorCode::malformed);
    }
    return result;
}

x509::BignumPointer number_of(const EVP_PKEY* key, const char* parameter) {
    BIGNUM* number = nullptr;
    EVP_PKEY_get_bn_param(key, parameter, &number);
    return x509::BignumPointer(number);
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

Result<bool> rsa_answer_fits(const PublicKey& key, ByteView question, ByteView answer) {
    SIGNET_TRY(const auto parsed_key, parsed(key));
    const auto modulus = number_of(parsed_key.get(), OSSL_PKEY_PARAM_RSA_N);
    const auto exponent = number_of(parsed_key.get(), OSSL_PKEY_PARAM_RSA_E);
    const x509::BignumPointer expected(
        BN_bin2bn(question.data(), static_cast<int>(question.size()), nullptr));
    const x509::BignumPointer given(BN_bin2bn(answer.data(), static_cast<int>(answer.size()), nullptr));
    const x509::BignumPointer result(BN_new());
    const NumberContextPointer context(BN_CTX_new());
    if (!modulus || !exponent || !expected || !given || !result || !context ||
        BN_mod_exp(result.get(), given.get(), exponent.get(), modulus.get(), context.get()) != 1) {
        return x509::openssl_failure("BN_mod_exp");
    }
    return BN_cmp(result.get(), expected.get()) == 0;
}

Result<bool> signature_fits(const PublicKey& key, ByteView question, ByteView signature) {
    SIGNET_TRY(const auto parsed_key, parsed(key));
    bool fits = false;
    if (key.type == KeyType::ed25519) {
        const x509::DigestContextPointer context(EVP_MD_CTX_new());
        fits = EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, parsed_key.get()) == 1 &&
               EVP_DigestVerify(context.get(), signature.data(), signature.size(), question.data(),
                                question.size()) == 1;
    } else {
        const x509::KeyContextPointer context(EVP_PKEY_CTX_new(parsed_key.get(), nullptr));
        fits = context && EVP_PKEY_verify_init(context.get()) == 1 &&
               EVP_PKEY_verify(context.get(), signature.data(), signature.size(), question.data(),
                               question.size()) == 1;
    }
    // A signature that does not fit leaves its reason in the queue.
    ERR_clear_error();
    return fits;
}

Result<AgreementQuestion> agreement_question(const PublicKey& key) {
    SIGNET_TRY(const auto theirs, parsed(key));
    SIGNET_TRY(const auto ours, key_of_the_same_kind(theirs.get()));
    SIGNET_TRY(Bytes point, raw_point(ours.get()));
    SIGNET_TRY(Bytes answer, agreed(ours.get(), theirs.get()));
    return AgreementQuestion{.point = std::move(point), .answer = std::move(answer)};
}

}  // namespace signet::token
