// What goes wrong between a key and its caller: cards pulled, responses damaged, pcscd ended, other programs
// at the card. A sample in the suite; scripts/faults runs it in bulk (SIGNET_FAULT_RUNS, SIGNET_FAULT_SEED).
#include "tests/e2e/card_workplace.h"
#include "tests/e2e/token_command.h"
#include "tests/support/requirements.h"

#include <gmock/gmock.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <thread>

namespace signet::test {
namespace {

using Clock = std::chrono::steady_clock;

unsigned number_from(const char* variable, unsigned otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr ? static_cast<unsigned>(std::strtoul(text, nullptr, 10)) : otherwise;
}

class PivFaults : public testing::Test {
  protected:
    // A key use on a card, with room for a busy machine.
    static constexpr std::chrono::seconds deadline{31};

    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        m_place.emplace();
        m_place->start();
        m_place->card().new_apdus();
    }
    void TearDown() override {
        if (m_place) {
            std::printf("figures: %s, seed %u: %u runs", name().c_str(), m_seed, m_runs);
            for (const auto& [outcome, count] : m_outcomes) {
                std::printf(", %s %u", outcome.c_str(), count);
            }
            std::printf("; slowest %lld ms; PIN tries spent %zu\n", static_cast<long long>(m_slowest.count()),
                        spent_tries());
        }
    }

    CardWorkplace& place() { return *m_place; }
    unsigned random(unsigned most) { return std::uniform_int_distribution<unsigned>(0, most)(m_random); }
    unsigned runs(unsigned in_the_suite) {
        m_runs = number_from("SIGNET_FAULT_RUNS", in_the_suite);
        return m_runs;
    }

    Result<void> some_use() {
        switch (random(2)) {
            case 0:
                return m_place->sign("9a");
            case 1:
                return m_place->decrypt("82");
            default:
                return m_place->decrypt("9d");
        }
    }

    // A key is made or brought in where none of those is that are used.
    void administer_while_it_happens() {
        const bool generates = random(1) == 0;
        const auto start = Clock::now();
        const auto result =
            generates ? administer({"generate", "--slot", "94", "--algorithm", "p256", "--overwrite"}, {})
                      : administer({"import", "key.p12", "--slot", "95", "--overwrite"},
                                   {{"--password-fd", "escrow"}});
        note(start, result.exit_status == 0 ? (generates ? "generated" : "imported") : "refused");
        constexpr int it_could_not_be_done = 3;
        EXPECT_THAT(result.exit_status, testing::AnyOf(0, it_could_not_be_done))
            << result.error_output << m_place->agent().log();
    }

    // An error is an answer; a wrong result, a refused PIN or a missed deadline is not.
    void use_while_it_happens() {
        const auto start = Clock::now();
        const auto result = some_use();
        note(start, result ? "good" : std::string(error_name(result.error().code)));
        for (const auto forbidden :
             {ErrorCode::bad_signature, ErrorCode::pin_incorrect, ErrorCode::pin_blocked,
              ErrorCode::agent_unavailable, ErrorCode::protocol}) {
            EXPECT_TRUE(result || result.error().code != forbidden)
                << outcome(result) << m_place->agent().log();
        }
    }

    // The card is back and unlocked, and what it is asked for succeeds.
    void expect_all_is_well(const std::string& after) {
        Result<void> last;
        const bool works = eventually([this, &last] {
            last = m_place->agent().unlock(InsertedCard::pin);
            for (const auto* slot : {"82", "9d"}) {
                last = last ? m_place->decrypt(slot) : last;
            }
            last = last ? m_place->sign("9a") : last;
            return last.has_value();
        });
        ASSERT_TRUE(works) << after << ": " << outcome(last) << "\n" << m_place->agent().log();
    }

    // VERIFY with a PIN that the card refused: all that were sent were right.
    std::size_t spent_tries() {
        for (const auto& apdu : m_place->card().new_apdus()) {
            const bool with_pin = apdu.instruction() == "20" && apdu.command_length > 5;
            m_spent += with_pin && apdu.status.starts_with("63") ? 1U : 0U;
        }
        return m_spent;
    }

    ProcessResult administer(const std::vector<std::string>& arguments, Secrets secrets) {
        secrets.emplace("--management-key-fd", InsertedCard::management_key);
        return m_place->run(token_command(m_place->path(""), arguments, secrets));
    }

    void note(Clock::time_point start, const std::string& outcome) {
        const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
        m_slowest = std::max(m_slowest, took);
        ++m_outcomes[outcome];
        EXPECT_LT(took, deadline);
    }

    static std::string name() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }

  private:
    unsigned m_seed = number_from("SIGNET_FAULT_SEED", 1);
    std::mt19937 m_random{m_seed};
    std::optional<CardWorkplace> m_place;
    unsigned m_runs = 0;
    std::map<std::string, unsigned> m_outcomes;
    std::chrono::milliseconds m_slowest{0};
    std::size_t m_spent = 0;
};

TEST_F(PivFaults, CardsPulledAtAnyPoint) {
    constexpr const char* kinds[] = {"pull-before", "pull-during", "pull-after"};
    TestAuthority escrow;
    write_pkcs12(place().path("key.p12"), escrow.issue_identity("rsa:2048", "old@example.org"), {}, "escrow");
    for (unsigned run = runs(6); run > 0 && !HasFatalFailure(); --run) {
        expect_all_is_well("before");
        const bool administers = run % 2 == 0;
        const std::string fault =
            std::string(kinds[random(2)]) + "@" + std::to_string(1 + random(administers ? 60 : 5));
        place().card().add_fault(fault);
        administers ? administer_while_it_happens() : use_while_it_happens();
        place().card().clear_faults();
        if (!place().card().inserted()) {
            place().card().insert();
        }
        expect_all_is_well(fault);
    }
    EXPECT_EQ(spent_tries(), 0U);
}

TEST_F(PivFaults, DamagedResponses) {
    constexpr const char* kinds[] = {"flip", "truncate", "oversize"};
    for (unsigned run = runs(20); run > 0 && !HasFatalFailure(); --run) {
        const std::string fault = std::string(kinds[random(2)]) + "@" + std::to_string(1 + random(5)) + ":" +
                                  std::to_string(random(2500));
        place().card().add_fault(fault);
        use_while_it_happens();
        place().card().clear_faults();
        expect_all_is_well(fault);
    }
    EXPECT_EQ(spent_tries(), 0U);
}

TEST_F(PivFaults, PcscdEndedAtAnyPoint) {
    for (unsigned run = runs(3); run > 0 && !HasFatalFailure(); --run) {
        expect_all_is_well("before");
        const std::chrono::milliseconds head_start(random(20));
        std::thread user([this] { use_while_it_happens(); });
        std::this_thread::sleep_for(head_start);
        place().desk().pcscd().restart(run % 2 == 0 ? SIGKILL : SIGTERM);
        user.join();
        expect_all_is_well("restart");
    }
    EXPECT_EQ(spent_tries(), 0U);
}

// Signs with the card until it is told to end.
class Hammer {
  public:
    explicit Hammer(const Desk& desk) : m_thread([this, &desk] { work(desk); }) {}
    ~Hammer() {
        m_end = true;
        m_thread.join();
    }
    Hammer(const Hammer&) = delete;
    Hammer& operator=(const Hammer&) = delete;

    [[nodiscard]] unsigned signatures() const { return m_signatures; }

  private:
    void work(const Desk& desk) {
        while (!m_end) {
            const auto made = desk.run(Desk::pkcs11(
                opensc_module, {"--login", "--pin", InsertedCard::pin, "--sign", "-m", "SHA256-RSA-PKCS",
                                "--id", "01", "-i", "/etc/hostname", "-o", "/dev/null"}));
            m_signatures += made.exit_status == 0 ? 1U : 0U;
        }
    }

    std::atomic<bool> m_end = false;
    std::atomic<unsigned> m_signatures = 0;
    std::thread m_thread;
};

TEST_F(PivFaults, OtherProgramsAtTheSameCard) {
    SIGNET_REQUIRE_PROGRAM("pkcs11-tool");
    ASSERT_TRUE(place().agent().unlock(InsertedCard::pin));
    const Hammer first(place().desk());
    const Hammer second(place().desk());
    ASSERT_TRUE(eventually([&] { return first.signatures() > 0 && second.signatures() > 0; }));
    for (unsigned run = runs(10); run > 0; --run) {
        use_while_it_happens();
    }
    const auto last = some_use();
    EXPECT_TRUE(last) << outcome(last) << place().agent().log();
    std::printf("figures: %u and %u signatures of the others\n", first.signatures(), second.signatures());
    EXPECT_EQ(spent_tries(), 0U);
}

}  // namespace
}  // namespace signet::test
