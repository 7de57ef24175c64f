// Cards, readers and pcscd that come and go, and who else holds the card.
#include "tests/piv-driver/driver_desk.h"

#include <future>

namespace signet::test {
namespace {

using testing::HasSubstr;

class Events : public DriverDesk {
  protected:
    void SetUp() override {
        DriverDesk::SetUp();
        if (!IsSkipped()) {
            insert_full_card();
            start_driver();
            (void)token();
        }
    }
    std::future<Result<void>> waiting() {
        return std::async(std::launch::async, [this] { return driver().wait_for_change(); });
    }
    static bool ended(std::future<Result<void>>& wait) {
        return wait.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
    }
};

TEST_F(Events, TellWhenTheCardIsPulledAndPutBack) {
    auto removal = waiting();
    EXPECT_EQ(removal.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
    card().remove();
    ASSERT_TRUE(ended(removal));
    EXPECT_TRUE(removal.get());
    EXPECT_TRUE(driver().inventory()->tokens.empty());
    auto insertion = waiting();
    card().insert();
    ASSERT_TRUE(ended(insertion));
    EXPECT_TRUE(insertion.get());
    EXPECT_EQ(driver().inventory()->tokens.size(), 1U);
}

TEST_F(Events, TellOfWhatHappenedBetweenTwoWaits) {
    card().remove();
    ASSERT_TRUE(eventually([this] { return driver().inventory()->tokens.empty(); }));
    card().insert();
    auto missed = waiting();
    ASSERT_TRUE(ended(missed));
    EXPECT_TRUE(missed.get());
}

TEST_F(Events, TellThatPcscdHasGone) {
    auto wait = waiting();
    EXPECT_EQ(wait.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
    m_desk->pcscd().restart(SIGKILL);
    ASSERT_TRUE(ended(wait));
    EXPECT_TRUE(eventually([this] {
        const auto inventory = driver().inventory();
        return inventory && inventory->tokens.size() == 1;
    }));
}

TEST_F(Events, DoNotComeFromTheDriversOwnUseOfTheCard) {
    auto wait = waiting();
    login();
    EXPECT_TRUE(sign(0x9a));
    EXPECT_EQ(wait.wait_for(std::chrono::milliseconds(500)), std::future_status::timeout);
    card().remove();
    ASSERT_TRUE(ended(wait));
}

TEST_F(Events, NameTheProgramsThatMayHoldTheCardExclusively) {
    SIGNET_REQUIRE_PROGRAM("opensc-explorer");
    m_worker.reset();
    m_driver.reset();
    write_file(m_desk->path("opensc.conf"),
               "app default { reader_driver pcsc { connect_exclusive = true; } }\n");
    auto variables = m_desk->pcscd().variables();
    variables["OPENSC_CONF"] = m_desk->path("opensc.conf");
    // Its standard input never says anything, and never ends.
    const BackgroundProcess other(
        {"sh", "-c",
         "cd '" + m_files.path().string() +
             "' && mkfifo silence && exec opensc-explorer --reader 0 --mf '' <> silence"},
        variables, m_desk->path("explorer.log"));
    ASSERT_TRUE(eventually([] {
        const auto pcsc = piv::PcscContext::establish();
        const auto readers = pcsc ? pcsc->readers() : Failure(pcsc.error());
        return readers && !readers->empty() && readers->front().held_exclusively;
    })) << read_file(m_desk->path("explorer.log"));
    start_driver();
    const auto inventory = driver().inventory();
    ASSERT_FALSE(inventory);
    EXPECT_EQ(inventory.error().code, ErrorCode::not_allowed);
    EXPECT_THAT(inventory.error().detail,
                HasSubstr("another program holds the card exclusively: opensc-explorer ("));
}

}  // namespace
}  // namespace signet::test
