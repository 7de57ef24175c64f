// Programs that others wrote, with signet-pkcs11.so before a real agent, host and SoftHSM.
#include "tests/e2e/workplace.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A token with an RSA key, an EC key and an Ed25519 key, unlocked.
class Programs : public testing::Test {
  protected:
    void SetUp() override {
        if (!std::string(SIGNET_SANITIZE).empty()) {
            GTEST_SKIP() << "foreign programs cannot load a module built with a sanitizer";
        }
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        m_place.emplace();
        m_place->agent().softhsm().generate_key(Workplace::token, "EC:edwards25519", "03", "edwards");
        m_place->add_identity("rsa:2048", "01", "rsa@example.test");
        m_place->add_identity("EC:prime256v1", "02", "ec@example.test");
        m_place->start();
        m_place->write("message", "A message to sign.\n");
        succeed({"openssl", "dgst", "-sha256", "-binary", "-out", "digest", "message"});
        for (const std::string name : {"rsa", "ec"}) {
            succeed({"openssl", "x509", "-in", name + ".pem", "-pubkey", "-noout", "-out", name + ".pub"});
        }
    }
    // The standard output.
    std::string succeed(const std::vector<std::string>& command, const std::string& input = {}) {
        const auto result = m_place->run(command, input);
        EXPECT_EQ(result.exit_status, 0)
            << command[0] << ": " << result.output << result.error_output << m_place->agent().log();
        return result.output;
    }
    static std::string uri(const std::string& label) {
        return "pkcs11:token=" + std::string(Workplace::token) + ";object=" + label + ";type=private";
    }
    static std::vector<std::string> joined(std::vector<std::string> command,
                                           const std::vector<std::string>& further) {
        command.insert(command.end(), further.begin(), further.end());
        return command;
    }

    std::optional<Workplace> m_place;
};

// Debian's libp11 engine.
class Engine : public Programs {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("openssl");
        Programs::SetUp();
    }
    std::string pkeyutl(const std::string& label, const std::vector<std::string>& arguments) {
        return succeed(
            joined({"openssl", "pkeyutl", "-engine", "pkcs11", "-keyform", "engine", "-inkey", uri(label)},
                   arguments));
    }
    void expect_signature(const std::string& label, const std::vector<std::string>& options) {
        pkeyutl(label, joined({"-sign", "-in", "digest", "-out", "signature"}, options));
        EXPECT_THAT(succeed(joined({"openssl", "pkeyutl", "-verify", "-pubin", "-inkey", label + ".pub",
                                    "-in", "digest", "-sigfile", "signature"},
                                   options)),
                    HasSubstr("Signature Verified Successfully"));
    }
    void expect_decryption(const std::vector<std::string>& options) {
        succeed(joined({"openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", "rsa.pub", "-in", "message",
                        "-out", "ciphertext"},
                       options));
        pkeyutl("rsa", joined({"-decrypt", "-in", "ciphertext", "-out", "plaintext"}, options));
        EXPECT_EQ(m_place->read("plaintext"), m_place->read("message"));
    }
};

TEST_F(Engine, SignsWithRsa) {
    expect_signature("rsa", {"-pkeyopt", "digest:sha256"});
}

TEST_F(Engine, SignsWithPss) {
    expect_signature("rsa", {"-pkeyopt", "digest:sha256", "-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt",
                             "rsa_pss_saltlen:32"});
}

TEST_F(Engine, SignsWithEc) {
    expect_signature("ec", {});
}

TEST_F(Engine, DecryptsPkcs1) {
    expect_decryption({});
}

TEST_F(Engine, DecryptsOaep) {
    expect_decryption({"-pkeyopt", "rsa_padding_mode:oaep"});
    expect_decryption({"-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"});
}

TEST_F(Engine, DerivesWithEc) {
    m_place->add_peer("P-256", "peer@example.test");
    succeed({"openssl", "pkey", "-in", "peer.key", "-pubout", "-out", "peer.pub"});
    pkeyutl("ec", {"-derive", "-peerkey", "peer.pub", "-out", "secret"});
    succeed(
        {"openssl", "pkeyutl", "-derive", "-inkey", "peer.key", "-peerkey", "ec.pub", "-out", "expected"});
    EXPECT_EQ(m_place->read("secret"), m_place->read("expected"));
}

TEST_F(Engine, SignsAndDecryptsCms) {
    for (const std::string name : {"rsa", "ec"}) {
        const std::vector<std::string> key{"-engine", "pkcs11", "-keyform", "engine", "-inkey", uri(name)};
        succeed(joined({"openssl", "cms", "-sign", "-in", "message", "-text", "-signer", name + ".pem",
                        "-out", "signed.eml"},
                       key));
        EXPECT_THAT(succeed({"openssl", "cms", "-verify", "-in", "signed.eml", "-CAfile", "root.pem"}),
                    HasSubstr("A message to sign."));
        succeed({"openssl", "cms", "-encrypt", "-in", "message", "-aes128", "-recip", name + ".pem", "-out",
                 "encrypted.eml"});
        EXPECT_THAT(
            succeed(
                joined({"openssl", "cms", "-decrypt", "-in", "encrypted.eml", "-recip", name + ".pem"}, key)),
            HasSubstr("A message to sign."));
    }
}

class P11tool : public Programs {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("p11tool");
        Programs::SetUp();
    }
    std::string p11tool(const std::vector<std::string>& arguments) {
        return succeed(joined({"p11tool", "--provider", pkcs11_module(), "--batch"}, arguments));
    }
};

TEST_F(P11tool, ListsTokensKeysAndCertificatesWithoutAPin) {
    EXPECT_THAT(p11tool({"--list-tokens"}), HasSubstr("Label: tok"));
    const auto objects = p11tool({"--list-all", "pkcs11:token=tok"});
    for (const std::string name : {"rsa", "ec"}) {
        EXPECT_THAT(objects, HasSubstr("object=" + name + ";type=private"));
        EXPECT_THAT(objects, HasSubstr("object=" + name + ";type=public"));
        EXPECT_THAT(objects, HasSubstr("object=" + name + ";type=cert"));
    }
}

TEST_F(P11tool, TestsThatItCanSign) {
    for (const std::string name : {"rsa", "ec"}) {
        p11tool({"--test-sign", uri(name)});
    }
}

class Pkcs11Tool : public Programs {
  protected:
    std::string pkcs11_tool(const std::vector<std::string>& arguments) {
        return succeed(joined({"pkcs11-tool", "--module", pkcs11_module()}, arguments));
    }
};

TEST_F(Pkcs11Tool, ListsTokensMechanismsAndObjects) {
    EXPECT_THAT(pkcs11_tool({"-L"}), AllOf(HasSubstr("token label        : tok"),
                                           HasSubstr("PIN pad present"), Not(HasSubstr("login required"))));
    EXPECT_THAT(pkcs11_tool({"-M"}),
                AllOf(HasSubstr("RSA-PKCS-PSS"), HasSubstr("RSA-PKCS-OAEP"), HasSubstr("ECDSA"),
                      HasSubstr("ECDH1-DERIVE"), Not(HasSubstr("RSA-X-509")), Not(HasSubstr("AES"))));
    EXPECT_THAT(
        pkcs11_tool({"-O"}),
        AllOf(HasSubstr("Private Key Object; RSA"), HasSubstr("Private Key Object; EC"),
              HasSubstr("Public Key Object; RSA 2048"), HasSubstr("Certificate Object; type = X.509")));
}

TEST_F(Pkcs11Tool, SignsWithRsaPssAndEc) {
    pkcs11_tool(
        {"--sign", "--mechanism", "SHA256-RSA-PKCS", "--id", "01", "-i", "message", "-o", "signature"});
    succeed({"openssl", "dgst", "-sha256", "-verify", "rsa.pub", "-signature", "signature", "message"});
    pkcs11_tool(
        {"--sign", "--mechanism", "SHA256-RSA-PKCS-PSS", "--id", "01", "-i", "message", "-o", "signature"});
    succeed({"openssl", "dgst", "-sha256", "-verify", "rsa.pub", "-sigopt", "rsa_padding_mode:pss",
             "-signature", "signature", "message"});
    pkcs11_tool({"--sign", "--mechanism", "ECDSA", "--signature-format", "openssl", "--id", "02", "-i",
                 "digest", "-o", "signature"});
    succeed({"openssl", "dgst", "-sha256", "-verify", "ec.pub", "-signature", "signature", "message"});
}

TEST_F(Pkcs11Tool, DecryptsPkcs1AndOaep) {
    succeed({"openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", "rsa.pub", "-in", "message", "-out",
             "ciphertext"});
    pkcs11_tool(
        {"--decrypt", "--mechanism", "RSA-PKCS", "--id", "01", "-i", "ciphertext", "-o", "plaintext"});
    EXPECT_EQ(m_place->read("plaintext"), m_place->read("message"));
    succeed({"openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", "rsa.pub", "-in", "message", "-out",
             "ciphertext", "-pkeyopt", "rsa_padding_mode:oaep", "-pkeyopt", "rsa_oaep_md:sha256"});
    pkcs11_tool({"--decrypt", "--mechanism", "RSA-PKCS-OAEP", "--hash-algorithm", "SHA256", "--id", "01",
                 "-i", "ciphertext", "-o", "plaintext"});
    EXPECT_EQ(m_place->read("plaintext"), m_place->read("message"));
}

TEST_F(Pkcs11Tool, Derives) {
    m_place->add_peer("P-256", "peer@example.test");
    succeed({"openssl", "pkey", "-in", "peer.key", "-pubout", "-outform", "DER", "-out", "peer.der"});
    pkcs11_tool({"--derive", "--mechanism", "ECDH1-DERIVE", "--id", "02", "-i", "peer.der", "-o", "secret"});
    succeed(
        {"openssl", "pkeyutl", "-derive", "-inkey", "peer.key", "-peerkey", "ec.pub", "-out", "expected"});
    EXPECT_EQ(m_place->read("secret"), m_place->read("expected"));
}

TEST_F(Pkcs11Tool, PassesItsOwnTest) {
    EXPECT_THAT(pkcs11_tool({"--test"}), HasSubstr("No errors"));
}

// It searches without a key type, and such a search must not find Edwards keys: libp11 0.4.12 would list
// none.
TEST_F(Pkcs11Tool, DoesNotSeeTheEd25519Key) {
    EXPECT_THAT(pkcs11_tool({"-O"}), Not(HasSubstr("edwards")));
    const auto result = m_place->run({"pkcs11-tool", "--module", pkcs11_module(), "--sign", "--mechanism",
                                      "EDDSA", "--id", "03", "-i", "message", "-o", "signature"});
    EXPECT_THAT(result.error_output, HasSubstr("Private key not found"));
    EXPECT_THAT(m_place->signet_output({"keys"}), HasSubstr("ed25519"));
}

// A program that unlocks by itself gets the agent's prompt, and no PIN of its own through.
TEST_F(Pkcs11Tool, IsAskedForThePinByTheAgent) {
    ASSERT_TRUE(m_place->agent().lock());
    m_place->agent().answer_prompts({SoftHsm::pin});
    pkcs11_tool({"--sign", "--mechanism", "ECDSA", "--id", "02", "-i", "digest", "-o", "signature"});
    EXPECT_EQ(m_place->agent().prompts(), 1);
    EXPECT_THAT(m_place->agent().prompt_log(), HasSubstr("pkcs11-tool (pid "));
}

TEST_F(Pkcs11Tool, FindsNoTokenAfterTheAgentIsGone) {
    m_place->agent().stop();
    EXPECT_THAT(pkcs11_tool({"-L"}), AllOf(HasSubstr("(empty)"), Not(HasSubstr("token label"))));
}

}  // namespace
}  // namespace signet::test
