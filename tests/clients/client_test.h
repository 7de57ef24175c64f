#pragma once

#include "tests/e2e/workplace.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace signet::test {

// A program that others wrote, with signet-pkcs11.so before a real agent, host and SoftHSM. The token has an
// RSA key, an EC key and an Ed25519 key, and is unlocked; "rsa.pem", "ec.pem" and "root.pem" are the
// certificates, "rsa.pub" and "ec.pub" the public keys, "message" is a text and "digest" its SHA-256.
class ClientTest : public testing::Test {
  protected:
    void SetUp() override;
    // What the agent is started with.
    [[nodiscard]] virtual AgentOptions options() const { return {}; }
    // Makes "rsa", before the agent runs.
    virtual void add_rsa_identity();

    [[nodiscard]] Workplace& place() { return *m_place; }
    [[nodiscard]] RunningAgent& agent() { return m_place->agent(); }

    // Runs it in the folder of the place; the standard output. Any other status than 0 fails the test.
    std::string succeed(const std::vector<std::string>& command, const std::string& input = {},
                        const Variables& variables = {});
    // RFC 7512, of a private key.
    static std::string uri(const std::string& label);
    static std::vector<std::string> joined(std::vector<std::string> command,
                                           const std::vector<std::string>& further);

    // By openssl: a CMS enveloped "message" in "encrypted.p7m", for the certificate of this label.
    void encrypt_for(const std::string& label, const std::vector<std::string>& options = {});
    // That this CMS signature (DER, with its content or detached) verifies in openssl.
    void expect_openssl_verifies(const std::string& signature, const std::string& detached_content = {});

  private:
    std::optional<Workplace> m_place;
};

}  // namespace signet::test
