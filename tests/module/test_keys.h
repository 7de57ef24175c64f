#pragma once

#include "ipc/types.h"
#include "x509/openssl.h"

#include <memory>
#include <string>

namespace signet::test {

// A key that the fake agent holds, and how it is shown in an inventory.
struct TestKey {
    std::shared_ptr<EVP_PKEY> key;
    ipc::Key info;
};

// `object_id` is what the token claims as CKA_ID.
TestKey make_rsa_key(const std::string& label, Bytes object_id, unsigned bits = 2048);
TestKey make_ec_key(const std::string& label, Bytes object_id, const std::string& curve = "P-256");
TestKey make_ed25519_key(const std::string& label, Bytes object_id);
TestKey make_x25519_key(const std::string& label, Bytes object_id);

// Signed by itself, or by `issuer` where the key cannot sign. Valid in 2026 and 2027.
ipc::Certificate make_certificate(const TestKey& key, const std::string& common_name,
                                  const TestKey* issuer = nullptr);

// As the host does it: with the scheme, hash and padding that the call names.
Result<Bytes> sign_with(EVP_PKEY* key, const ipc::SignCall& call);
Result<Bytes> decrypt_with(EVP_PKEY* key, const ipc::DecryptCall& call);
Result<Bytes> derive_with(EVP_PKEY* key, const ipc::DeriveCall& call);

// For checking what came back. `signature` is in the form of PKCS#11.
bool verify_with(EVP_PKEY* key, const ipc::SignCall& call, ByteView signature);
Bytes encrypt_with(EVP_PKEY* key, ByteView plaintext, int padding, const EVP_MD* oaep_hash = nullptr);
Bytes wrap_with_aes(ByteView key, ByteView plaintext);  // RFC 3394
Bytes public_point(EVP_PKEY* key);
Bytes digest(HashAlgorithm hash, ByteView data);

}  // namespace signet::test
