// yubico-piv-tool with the card.
#include "tests/piv-card/desk.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;

class YubicoPivTool : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        SIGNET_REQUIRE_PROGRAM("yubico-piv-tool");
        SIGNET_REQUIRE_PROGRAM("openssl");
        m_desk.emplace();
    }
    std::string succeed(const std::vector<std::string>& arguments) {
        return m_desk->succeed(Desk::yubico(arguments));
    }
    ProcessResult attempt(const std::vector<std::string>& arguments) {
        return m_desk->run(Desk::yubico(arguments));
    }
    // A key in the slot, and a certificate for it in SLOT.pem.
    void generate(const std::string& slot, const std::string& algorithm) {
        succeed({"-a", "generate", "-s", slot, "-A", algorithm, "-o", "key.pub"});
        certify("key.pub", slot);
    }
    void certify(const std::string& public_key, const std::string& slot) {
        m_desk->succeed({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                         "-nodes", "-subj", "/CN=Authority", "-keyout", "ca.key", "-out", "ca.pem"});
        m_desk->succeed({"openssl", "x509", "-new", "-force_pubkey", public_key, "-subj", "/CN=" + slot,
                         "-CA", "ca.pem", "-CAkey", "ca.key", "-days", "9", "-out", slot + ".pem"});
        succeed({"-a", "import-certificate", "-s", slot, "-i", slot + ".pem"});
    }

    std::optional<Desk> m_desk;
};

TEST_F(YubicoPivTool, ReadsVersionSerialNumberAndTries) {
    const auto text = succeed({"-a", "status"});
    EXPECT_THAT(text, HasSubstr("Version:\t5.4.3"));
    EXPECT_THAT(text, HasSubstr("Serial Number:\t12345678"));
    EXPECT_THAT(text, HasSubstr("PIN tries left:\t3"));
}

TEST_F(YubicoPivTool, GeneratesKeysThatSign) {
    for (const std::string algorithm : {"RSA1024", "RSA2048", "ECCP256", "ECCP384"}) {
        SCOPED_TRACE(algorithm);
        generate("9c", algorithm);
        succeed({"-a", "verify-pin", "-P", "123456", "-a", "test-signature", "-s", "9c", "-i", "9c.pem", "-H",
                 algorithm == "ECCP384" ? "SHA384" : "SHA256"});
    }
}

TEST_F(YubicoPivTool, GeneratesKeysThatDecryptOrAgree) {
    for (const std::string slot : {"9d", "82", "95"}) {
        SCOPED_TRACE(slot);
        generate(slot, slot == "82" ? "RSA2048" : "ECCP256");
        succeed({"-a", "verify-pin", "-P", "123456", "-a", "test-decipher", "-s", slot, "-i", slot + ".pem"});
    }
}

TEST_F(YubicoPivTool, ImportsKeys) {
    m_desk->succeed({"openssl", "genrsa", "-out", "rsa.key", "2048"});
    m_desk->succeed({"openssl", "ecparam", "-genkey", "-name", "secp384r1", "-noout", "-out", "ec.key"});
    for (const std::string kind : {"rsa", "ec"}) {
        SCOPED_TRACE(kind);
        succeed({"-a", "import-key", "-s", "9a", "-i", kind + ".key"});
        m_desk->succeed({"openssl", "pkey", "-in", kind + ".key", "-pubout", "-out", kind + ".pub"});
        certify(kind + ".pub", "9a");
        succeed({"-a", "verify-pin", "-P", "123456", "-a", "test-signature", "-s", "9a", "-i", "9a.pem", "-H",
                 "SHA384"});
    }
}

TEST_F(YubicoPivTool, GetsAttestationsThatLeadToTheRoot) {
    succeed({"-a", "generate", "-s", "9a", "-A", "ECCP256", "-o", "key.pub"});
    test::write_file(m_desk->path("leaf.pem"), succeed({"-a", "attest", "-s", "9a"}));
    test::write_file(m_desk->path("f9.pem"), succeed({"-a", "read-certificate", "-s", "f9"}));
    const auto verified = m_desk->succeed({"openssl", "verify", "-CAfile", m_desk->card().attestation_root(),
                                           "-untrusted", "f9.pem", "leaf.pem"});
    EXPECT_THAT(verified, HasSubstr("leaf.pem: OK"));
    EXPECT_EQ(m_desk->succeed({"openssl", "x509", "-in", "leaf.pem", "-pubkey", "-noout"}),
              test::read_file(m_desk->path("key.pub")));
}

TEST_F(YubicoPivTool, RefusesToAttestAnImportedKey) {
    m_desk->succeed({"openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", "ec.key"});
    succeed({"-a", "import-key", "-s", "9a", "-i", "ec.key"});
    EXPECT_NE(attempt({"-a", "attest", "-s", "9a"}).exit_status, 0);
}

TEST_F(YubicoPivTool, ChangesPinAndPukAndUnblocks) {
    succeed({"-a", "change-pin", "-P", "123456", "-N", "654321"});
    EXPECT_NE(attempt({"-a", "verify-pin", "-P", "123456"}).exit_status, 0);
    succeed({"-a", "change-puk", "-P", "12345678", "-N", "87654321"});
    EXPECT_NE(attempt({"-a", "unblock-pin", "-P", "12345678", "-N", "111111"}).exit_status, 0);
    succeed({"-a", "unblock-pin", "-P", "87654321", "-N", "111111"});
    succeed({"-a", "verify-pin", "-P", "111111"});
}

TEST_F(YubicoPivTool, ResetsOnlyOnceBothAreBlocked) {
    for (int i = 0; i < 3; ++i) {
        attempt({"-a", "verify-pin", "-P", "999999"});
    }
    EXPECT_NE(attempt({"-a", "reset"}).exit_status, 0);
    for (int i = 0; i < 3; ++i) {
        attempt({"-a", "unblock-pin", "-P", "99999999", "-N", "111111"});
    }
    succeed({"-a", "reset"});
    succeed({"-a", "verify-pin", "-P", "123456"});
}

TEST_F(YubicoPivTool, SetsRetries) {
    succeed({"-a", "verify-pin", "-P", "123456", "-a", "pin-retries", "--pin-retries", "8", "--puk-retries",
             "4"});
    EXPECT_THAT(succeed({"-a", "status"}), HasSubstr("PIN tries left:\t8"));
}

TEST_F(YubicoPivTool, ChangesTheManagementKey) {
    const std::string other = "1112131415161718212223242526272831323334353637FF";
    succeed({"-a", "set-mgm-key", "-n", other});
    EXPECT_NE(attempt({"-a", "set-chuid"}).exit_status, 0);
    succeed({"-k" + other, "-a", "set-chuid"});
}

TEST_F(YubicoPivTool, WaitsForAFinger) {
    m_desk->card().set("touch-delay=200");
    succeed({"-a", "generate", "-s", "9a", "-A", "ECCP256", "--touch-policy", "always", "-o", "key.pub"});
    certify("key.pub", "9a");
    succeed({"-a", "verify-pin", "-P", "123456", "-a", "test-signature", "-s", "9a", "-i", "9a.pem"});
    m_desk->card().set("touch=refused");
    EXPECT_NE(
        attempt({"-a", "verify-pin", "-P", "123456", "-a", "test-signature", "-s", "9a", "-i", "9a.pem"})
            .exit_status,
        0);
}

TEST_F(YubicoPivTool, GoesOnWhenTheFingerComes) {
    succeed({"-a", "generate", "-s", "9a", "-A", "ECCP256", "--touch-policy", "always", "-o", "key.pub"});
    certify("key.pub", "9a");
    m_desk->card().set("touch=awaited");
    BackgroundProcess signer(Desk::yubico({"-a", "verify-pin", "-P", "123456", "-a", "test-signature", "-s",
                                           "9a", "-i", m_desk->path("9a.pem")}),
                             m_desk->pcscd().variables(), m_desk->path("signer.log"));
    ASSERT_TRUE(eventually([this] { return m_desk->card().wants_touch(); }));
    EXPECT_TRUE(signer.running());
    m_desk->card().touch();
    EXPECT_EQ(signer.wait(std::chrono::seconds(10)), 0);
}

}  // namespace
}  // namespace signet::test
