#pragma once

#include "x509/certificate.h"
#include "x509/openssl.h"

#include <openssl/evp.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet::test {

// What a leaf certificate may be used for. Key usage follows from it and from the key's type.
enum class CertificateUsage { sign, encrypt, sign_and_encrypt, no_mail, authenticate, timestamps };

struct LeafOptions {
    std::string subject;  // common name
    std::string email;    // rfc822Name; none when empty
    CertificateUsage usage = CertificateUsage::sign_and_encrypt;
    std::string address;  // iPAddress of a server; none when empty
    int first_day = -1;   // validity in days from now
    int last_day = 30;
};

// A certificate with its private key.
struct Identity {
    x509::Certificate certificate;
    std::shared_ptr<EVP_PKEY> key;
};

// "rsa:2048" (any size), "P-256", "P-384", "P-521", "ed25519", "x25519".
std::shared_ptr<EVP_PKEY> generate_key(std::string_view kind);

// A certification authority in memory. Failures throw: a test without certificates cannot go on.
class TestAuthority {
  public:
    // Self-signed, with a P-256 key unless another kind is asked for.
    explicit TestAuthority(std::string_view name = "Signet Test Root", std::string_view key_kind = "P-256");

    [[nodiscard]] const x509::Certificate& certificate() const { return m_certificate; }

    // For a public key whose private half may live elsewhere, as on a token.
    x509::Certificate issue(EVP_PKEY* public_key, const LeafOptions& options);
    x509::Certificate issue(EVP_PKEY* public_key, const std::string& subject, const std::string& email,
                            CertificateUsage usage = CertificateUsage::sign_and_encrypt);
    // With a fresh key.
    Identity issue_identity(std::string_view key_kind, const LeafOptions& options);
    Identity issue_identity(std::string_view key_kind, const std::string& email,
                            CertificateUsage usage = CertificateUsage::sign_and_encrypt);
    // A subordinate authority.
    TestAuthority issue_authority(std::string_view name);

  private:
    TestAuthority(x509::Certificate certificate, std::shared_ptr<EVP_PKEY> key);

    x509::Certificate m_certificate;
    std::shared_ptr<EVP_PKEY> m_key;
};

std::string to_pem(const x509::Certificate& certificate);
// PKCS#8 without a password: throw-away keys only.
std::string to_pem(EVP_PKEY* private_key);

struct Pkcs12Content {
    Identity identity;
    std::vector<x509::Certificate> chain;
};
// DER, or DER in base64 as some corpora have it.
Pkcs12Content read_pkcs12(const std::filesystem::path& path, const std::string& password);
// With 3DES and SHA-1: nothing newer is read by gpgsm 2.2.
void write_pkcs12(const std::filesystem::path& path, const Identity& identity,
                  const std::vector<x509::Certificate>& chain, const std::string& password);

}  // namespace signet::test
