#include "cli/token_selection.h"

#include "tests/cli/inventories.h"

#include <gmock/gmock.h>

namespace signet::cli {
namespace {

using test::make_token;
using testing::HasSubstr;

class TokenSelection : public testing::Test {
  protected:
    std::vector<ipc::Token>& tokens() { return *m_inventory.tokens; }

    ipc::Inventory m_inventory{.tokens = std::vector{make_token("Work"), make_token("Home")}};
};

TEST_F(TokenSelection, TakesIdentityLabelOrUri) {
    EXPECT_EQ(*select_token(m_inventory, "id-Home"), &tokens()[1]);
    EXPECT_EQ(*select_token(m_inventory, "Work"), &tokens()[0]);
    EXPECT_EQ(*select_token(m_inventory, "pkcs11:serial=serial-Home"), &tokens()[1]);
}

TEST_F(TokenSelection, NamesTheTokenThatIsNotThere) {
    const auto token = select_token(m_inventory, "Other");
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, ErrorCode::token_not_found);
    EXPECT_EQ(token.error().detail, "Other");
}

TEST_F(TokenSelection, ListsBothTokensOfOneLabel) {
    tokens()[1].label = "Work";
    const auto token = select_token(m_inventory, "Work");
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, ErrorCode::ambiguous);
    EXPECT_THAT(token.error().detail, HasSubstr("id-Work"));
    EXPECT_THAT(token.error().detail, HasSubstr("id-Home"));
}

TEST_F(TokenSelection, TakesTheOnlyTokenThatWantsAPin) {
    tokens()[0].login_required = false;
    EXPECT_EQ(*select_token(m_inventory, std::nullopt), &tokens()[1]);
}

TEST_F(TokenSelection, DoesNotGuessAmongSeveralTokens) {
    EXPECT_EQ(select_token(m_inventory, std::nullopt).error().code, ErrorCode::ambiguous);
}

TEST_F(TokenSelection, NamesTheModulesThatFailedWhereThereIsNoToken) {
    tokens().clear();
    m_inventory.failures = {{.module = "piv", .detail = "another program keeps the card busy"}};
    const auto token = select_token(m_inventory, std::nullopt);
    ASSERT_FALSE(token);
    EXPECT_EQ(token.error().code, ErrorCode::token_not_found);
    EXPECT_EQ(token.error().detail, "module piv failed: another program keeps the card busy");
}

}  // namespace
}  // namespace signet::cli
