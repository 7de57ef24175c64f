#include "cli/recipients.h"

#include "tests/cli/inventories.h"

#include <gmock/gmock.h>

namespace signet::cli {
namespace {

using test::CertificateUsage;
using test::Identity;
using testing::HasSubstr;

class Recipients : public testing::Test {
  protected:
    Identity identity(const std::string& email, CertificateUsage usage = CertificateUsage::sign_and_encrypt,
                      int first_day = -1, int last_day = 30) {
        return m_authority.issue_identity("P-256", {.subject = "Someone",
                                                    .email = email,
                                                    .usage = usage,
                                                    .first_day = first_day,
                                                    .last_day = last_day});
    }
    Result<x509::Certificate> choose(const std::string& address,
                                     const std::vector<x509::Certificate>& files) {
        return choose_recipient(address, files, key_entries(m_inventory), test::now());
    }

    test::TestAuthority m_authority;
    Identity m_on_token = identity("bob@example.org");
    ipc::Inventory m_inventory = test::make_inventory({test::make_token("Work", {m_on_token})});
};

TEST_F(Recipients, ComeFromTheFilesBeforeTheTokens) {
    const auto file = identity("bob@example.org").certificate;
    EXPECT_EQ(choose("bob@example.org", {file})->fingerprint(), file.fingerprint());
}

TEST_F(Recipients, ComeFromTheTokensWhenNoFileHasTheAddress) {
    const auto file = identity("carol@example.org").certificate;
    for (const char* address : {"BOB@example.org", "Bob B. <bob@example.org>"}) {
        EXPECT_EQ(choose(address, {file})->fingerprint(), m_on_token.certificate.fingerprint());
    }
}

TEST_F(Recipients, WithoutCertificateAreNamed) {
    const auto certificate = choose("dave@example.org", {});
    ASSERT_FALSE(certificate);
    EXPECT_EQ(certificate.error().code, ErrorCode::not_found);
    EXPECT_THAT(certificate.error().detail, HasSubstr("no certificate to encrypt with for dave@example.org"));
}

TEST_F(Recipients, WithSeveralKeysAreAmbiguous) {
    const auto first = identity("carol@example.org").certificate;
    const auto second = identity("carol@example.org").certificate;
    const auto certificate = choose("carol@example.org", {first, second});
    ASSERT_FALSE(certificate);
    EXPECT_EQ(certificate.error().code, ErrorCode::ambiguous);
    EXPECT_THAT(certificate.error().detail, HasSubstr(second.fingerprint().substr(0, 16)));
}

TEST_F(Recipients, WithAnExpiredAndAValidCertificateGetTheValidOne) {
    const auto expired = identity("carol@example.org", CertificateUsage::encrypt, -30, -2).certificate;
    const auto valid = identity("carol@example.org").certificate;
    EXPECT_EQ(choose("carol@example.org", {expired, valid})->fingerprint(), valid.fingerprint());
    EXPECT_THAT(choose("carol@example.org", {expired}).error().detail, HasSubstr("expired on"));
}

TEST_F(Recipients, WithASigningCertificateAreRefused) {
    const auto signing = identity("carol@example.org", CertificateUsage::sign).certificate;
    EXPECT_THAT(choose("carol@example.org", {signing}).error().detail, HasSubstr("not meant to encrypt"));
    EXPECT_EQ(check_recipients(std::vector{signing}, test::now()).error().code, ErrorCode::not_found);
}

TEST_F(Recipients, AreAddedOnce) {
    std::vector<x509::Certificate> recipients;
    add_recipient(recipients, m_on_token.certificate);
    add_recipient(recipients, m_on_token.certificate);
    add_recipient(recipients, identity("carol@example.org").certificate);
    EXPECT_EQ(recipients.size(), 2U);
}

}  // namespace
}  // namespace signet::cli
