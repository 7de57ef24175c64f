#include "cli/token_selection.h"

#include "tests/cli/inventories.h"

#include <gmock/gmock.h>

namespace signet::cli {
namespace {

using test::make_token;
using testing::HasSubstr;

class TokenSelection : public testing::Test {
  protected:
    std::vector<ipc::Token> m_tokens = {make_token("Work"), make_token("Home")};
};

TEST_F(TokenSelection, TakesIdentityLabelOrUri) {
    EXPECT_EQ(*select_token(m_tokens, "id-Home"), &m_tokens[1]);
    EXPECT_EQ(*select_token(m_tokens, "Work"), &m_tokens[0]);
    EXPECT_EQ(*select_token(m_tokens, "pkcs11:serial=serial-Home"), &m_tokens[1]);
}

TEST_F(TokenSelection, NamesTheTokenThatIsNotThere) {
    const auto token = select_token(m_tokens, "Other");
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, ErrorCode::token_not_found);
    EXPECT_EQ(token.error().detail, "Other");
}

TEST_F(TokenSelection, ListsBothTokensOfOneLabel) {
    m_tokens[1].label = "Work";
    const auto token = select_token(m_tokens, "Work");
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, ErrorCode::ambiguous);
    EXPECT_THAT(token.error().detail, HasSubstr("id-Work"));
    EXPECT_THAT(token.error().detail, HasSubstr("id-Home"));
}

TEST_F(TokenSelection, TakesTheOnlyTokenThatWantsAPin) {
    m_tokens[0].login_required = false;
    EXPECT_EQ(*select_token(m_tokens, std::nullopt), &m_tokens[1]);
}

TEST_F(TokenSelection, DoesNotGuessAmongSeveralTokens) {
    EXPECT_EQ(select_token(m_tokens, std::nullopt).error().code, ErrorCode::ambiguous);
    EXPECT_EQ(select_token({}, std::nullopt).error().code, ErrorCode::token_not_found);
}

}  // namespace
}  // namespace signet::cli
