// PIV cards from the reader to the client: a real pcscd, the emulated card, the real agent.
#include "ipc/codec.h"
#include "tests/e2e/card_workplace.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

using testing::HasSubstr;

class PivCard : public testing::Test {
  protected:
    void SetUp() override { SIGNET_REQUIRE_PCSCD(); }
};

TEST_F(PivCard, IsListedWithItsReaderAndSigns) {
    CardWorkplace place;
    place.start();
    const auto token = place.token();
    EXPECT_EQ(token.module, "piv");
    EXPECT_EQ(token.reader, place.desk().pcscd().slot_name());
    EXPECT_EQ(token.keys.size(), 4U);
    EXPECT_EQ(token.certificates.size(), 4U);
    place.agent().answer_prompts({InsertedCard::pin});
    const auto signature = place.sign("9a");
    EXPECT_TRUE(signature) << outcome(signature) << place.agent().log();
    EXPECT_EQ(place.agent().prompts(), 1);
}

}  // namespace
}  // namespace signet::test
