#pragma once

#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"
#include "x509/openssl.h"

#include <filesystem>
#include <string>

namespace signet::test {

// A SoftHSM of its own, in a folder of its own. Tokens on it have the user PIN `pin`.
class SoftHsm {
  public:
    static constexpr const char* module = "/usr/lib/softhsm/libsofthsm2.so";
    static constexpr const char* pin = "123456";
    static constexpr const char* so_pin = "12345678";

    // True when the module and its tools are installed.
    static bool available();

    SoftHsm();

    [[nodiscard]] const std::filesystem::path& directory() const { return m_directory.path(); }
    // SOFTHSM2_CONF, for every program that loads the module.
    [[nodiscard]] Variables variables() const;

    void init_token(const std::string& label) const;

    // `type` as pkcs11-tool has it: "rsa:2048", "EC:prime256v1", "EC:edwards25519". `id` is hexadecimal.
    void generate_key(const std::string& token, const std::string& type, const std::string& id,
                      const std::string& label, bool always_authenticate = false) const;
    // DER of a certificate.
    void write_certificate(const std::string& token, const std::string& der, const std::string& id,
                           const std::string& label) const;
    // Runs pkcs11-tool on the token, logged in.
    void pkcs11_tool(const std::string& token, const std::vector<std::string>& arguments) const;

  private:
    TemporaryDirectory m_directory;
};

// Imports key pairs into a token by C_CreateObject, inside this process: far quicker than a program for each.
class KeyImporter {
  public:
    KeyImporter(const SoftHsm& softhsm, const std::string& token);
    ~KeyImporter();
    KeyImporter(const KeyImporter&) = delete;
    KeyImporter& operator=(const KeyImporter&) = delete;

    // RSA, or EC on a named curve. Gives the key's identifier in signet.
    std::string import(const EVP_PKEY* key, const std::string& label);

  private:
    struct Cryptoki;
    std::unique_ptr<Cryptoki> m_cryptoki;
    int m_next_id = 1;
};

// The keys that vectors bring along. `group` is OpenSSL's short name: "prime256v1", "secp384r1".
x509::KeyPointer private_key_from_pkcs8(ByteView der);
x509::KeyPointer private_key_from_scalar(const std::string& group, ByteView scalar);

}  // namespace signet::test
