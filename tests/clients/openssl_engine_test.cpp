#include "tests/clients/client_test.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;

// Debian's libp11 engine.
class Engine : public ClientTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("openssl");
        ClientTest::SetUp();
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
        EXPECT_EQ(place().read("plaintext"), place().read("message"));
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
    place().add_peer("P-256", "peer@example.test");
    succeed({"openssl", "pkey", "-in", "peer.key", "-pubout", "-out", "peer.pub"});
    pkeyutl("ec", {"-derive", "-peerkey", "peer.pub", "-out", "secret"});
    succeed(
        {"openssl", "pkeyutl", "-derive", "-inkey", "peer.key", "-peerkey", "ec.pub", "-out", "expected"});
    EXPECT_EQ(place().read("secret"), place().read("expected"));
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

}  // namespace
}  // namespace signet::test
