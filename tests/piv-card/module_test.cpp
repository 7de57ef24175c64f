// pkcs11-tool with other people's PKCS#11 modules and the card.
#include "tests/piv-card/desk.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* digest = "0123456789abcdef0123456789abcdef";

// One card for all tests of the parameter: a Desk takes seconds, and PIN changes are taken back.
class ForeignModule : public testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        SIGNET_REQUIRE(std::filesystem::exists(GetParam()), GetParam());
        SIGNET_REQUIRE_PROGRAM("pkcs11-tool");
        SIGNET_REQUIRE_PROGRAM("openssl");
    }
    void place(const InsertedCardOptions& options = {}) {
        const auto card = full_card(m_authority);
        m_desk.emplace(card.state, options);
        for (const auto& [reference, certificate] : card.certificates) {
            m_desk->write_public_key(to_hex(Bytes{reference}) + ".pub", certificate);
        }
        write_file(m_desk->path("digest"), digest);
    }
    // With the PIN.
    void succeed(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"--login", "--pin", "123456"});
        m_desk->succeed(Desk::pkcs11(GetParam(), arguments));
    }
    void openssl(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "openssl");
        m_desk->succeed(arguments);
    }

    TestAuthority m_authority;
    std::optional<Desk> m_desk;
};

TEST_P(ForeignModule, SignsWithRsa) {
    place();
    succeed({"--sign", "-m", "SHA256-RSA-PKCS", "--id", "01", "-i", "digest", "-o", "signature"});
    openssl({"dgst", "-sha256", "-verify", "9a.pub", "-signature", "signature", "digest"});
}

TEST_P(ForeignModule, SignsWithThePinAlwaysKey) {
    place();
    succeed({"--sign", "-m", "ECDSA", "--signature-format", "openssl", "--id", "02", "-i", "digest", "-o",
             "signature"});
    openssl({"pkeyutl", "-verify", "-pubin", "-inkey", "9c.pub", "-in", "digest", "-sigfile", "signature"});
    EXPECT_GE(count(m_desk->card().new_apdus(), "20"), 2U) << "no VERIFY of its own for 9C";
}

TEST_P(ForeignModule, DecryptsWithRsa) {
    place();
    openssl({"pkeyutl", "-encrypt", "-pubin", "-inkey", "9a.pub", "-in", "digest", "-out", "encrypted"});
    succeed({"--decrypt", "-m", "RSA-PKCS", "--id", "01", "-i", "encrypted", "-o", "plain"});
    EXPECT_EQ(read_file(m_desk->path("plain")), digest);
}

TEST_P(ForeignModule, DecryptsWithARetiredKey) {
    place();
    openssl({"pkeyutl", "-encrypt", "-pubin", "-inkey", "82.pub", "-in", "digest", "-out", "encrypted"});
    succeed({"--decrypt", "-m", "RSA-PKCS", "--id", "05", "-i", "encrypted", "-o", "plain"});
    EXPECT_EQ(read_file(m_desk->path("plain")), digest);
}

TEST_P(ForeignModule, AgreesOnASecret) {
    place();
    openssl({"ecparam", "-genkey", "-name", "secp384r1", "-noout", "-out", "peer.key"});
    openssl({"pkey", "-in", "peer.key", "-pubout", "-outform", "DER", "-out", "peer.der"});
    succeed({"--derive", "-m", "ECDH1-DERIVE", "--id", "03", "-i", "peer.der", "-o", "secret"});
    openssl({"pkeyutl", "-derive", "-inkey", "peer.key", "-peerkey", "9d.pub", "-out", "expected"});
    EXPECT_EQ(read_file(m_desk->path("secret")), read_file(m_desk->path("expected")));
}

TEST_P(ForeignModule, ChangesThePin) {
    place();
    m_desk->succeed(
        Desk::pkcs11(GetParam(), {"--login", "--pin", "123456", "--change-pin", "--new-pin", "777888"}));
    EXPECT_NE(
        m_desk->run(Desk::pkcs11(GetParam(), {"--login", "--pin", "123456", "--list-objects"})).exit_status,
        0);
    m_desk->succeed(Desk::pkcs11(GetParam(), {"--login", "--pin", "777888", "--list-objects"}));
}

TEST_P(ForeignModule, SignsOnACardOfShortLengthsThatCorrectsLe) {
    place({.settings = {"extended=off", "corrects-le=on", "select-answer=minimal"}});
    succeed({"--sign", "-m", "SHA256-RSA-PKCS", "--id", "01", "-i", "digest", "-o", "signature"});
    openssl({"dgst", "-sha256", "-verify", "9a.pub", "-signature", "signature", "digest"});
}

INSTANTIATE_TEST_SUITE_P(Modules, ForeignModule, testing::Values(opensc_module, ykcs11_module),
                         [](const auto& instance) {
                             return std::string(instance.param) == opensc_module ? "OpenSc" : "Ykcs11";
                         });

class Ykcs11 : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        SIGNET_REQUIRE(std::filesystem::exists(ykcs11_module), "ykcs11");
    }
};

TEST_F(Ykcs11, GeneratesAKeyPairAndItsCertificate) {
    Desk desk;
    const auto text = desk.succeed(Desk::pkcs11(
        ykcs11_module, {"--login", "--login-type", "so", "--so-pin", InsertedCard::management_key,
                        "--keypairgen", "--key-type", "EC:secp384r1", "--id", "03"}));
    EXPECT_THAT(text, HasSubstr("Private key for Key Management"));
    const auto objects = desk.succeed(Desk::pkcs11(ykcs11_module, {"--list-objects"}));
    EXPECT_THAT(objects, HasSubstr("EC_POINT 384 bits"));
}

class OpenSc : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        SIGNET_REQUIRE_PROGRAM("piv-tool");
    }
    // Logged in as the administrator by the management key.
    static ProcessResult piv_tool(const Desk& desk, std::vector<std::string> arguments,
                                  const std::string& cipher = "03") {
        write_file(desk.path("management"),
                   "01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08:01:02:03:04:05:06:07:08");
        arguments.insert(arguments.begin(), {"env", "PIV_EXT_AUTH_KEY=" + desk.path("management"), "piv-tool",
                                             "--admin", "M:9B:" + cipher});
        return desk.run(arguments);
    }
};

TEST_F(OpenSc, TakesItForAPivCard) {
    const Desk desk;
    EXPECT_THAT(desk.succeed({"opensc-tool", "--name"}), HasSubstr("Personal Identity Verification Card"));
}

TEST_F(OpenSc, GeneratesAKeyAsAdministrator) {
    Desk desk;
    desk.card().new_apdus();
    // What comes after the card's answer fails in piv-tool 0.23 with OpenSSL 3.
    static_cast<void>(piv_tool(desk, {"--genkey", "9A:11"}));
    const auto apdus = desk.card().new_apdus();
    ASSERT_EQ(count(apdus, "47"), 1U);
    EXPECT_EQ(apdus.back().status, "9000");
}

TEST_F(OpenSc, IsTheAdministratorByAesToo) {
    Desk desk(InsertedCardOptions{.firmware = "5.7.1"});
    desk.card().new_apdus();
    static_cast<void>(piv_tool(desk, {"--genkey", "9A:11"}, "0A"));
    const auto apdus = desk.card().new_apdus();
    ASSERT_EQ(count(apdus, "47"), 1U);
    EXPECT_EQ(apdus.back().status, "9000");
}

TEST_F(OpenSc, StoresCertificatesPlainAndCompressed) {
    TestAuthority authority;
    const auto card = full_card(authority);
    auto bare = card.state;
    bare.objects.erase(piv_card::certificate_object(0x9A));
    const Desk desk(bare);
    write_file(desk.path("9a.pem"), to_pem(card.certificates.at(0x9A)));
    write_file(desk.path("9a"), as_text(card.certificates.at(0x9A).der()));
    desk.succeed({"gzip", "9a"});
    for (const auto& [option, file] : {std::pair("--cert", "9a.pem"), std::pair("--compresscert", "9a.gz")}) {
        SCOPED_TRACE(option);
        piv_tool(desk, {option, "9A", "--in", file});
        const auto listed =
            desk.succeed(Desk::pkcs11(opensc_module, {"--list-objects", "--type", "cert", "--id", "01"}));
        EXPECT_THAT(listed, HasSubstr("slot 9a"));
    }
}

TEST_F(OpenSc, ReadsCertificatesOfOldForms) {
    TestAuthority authority;
    const auto card = full_card(authority);
    for (const std::string form : {"gzip", "old-gzip"}) {
        SCOPED_TRACE(form);
        const Desk desk(card.state, {.settings = {"certificates=" + form}});
        const auto listed =
            desk.succeed(Desk::pkcs11(opensc_module, {"--list-objects", "--type", "cert", "--id", "02"}));
        EXPECT_THAT(listed, HasSubstr("slot 9c"));
    }
}

TEST_F(OpenSc, DoesNotSeeACardOfTheDerivedApplicationAlone) {
    const Desk desk(InsertedCardOptions{.settings = {"application=derived"}});
    EXPECT_THAT(desk.run({"opensc-tool", "--name"}).output, Not(HasSubstr("Personal Identity")));
}

}  // namespace
}  // namespace signet::test
