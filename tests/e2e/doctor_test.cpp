// signet doctor with a card in a reader, a pcscd of its own, and what can go wrong around them.
#include "tests/e2e/card_workplace.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

namespace signet::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Doctor : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        m_place.emplace();
    }
    [[nodiscard]] CardWorkplace& place() { return *m_place; }
    [[nodiscard]] ProcessResult doctor(const std::vector<std::string>& arguments = {}) {
        std::vector<std::string> command{"doctor"};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return place().signet(command);
    }
    [[nodiscard]] std::string reader() { return place().desk().pcscd().slot_name(); }

  private:
    std::optional<CardWorkplace> m_place;
};

TEST_F(Doctor, IsContentWithACardThatWorks) {
    place().start();
    const auto result = doctor();
    EXPECT_EQ(result.exit_status, 0) << result.output << result.error_output;
    const std::string reader_line = "reader: " + reader() + ": holds a card";
    for (const char* part : {"pcscd: runs and answers", reader_line.c_str(), "agent: answers", " keys",
                             "PIN: all tries are left", "can be loaded"}) {
        EXPECT_THAT(result.output, HasSubstr(part));
    }
    EXPECT_THAT(result.output, Not(HasSubstr("broken")));
    EXPECT_THAT(result.output, Not(HasSubstr("\x1b"))) << "colour is for terminals";
    const auto json = doctor({"--json"});
    EXPECT_EQ(json.exit_status, 0);
    EXPECT_THAT(json.output, AllOf(testing::StartsWith("{\"checks\":[{\"check\":\"udev\","),
                                   HasSubstr("\"broken\":0}\n")));
}

TEST_F(Doctor, SpendsNoTryOfThePin) {
    place().start();
    place().card().new_apdus();
    EXPECT_EQ(doctor().exit_status, 0);
    // A VERIFY without data asks for the number of tries left.
    for (const LoggedApdu& apdu : place().card().new_apdus()) {
        EXPECT_FALSE(apdu.instruction() == "20" && apdu.command_length > 0) << apdu.header;
    }
    EXPECT_EQ(place().agent().prompts(), 0);
}

TEST_F(Doctor, MissesTheAgentAndStartsNone) {
    const auto result = doctor();
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_THAT(result.output, AllOf(HasSubstr("broken   agent: the agent does not answer"),
                                     HasSubstr("signet-agent --socket "), HasSubstr("skipped  token")));
    EXPECT_FALSE(fs::exists(place().agent().socket()));
}

TEST_F(Doctor, MissesPcscd) {
    place().start();
    place().desk().pcscd().stop();
    ASSERT_TRUE(place().comes_to_list(0));
    const auto result = doctor();
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_THAT(result.output, HasSubstr("broken   pcscd: "));
}

TEST_F(Doctor, NamesTheDaemonThatHoldsTheCard) {
    const std::string daemon = place().path("scdaemon");
    fs::copy_file(SIGNET_CARD_HOLDER, daemon);
    BackgroundProcess holder({daemon, reader()}, place().desk().pcscd().variables(), place().path("held"));
    ASSERT_TRUE(eventually([this] { return read_file(place().path("held")) == "held\n"; }));
    place().start(0);
    const auto result = doctor();
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_THAT(result.output,
                AllOf(HasSubstr("the agent does not know the card in " + reader()),
                      HasSubstr("broken   holder: scdaemon (process " + std::to_string(holder.pid()) + ")"),
                      HasSubstr("gpgconf --kill scdaemon")));
}

TEST_F(Doctor, TellsThatP11KitShowsACardTwiceUntilItIsSetUp) {
    SIGNET_REQUIRE(fs::exists("/usr/share/p11-kit/modules/opensc-pkcs11.module"), "opensc-pkcs11");
    place().start();
    const fs::path modules = place().agent().folder() / ".config/pkcs11/modules";
    fs::create_directories(modules);
    write_file(modules / "signet.module", "module: " + pkcs11_module() + "\n");
    const auto result = doctor();
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_THAT(result.output, AllOf(HasSubstr("broken   p11-kit: programs see a card twice"),
                                     HasSubstr("signet setup p11-kit")));
    const auto set_up = place().signet({"setup", "p11-kit", "--yes"});
    EXPECT_EQ(set_up.exit_status, 0) << set_up.error_output;
    const auto after = doctor();
    EXPECT_EQ(after.exit_status, 0) << after.output;
    EXPECT_THAT(after.output, HasSubstr("p11-kit: signet-pkcs11.so is registered"));
}

TEST_F(Doctor, TellsThatThePinIsBlocked) {
    place().start();
    for (int attempt = 0; attempt < 3; ++attempt) {
        EXPECT_FALSE(place().agent().unlock("000000"));
    }
    const auto result = doctor();
    EXPECT_EQ(result.exit_status, 1);
    EXPECT_THAT(result.output, AllOf(HasSubstr("the PIN is blocked"), HasSubstr("signet token unblock")));
}

TEST_F(Doctor, TellsHowManyTriesAreLeft) {
    place().start();
    EXPECT_FALSE(place().agent().unlock("000000"));
    EXPECT_FALSE(place().agent().unlock("000000"));
    const auto result = doctor();
    EXPECT_EQ(result.exit_status, 0) << result.output;
    EXPECT_THAT(result.output, HasSubstr("1 try left"));
}

}  // namespace
}  // namespace signet::test
