// poppler's pdfsig signs a document through NSS. A destructor of poppler's ends its use of the module.
#include "tests/clients/client_test.h"
#include "tests/support/mail_peers.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;

// A page without anything on it, and a table of what lies where.
constexpr std::string_view empty_document =
    "%PDF-1.4\n"
    "1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
    "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>\nendobj\n"
    "xref\n0 4\n"
    "0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \n0000000115 00000 n \n"
    "trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n184\n%%EOF\n";

class Pdfsig : public ClientTest {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PROGRAM("pdfsig");
        SIGNET_REQUIRE_PROGRAM("modutil");
        ClientTest::SetUp();
        m_database.emplace(place().authority().certificate());
        m_database->add_module("signet", pkcs11_module());
        place().write("empty.pdf", empty_document);
    }
    ProcessResult pdfsig(const std::vector<std::string>& arguments) {
        return place().run(joined({"pdfsig", "-nssdir", m_database->folder()}, arguments));
    }
    // With EC, pdfsig fails with any token whenever the two signatures that it makes differ in length.
    ProcessResult sign() { return pdfsig({"-add-signature", "-nick", "tok:rsa", "empty.pdf", "signed.pdf"}); }

  private:
    std::optional<NssDatabase> m_database;
};

TEST_F(Pdfsig, ListsTheCertificatesOfTheToken) {
    const auto listing = pdfsig({"-list-nicks"});
    EXPECT_EQ(listing.exit_status, 0) << listing.error_output;
    EXPECT_THAT(listing.output, HasSubstr("tok:rsa\n"));
    EXPECT_THAT(listing.output, HasSubstr("tok:ec\n"));
}

TEST_F(Pdfsig, SignsWithRsa) {
    const auto signing = sign();
    ASSERT_EQ(signing.exit_status, 0) << signing.output << signing.error_output;
    const auto verification = pdfsig({"signed.pdf"});
    EXPECT_EQ(verification.exit_status, 0) << verification.error_output;
    EXPECT_THAT(verification.output, HasSubstr("Signer Certificate Common Name: rsa"));
    EXPECT_THAT(verification.output, HasSubstr("Signature Validation: Signature is Valid"));
    EXPECT_THAT(verification.output, HasSubstr("Certificate Validation: Certificate is Trusted"));
}

TEST_F(Pdfsig, WritesNothingWhenThePinIsNotGiven) {
    ASSERT_TRUE(agent().lock());
    agent().answer_prompts({"cancel"});
    EXPECT_NE(sign().exit_status, 0);
    EXPECT_FALSE(std::filesystem::exists(place().path("signed.pdf")));
    EXPECT_EQ(agent().prompts(), 1);
}

}  // namespace
}  // namespace signet::test
