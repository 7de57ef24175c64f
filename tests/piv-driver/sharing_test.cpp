// Who else uses the card, and who else holds it.
#include "tests/piv-driver/driver_desk.h"
#include "tests/support/shown_card.h"

#include <array>
#include <thread>

namespace signet::test {
namespace {

using testing::HasSubstr;

class CardsOfOthers : public DriverDesk {};

TEST_F(CardsOfOthers, NameTheProgramsThatMayHoldThemExclusively) {
    SIGNET_REQUIRE_PROGRAM("opensc-explorer");
    insert_full_card();
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

// Another program, which keeps the card for itself as long as this lives.
class CardKeptBusy {
  public:
    explicit CardKeptBusy(const std::string& reader)
        : m_connection(*piv::CardConnection::open(*piv::PcscContext::establish(), reader)),
          m_begun(*m_connection.begin(std::chrono::seconds(5))) {}

  private:
    piv::CardConnection m_connection;
    piv::CardConnection::Begun m_begun;
};

TEST_F(CardsOfOthers, AreNotWaitedForWithoutALimitBeforeTheyAreConnected) {
    insert_full_card();
    const std::string reader = m_desk->pcscd().slot_name();
    piv::CardSession session({.reader = reader, .cache_directory = m_files / "cache", .state_directory = {}});
    {
        const CardKeptBusy other(reader);
        for (int attempt = 0; attempt < 2; ++attempt) {
            const auto turn = session.begin(std::chrono::milliseconds(50));
            ASSERT_FALSE(turn);
            EXPECT_EQ(turn.error().code, ErrorCode::not_allowed);
            EXPECT_THAT(turn.error().detail, HasSubstr("another program keeps the card busy"));
        }
    }
    EXPECT_TRUE(session.begin());
}

TEST_F(CardsOfOthers, AreNotTakenForThoseThatCameWhileNobodyWaited) {
    insert_full_card();
    const std::string reader = m_desk->pcscd().slot_name();
    piv::CardSession session({.reader = reader, .cache_directory = m_files / "cache", .state_directory = {}});
    {
        const CardKeptBusy other(reader);
        EXPECT_FALSE(session.begin(std::chrono::milliseconds(50)));
    }
    card().remove();
    card().insert();
    ASSERT_TRUE(pcscd_comes_to_show_a_card());
    const auto turn = session.begin();
    EXPECT_TRUE(turn) << turn.error().detail;
}

TEST_F(CardsOfOthers, AreLoggedOutOfWhileTheyAreBusy) {
    insert_full_card();
    start_driver();
    (void)token();
    login();
    {
        const CardKeptBusy other(m_desk->pcscd().slot_name());
        const auto start = std::chrono::steady_clock::now();
        EXPECT_TRUE(driver().logout(m_token));
        EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
    }
    EXPECT_EQ(sign(0x9a).error().code, ErrorCode::pin_required);
}

TEST_F(CardsOfOthers, TellInTimeThatTheyMayStillKnowThePin) {
    insert_full_card();
    start_driver(false);
    (void)token();
    login();
    const CardKeptBusy other(m_desk->pcscd().slot_name());
    const auto start = std::chrono::steady_clock::now();
    const auto logged_out = driver().logout(m_token);
    // The agent ends a host that takes longer.
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    ASSERT_FALSE(logged_out);
    EXPECT_EQ(logged_out.error().code, ErrorCode::not_allowed);
}

class Threads : public DriverDesk {
  protected:
    static constexpr int uses = 5;

    void sign_with_a_worker_of_its_own(const token::KeyName& name) {
        const auto worker = driver().worker();
        for (int i = 0; i < uses; ++i) {
            const auto signature = worker->sign(name,
                                                {.scheme = SignatureScheme::rsa_pkcs1,
                                                 .hash = HashAlgorithm::sha256,
                                                 .data = {1, 2, 3},
                                                 .data_is_message = true},
                                                nullptr);
            EXPECT_TRUE(signature) << signature.error().detail;
        }
    }
    void look_at_everything() {
        for (int i = 0; i < uses; ++i) {
            EXPECT_TRUE(driver().inventory());
            EXPECT_TRUE(driver().administration()->details(m_token));
        }
    }
};

TEST_F(Threads, TakeTurnsAtTheCard) {
    insert_full_card();
    start_driver();
    (void)token();
    login();
    const token::KeyName name = name_of(0x9a);
    std::array threads{std::thread([this, name] { sign_with_a_worker_of_its_own(name); }),
                       std::thread([this, name] { sign_with_a_worker_of_its_own(name); }),
                       std::thread([this] { look_at_everything(); })};
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(tries_left(), 3);
    EXPECT_TRUE(sign(0x9a)) << "the login is still there";
}

}  // namespace
}  // namespace signet::test
