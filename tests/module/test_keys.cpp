#include "tests/module/test_keys.h"

#include "tests/support/rsa_keys.h"
#include "x509/certificate.h"

#include <openssl/ecdsa.h>
#include <openssl/kdf.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include <stdexcept>

namespace signet::test {
namespace {

using x509::KeyContextPointer;
using x509::OpensslOctets;

// The tests' own keys never fail to work: an exception ends the test.
void must(int result) {
    if (result <= 0) {
        throw std::runtime_error(x509::openssl_error("test key").detail);
    }
}

const EVP_MD* message_digest(HashAlgorithm hash) {
    return EVP_get_digestbyname(std::string(name_of(hash)).c_str());
}

std::shared_ptr<EVP_PKEY> owned(EVP_PKEY* key) {
    return {key, EVP_PKEY_free};
}

TestKey describe(std::shared_ptr<EVP_PKEY> key, KeyType type, const std::string& label, Bytes object_id) {
    TestKey result{.key = std::move(key), .info = {}};
    unsigned char* der = nullptr;
    const int length = i2d_PUBKEY(result.key.get(), &der);
    const OpensslOctets owner(der);
    result.info.public_key_info.assign(der, der + length);
    result.info.id = x509::key_identifier(result.info.public_key_info);
    result.info.type = type;
    result.info.bits = static_cast<std::uint32_t>(EVP_PKEY_get_bits(result.key.get()));
    result.info.label = label;
    result.info.object_id = std::move(object_id);
    return result;
}

Bytes raw_from_der(EVP_PKEY* key, const Bytes& der) {
    const unsigned char* position = der.data();
    const x509::Pointer<ECDSA_SIG, ECDSA_SIG_free> signature(
        d2i_ECDSA_SIG(nullptr, &position, static_cast<long>(der.size())));
    const int half = (EVP_PKEY_get_bits(key) + 7) / 8;
    Bytes raw(static_cast<std::size_t>(2 * half));
    must(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), half));
    must(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + half, half));
    return raw;
}

Bytes der_from_raw(ByteView raw) {
    const int half = static_cast<int>(raw.size() / 2);
    const x509::Pointer<ECDSA_SIG, ECDSA_SIG_free> signature(ECDSA_SIG_new());
    must(ECDSA_SIG_set0(signature.get(), BN_bin2bn(raw.data(), half, nullptr),
                        BN_bin2bn(raw.data() + half, half, nullptr)));
    unsigned char* der = nullptr;
    const int length = i2d_ECDSA_SIG(signature.get(), &der);
    const OpensslOctets owner(der);
    return {der, der + length};
}

void set_padding(EVP_PKEY_CTX* context, const ipc::SignCall& call) {
    if (call.scheme == SignatureScheme::rsa_pkcs1 || call.scheme == SignatureScheme::rsa_pss) {
        const bool pss = call.scheme == SignatureScheme::rsa_pss;
        must(EVP_PKEY_CTX_set_rsa_padding(context, pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING));
        if (call.hash) {
            must(EVP_PKEY_CTX_set_signature_md(context, message_digest(*call.hash)));
        }
        if (pss) {
            must(EVP_PKEY_CTX_set_rsa_mgf1_md(context, message_digest(call.mask_hash.value_or(*call.hash))));
            must(EVP_PKEY_CTX_set_rsa_pss_saltlen(context,
                                                  static_cast<int>(call.salt_length.value_or(
                                                      static_cast<std::uint32_t>(digest_size(*call.hash))))));
        }
    }
}

Bytes to_be_signed(const ipc::SignCall& call) {
    return call.data_is_message && call.hash ? digest(*call.hash, call.data) : call.data;
}

// SEC 1 section 3.6.1.
Bytes x963_kdf(const Bytes& secret, const ipc::DeriveCall& call) {
    Bytes out;
    for (std::uint32_t counter = 1; out.size() < call.length.value_or(0); ++counter) {
        Bytes block = secret;
        for (int shift = 24; shift >= 0; shift -= 8) {
            block.push_back(static_cast<std::uint8_t>(counter >> shift));
        }
        block.insert(block.end(), call.shared_info.begin(), call.shared_info.end());
        const Bytes hashed = digest(*call.kdf_hash, block);
        out.insert(out.end(), hashed.begin(), hashed.end());
    }
    out.resize(call.length.value_or(0));
    return out;
}

x509::KeyPointer public_key_from_point(EVP_PKEY* like, ByteView point) {
    if (EVP_PKEY_get_base_id(like) == EVP_PKEY_X25519) {
        return x509::KeyPointer(
            EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, point.data(), point.size()));
    }
    x509::KeyPointer peer(EVP_PKEY_new());
    must(EVP_PKEY_copy_parameters(peer.get(), like));
    return EVP_PKEY_set1_encoded_public_key(peer.get(), point.data(), point.size()) == 1 ? std::move(peer)
                                                                                         : nullptr;
}

}  // namespace

TestKey make_rsa_key(const std::string& label, Bytes object_id, unsigned bits) {
    TestKey result = describe(new_rsa_key(bits), KeyType::rsa, label, std::move(object_id));
    result.info.signature_schemes = {SignatureScheme::rsa_pkcs1, SignatureScheme::rsa_pss};
    result.info.decryption_schemes = {DecryptionScheme::rsa_pkcs1, DecryptionScheme::rsa_oaep};
    return result;
}

TestKey make_ec_key(const std::string& label, Bytes object_id, const std::string& curve) {
    TestKey result = describe(owned(EVP_EC_gen(curve.c_str())), KeyType::ec, label, std::move(object_id));
    result.info.signature_schemes = {SignatureScheme::ecdsa};
    result.info.derive = true;
    return result;
}

TestKey make_ed25519_key(const std::string& label, Bytes object_id) {
    TestKey result = describe(owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")), KeyType::ed25519, label,
                              std::move(object_id));
    result.info.signature_schemes = {SignatureScheme::eddsa};
    return result;
}

TestKey make_x25519_key(const std::string& label, Bytes object_id) {
    TestKey result = describe(owned(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")), KeyType::x25519, label,
                              std::move(object_id));
    result.info.derive = true;
    return result;
}

ipc::Certificate make_certificate(const TestKey& key, const std::string& common_name, const TestKey* issuer) {
    const x509::X509Pointer certificate(X509_new());
    must(X509_set_version(certificate.get(), X509_VERSION_3));
    must(ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 0x1234));
    must(ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate.get()), "20260101000000Z"));
    must(ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate.get()), "20271231235959Z"));
    X509_NAME* name = X509_get_subject_name(certificate.get());
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0));
    must(X509_set_issuer_name(certificate.get(), name));
    must(X509_set_pubkey(certificate.get(), key.key.get()));
    const TestKey& signer = issuer != nullptr ? *issuer : key;
    const bool hashes = signer.info.type != KeyType::ed25519;
    must(X509_sign(certificate.get(), signer.key.get(), hashes ? EVP_sha256() : nullptr));
    unsigned char* der = nullptr;
    const int length = i2d_X509(certificate.get(), &der);
    const OpensslOctets owner(der);
    return {.der = {der, der + length},
            .label = key.info.label,
            .object_id = key.info.object_id,
            .key = key.info.id,
            .subject = "CN=" + common_name,
            .emails = {common_name + "@example.org"},
            .not_before = "2026-01-01T00:00:00Z",
            .not_after = "2027-12-31T23:59:59Z"};
}

Result<Bytes> sign_with(EVP_PKEY* key, const ipc::SignCall& call) {
    if (call.scheme == SignatureScheme::eddsa) {
        const x509::DigestContextPointer context(EVP_MD_CTX_new());
        must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key));
        Bytes signature(64);
        std::size_t length = signature.size();
        must(EVP_DigestSign(context.get(), signature.data(), &length, call.data.data(), call.data.size()));
        return signature;
    }
    const KeyContextPointer context(EVP_PKEY_CTX_new(key, nullptr));
    must(EVP_PKEY_sign_init(context.get()));
    set_padding(context.get(), call);
    const Bytes input = to_be_signed(call);
    Bytes signature(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
    std::size_t length = signature.size();
    if (EVP_PKEY_sign(context.get(), signature.data(), &length, input.data(), input.size()) <= 0) {
        return x509::openssl_failure("EVP_PKEY_sign", ErrorCode::driver_failed);
    }
    signature.resize(length);
    return call.scheme == SignatureScheme::ecdsa ? raw_from_der(key, signature) : signature;
}

bool verify_with(EVP_PKEY* key, const ipc::SignCall& call, ByteView signature) {
    if (call.scheme == SignatureScheme::eddsa) {
        const x509::DigestContextPointer context(EVP_MD_CTX_new());
        must(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key));
        return EVP_DigestVerify(context.get(), signature.data(), signature.size(), call.data.data(),
                                call.data.size()) == 1;
    }
    const KeyContextPointer context(EVP_PKEY_CTX_new(key, nullptr));
    must(EVP_PKEY_verify_init(context.get()));
    set_padding(context.get(), call);
    const Bytes input = to_be_signed(call);
    const Bytes encoded = call.scheme == SignatureScheme::ecdsa ? der_from_raw(signature)
                                                                : Bytes(signature.begin(), signature.end());
    return EVP_PKEY_verify(context.get(), encoded.data(), encoded.size(), input.data(), input.size()) == 1;
}

Result<Bytes> decrypt_with(EVP_PKEY* key, const ipc::DecryptCall& call) {
    const KeyContextPointer context(EVP_PKEY_CTX_new(key, nullptr));
    must(EVP_PKEY_decrypt_init(context.get()));
    if (call.scheme == DecryptionScheme::rsa_oaep) {
        const HashAlgorithm hash = call.hash.value_or(HashAlgorithm::sha1);
        must(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING));
        must(EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), message_digest(hash)));
        must(EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), message_digest(call.mask_hash.value_or(hash))));
        if (!call.label.empty()) {
            auto* label = static_cast<unsigned char*>(OPENSSL_memdup(call.label.data(), call.label.size()));
            must(EVP_PKEY_CTX_set0_rsa_oaep_label(context.get(), label, static_cast<int>(call.label.size())));
        }
    }
    Bytes plaintext(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
    std::size_t length = plaintext.size();
    if (EVP_PKEY_decrypt(context.get(), plaintext.data(), &length, call.ciphertext.data(),
                         call.ciphertext.size()) <= 0) {
        Error error = x509::openssl_error("EVP_PKEY_decrypt", ErrorCode::driver_failed);
        error.native_code = 0x40;  // CKR_ENCRYPTED_DATA_INVALID
        return Failure(std::move(error));
    }
    plaintext.resize(length);
    return plaintext;
}

Result<Bytes> derive_with(EVP_PKEY* key, const ipc::DeriveCall& call) {
    const auto peer = public_key_from_point(key, call.public_key);
    if (peer == nullptr) {
        return x509::openssl_failure("public key", ErrorCode::driver_failed);
    }
    const KeyContextPointer context(EVP_PKEY_CTX_new(key, nullptr));
    must(EVP_PKEY_derive_init(context.get()));
    must(EVP_PKEY_derive_set_peer(context.get(), peer.get()));
    std::size_t length = 0;
    must(EVP_PKEY_derive(context.get(), nullptr, &length));
    Bytes secret(length);
    must(EVP_PKEY_derive(context.get(), secret.data(), &length));
    return call.kdf_hash ? x963_kdf(secret, call) : secret;
}

Bytes encrypt_with(EVP_PKEY* key, ByteView plaintext, int padding, const EVP_MD* oaep_hash) {
    const KeyContextPointer context(EVP_PKEY_CTX_new(key, nullptr));
    must(EVP_PKEY_encrypt_init(context.get()));
    must(EVP_PKEY_CTX_set_rsa_padding(context.get(), padding));
    if (oaep_hash != nullptr) {
        must(EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), oaep_hash));
        must(EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), oaep_hash));
    }
    Bytes ciphertext(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
    std::size_t length = ciphertext.size();
    must(EVP_PKEY_encrypt(context.get(), ciphertext.data(), &length, plaintext.data(), plaintext.size()));
    return ciphertext;
}

Bytes wrap_with_aes(ByteView key, ByteView plaintext) {
    const std::string name = "AES-" + std::to_string(8 * key.size()) + "-WRAP";
    const x509::Pointer<EVP_CIPHER, EVP_CIPHER_free> cipher(EVP_CIPHER_fetch(nullptr, name.c_str(), nullptr));
    const x509::Pointer<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free> context(EVP_CIPHER_CTX_new());
    EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    must(EVP_EncryptInit_ex(context.get(), cipher.get(), nullptr, key.data(), nullptr));
    Bytes wrapped(plaintext.size() + 8);
    int length = 0;
    must(EVP_EncryptUpdate(context.get(), wrapped.data(), &length, plaintext.data(),
                           static_cast<int>(plaintext.size())));
    return wrapped;
}

Bytes public_point(EVP_PKEY* key) {
    unsigned char* point = nullptr;
    const std::size_t length = EVP_PKEY_get1_encoded_public_key(key, &point);
    const OpensslOctets owner(point);
    return {point, point + length};
}

Bytes digest(HashAlgorithm hash, ByteView data) {
    Bytes value(digest_size(hash));
    must(EVP_Digest(data.data(), data.size(), value.data(), nullptr, message_digest(hash), nullptr));
    return value;
}

}  // namespace signet::test
