// `signet token` on a PKCS#11 token, as far as its module goes.
#include "tests/e2e/token_command.h"
#include "tests/e2e/workplace.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ModuleAdministration : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE(SoftHsm::available(), "softhsm2 and opensc");
        m_place.start();
    }

    ProcessResult token(const std::vector<std::string>& arguments, const Secrets& secrets = {}) {
        return m_place.run(token_command(m_place.path(""), arguments, secrets));
    }
    std::string succeed(const std::vector<std::string>& arguments, const Secrets& secrets = {}) {
        const auto result = token(arguments, secrets);
        EXPECT_EQ(result.exit_status, 0)
            << arguments[0] << ": " << result.error_output << m_place.agent().log();
        return result.output;
    }

    const Secrets m_authorization{{"--pin-fd", SoftHsm::pin}};
    Workplace m_place;
};

TEST_F(ModuleAdministration, MakesAKeyRequestsAndStoresItsCertificate) {
    SIGNET_REQUIRE_PROGRAM("openssl");
    EXPECT_THAT(
        succeed({"generate", "--algorithm", "p256", "--slot", "21", "--label", "new"}, m_authorization),
        StartsWith("slot 21 of tok has a new p256 key"));
    m_place.unlock();
    m_place.write("new.csr", m_place.signet_output({"token", "request", "--slot", "21", "--subject", "CN=New",
                                                    "--email", "new@example.org"}));
    ASSERT_EQ(m_place.run({"openssl", "req", "-in", "new.csr", "-noout", "-verify"}).exit_status, 0);
    ASSERT_EQ(m_place
                  .run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key",
                        "-out", "ca.pem", "-subj", "/CN=CA"})
                  .exit_status,
              0);
    ASSERT_EQ(m_place
                  .run({"openssl", "x509", "-req", "-in", "new.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                        "-copy_extensions", "copy", "-out", "new.pem"})
                  .exit_status,
              0);
    succeed({"certificate", "--slot", "21", "new.pem"}, m_authorization);
    const auto shown = succeed({"show"});
    for (const char* part : {"PKCS#11", "by the PIN", "21", "p256", "new@example.org"}) {
        EXPECT_THAT(shown, HasSubstr(part));
    }
}

TEST_F(ModuleAdministration, ImportsAndDeletesAKey) {
    TestAuthority escrow;
    write_pkcs12(m_place.path("old.p12"), escrow.issue_identity("rsa:2048", "old@example.org"), {}, "old");
    auto secrets = m_authorization;
    secrets["--password-fd"] = "wrong";
    const auto refused = token({"import", "--slot", "31", "old.p12"}, secrets);
    EXPECT_EQ(refused.exit_status, 3);
    EXPECT_THAT(refused.error_output, HasSubstr("the password is wrong"));
    secrets["--password-fd"] = "old";
    succeed({"import", "--slot", "31", "old.p12"}, secrets);
    EXPECT_THAT(succeed({"show"}), HasSubstr("old@example.org"));
    succeed({"delete", "--slot", "31"}, m_authorization);
    EXPECT_THAT(m_place.signet_output({"keys"}), Not(HasSubstr("old@example.org")));
}

TEST_F(ModuleAdministration, AsksForThePasswordOfTheFileUntilItIsRight) {
    TestAuthority escrow;
    write_pkcs12(m_place.path("old.p12"), escrow.issue_identity("P-256", "old@example.org"), {}, "old");
    m_place.agent().answer_prompts({SoftHsm::pin, "wrong", "old"});
    succeed({"import", "old.p12"});
    EXPECT_THAT(m_place.agent().prompt_log(), HasSubstr("SETERROR Wrong password"));
    EXPECT_THAT(m_place.agent().prompt_log(), HasSubstr("SETPROMPT Password:"));
}

TEST_F(ModuleAdministration, ChangesThePin) {
    succeed({"pin"}, {{"--pin-fd", SoftHsm::pin}, {"--new-pin-fd", "987654"}});
    EXPECT_EQ(m_place.signet({"unlock", "--pin-fd", "0"}, SoftHsm::pin).exit_status, 3);
    EXPECT_EQ(m_place.signet({"unlock", "--pin-fd", "0"}, "987654").exit_status, 0);
}

TEST_F(ModuleAdministration, SaysWhatAModuleCannotDo) {
    const auto result = token({"move", "--slot", "21", "--to", "22"}, m_authorization);
    EXPECT_EQ(result.exit_status, 3);
    EXPECT_THAT(result.error_output, HasSubstr("not supported"));
}

}  // namespace
}  // namespace signet::test
