#include "smime/recipient_groups.h"

#include "tests/support/certificates.h"

#include <gmock/gmock.h>

namespace signet::smime {
namespace {

using ::testing::ElementsAre;

class RecipientGroups : public ::testing::Test {
  protected:
    Result<std::vector<RecipientGroup>> groups_of(const std::string& header) {
        const auto lookup = [this](const std::string& address) -> Result<x509::Certificate> {
            if (address.starts_with("stranger")) {
                return failure(ErrorCode::not_found, "recipient", address);
            }
            return m_authority.issue(m_key.get(), address, address);
        };
        const std::array self{m_alice};
        return recipient_groups(TextSource(header + "\r\n\r\ntext\r\n"), lookup, self);
    }
    static std::vector<std::string> names(const RecipientGroup& group) {
        std::vector<std::string> result;
        for (const auto& certificate : group.certificates) {
            result.push_back(certificate.emails().at(0));
        }
        return result;
    }

    signet::test::TestAuthority m_authority;
    std::shared_ptr<EVP_PKEY> m_key = signet::test::generate_key("P-256");
    x509::Certificate m_alice = m_authority.issue(m_key.get(), "Alice", "alice@example.test");
};

TEST_F(RecipientGroups, KeepEveryBccRecipientToThemselves) {
    const auto groups = groups_of(
        "To: Bob <bob@example.test>, friends: carol@example.test;\r\nCc: dave@example.test\r\n"
        "Bcc: erin@example.test,\r\n frank@example.test");
    ASSERT_TRUE(groups) << groups.error().detail;
    ASSERT_EQ(groups->size(), 3U);
    EXPECT_THAT(groups->at(0).addresses,
                ElementsAre("bob@example.test", "carol@example.test", "dave@example.test"));
    EXPECT_THAT(names(groups->at(0)), ElementsAre("bob@example.test", "carol@example.test",
                                                  "dave@example.test", "alice@example.test"));
    EXPECT_THAT(names(groups->at(1)), ElementsAre("erin@example.test", "alice@example.test"));
    EXPECT_THAT(names(groups->at(2)), ElementsAre("frank@example.test", "alice@example.test"));
}

TEST_F(RecipientGroups, HaveNoOpenGroupWhereAllAreHidden) {
    const auto groups = groups_of("To: undisclosed-recipients:;\r\nBcc: erin@example.test");
    ASSERT_TRUE(groups) << groups.error().detail;
    ASSERT_EQ(groups->size(), 1U);
    EXPECT_THAT(groups->at(0).addresses, ElementsAre("erin@example.test"));
}

TEST_F(RecipientGroups, PassOnThatACertificateIsMissing) {
    EXPECT_EQ(groups_of("To: bob@example.test\r\nBcc: stranger@example.test").error().code,
              ErrorCode::not_found);
}

TEST_F(RecipientGroups, RefuseAMailToNobodyAndFieldsThatCannotBeRead) {
    EXPECT_EQ(groups_of("Subject: x").error().code, ErrorCode::not_found);
    EXPECT_EQ(groups_of("To: bob@example.test\r\nTo: carol@example.test").error().code, ErrorCode::malformed);
}

}  // namespace
}  // namespace signet::smime
