// PC/SC against a real pcscd with an emulated card.
#include "piv/pcsc.h"

#include "piv/commands.h"
#include "tests/piv-card/desk.h"
#include "tests/support/octets.h"
#include "tests/support/requirements.h"
#include "tests/support/shown_card.h"

#include <gmock/gmock.h>

#include <thread>

namespace signet::piv {
namespace {

using signet::test::Desk;
using signet::test::eventually;
using signet::test::InsertedCard;
using signet::test::Pcscd;
using signet::test::pcscd_comes_to_show_a_card;
using signet::test::secret;

constexpr std::chrono::seconds patience{5};

class Pcsc : public testing::Test {
  protected:
    void SetUp() override {
        SIGNET_REQUIRE_PCSCD();
        m_desk.emplace();
        // libpcsclite reads it once in a process.
        for (const auto& [name, value] : m_desk->pcscd().variables()) {
            setenv(name.c_str(), value.c_str(), 1);
        }
        ASSERT_TRUE(pcscd_comes_to_show_a_card());
    }

    PcscContext context() {
        auto established = PcscContext::establish();
        if (!established) {
            throw std::runtime_error(established.error().detail);
        }
        return *established;
    }
    CardConnection connect() {
        // pcscd may still be at a removal before this insertion.
        Result<CardConnection> card = failure(ErrorCode::token_removed, "connect", "never tried");
        EXPECT_TRUE(eventually([&] {
            card = CardConnection::open(context(), m_desk->pcscd().slot_name());
            return card.has_value();
        }));
        if (!card) {
            throw std::runtime_error(card.error().detail);
        }
        return std::move(*card);
    }
    InsertedCard& card() { return m_desk->card(); }

    std::optional<Desk> m_desk;
};

TEST_F(Pcsc, ListsReadersAndTheirCards) {
    const auto readers = context().readers();
    ASSERT_TRUE(readers);
    ASSERT_EQ(readers->size(), 2U);
    EXPECT_EQ(readers->at(0).name, m_desk->pcscd().slot_name());
    EXPECT_TRUE(readers->at(0).card_present);
    EXPECT_FALSE(readers->at(0).answer_to_reset.empty());
    EXPECT_FALSE(readers->at(1).card_present);
}

TEST_F(Pcsc, WaitsUntilACardIsPulled) {
    const PcscContext pcsc = context();
    const auto before = pcsc.readers();
    ASSERT_TRUE(before);
    std::thread hand([this] { card().remove(); });
    const auto changed = pcsc.wait_for_change(*before);
    hand.join();
    ASSERT_TRUE(changed) << changed.error().detail;
    EXPECT_FALSE(pcsc.readers()->at(0).card_present);
}

TEST_F(Pcsc, StopsWaitingWhenItIsToldTo) {
    const PcscContext pcsc = context();
    std::atomic<bool> ended = false;
    std::thread other([&] {
        // A cancel that comes before the wait has begun is lost.
        while (!ended) {
            pcsc.cancel();
            std::this_thread::yield();
        }
    });
    Result<void> waited;
    while (waited) {
        waited = pcsc.wait_for_change(*pcsc.readers());
    }
    ended = true;
    other.join();
    ASSERT_FALSE(waited);
    EXPECT_EQ(waited.error().code, ErrorCode::cancelled);
}

TEST_F(Pcsc, SpeaksToTheCardWithinATransaction) {
    CardConnection connection = connect();
    auto begun = connection.begin(patience);
    ASSERT_TRUE(begun);
    EXPECT_FALSE(begun->was_reset);
    const Card piv{.transmitter = begun->transaction, .form = LengthForm::short_form};
    EXPECT_TRUE(select(piv, Application::piv));
    EXPECT_EQ(pin_status(piv, PinReference::application)->tries_left, 3);
    EXPECT_TRUE(verify(piv, PinReference::application, secret(InsertedCard::pin)));
    EXPECT_TRUE(pin_status(piv, PinReference::application)->verified);
}

TEST_F(Pcsc, DoesNotWaitForEverForATransactionOfOthers) {
    CardConnection connection = connect();
    CardConnection other = connect();
    {
        const auto held = other.begin(patience);
        ASSERT_TRUE(held);
        for (int attempt = 0; attempt < 2; ++attempt) {
            const auto begun = connection.begin(std::chrono::milliseconds(50));
            ASSERT_FALSE(begun);
            EXPECT_EQ(begun.error().code, ErrorCode::not_allowed);
        }
    }
    EXPECT_TRUE(connection.begin(patience));
    EXPECT_TRUE(other.begin(patience)) << "what was given up holds nothing";
    const auto held = other.begin(patience);
    EXPECT_FALSE(connection.begin(std::chrono::milliseconds(50)));
}

TEST_F(Pcsc, NoticesThatAnotherProgramHasResetTheCard) {
    CardConnection connection = connect();
    ASSERT_TRUE(connection.begin(patience));
    m_desk->succeed({"opensc-tool", "--reader", "0", "--reset"});
    const auto begun = connection.begin(patience);
    ASSERT_TRUE(begun);
    EXPECT_TRUE(begun->was_reset);
}

TEST_F(Pcsc, LetsTheCardForgetThePinByAReset) {
    CardConnection connection = connect();
    {
        auto begun = connection.begin(patience);
        ASSERT_TRUE(begun);
        const Card piv{begun->transaction};
        ASSERT_TRUE(select(piv, Application::piv));
        ASSERT_TRUE(verify(piv, PinReference::application, secret(InsertedCard::pin)));
        ASSERT_TRUE(std::move(begun->transaction).end_with_reset());
    }
    auto begun = connection.begin(patience);
    ASSERT_TRUE(begun);
    const Card piv{begun->transaction};
    ASSERT_TRUE(select(piv, Application::piv));
    EXPECT_FALSE(pin_status(piv, PinReference::application)->verified);
}

TEST_F(Pcsc, ReportsACardThatIsPulledInTheMiddle) {
    CardConnection connection = connect();
    auto begun = connection.begin(patience);
    ASSERT_TRUE(begun);
    card().add_fault("pull-before@1/a4");
    const Card piv{begun->transaction};
    const auto selected = select(piv, Application::piv);
    ASSERT_FALSE(selected);
    EXPECT_EQ(selected.error().code, ErrorCode::token_removed) << selected.error().detail;
}

TEST_F(Pcsc, DoesNotTakeAnotherInsertionForTheSameCard) {
    CardConnection connection = connect();
    card().remove();
    card().insert();
    const auto begun = connection.begin(patience);
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().code, ErrorCode::token_removed) << begun.error().detail;
    EXPECT_TRUE(connect().begin(patience));
}

TEST_F(Pcsc, NeedsANewContextAfterPcscdWasRestarted) {
    const PcscContext before = context();
    CardConnection connection = connect();
    m_desk->pcscd().restart(SIGKILL);
    EXPECT_EQ(connection.begin(patience).error().code, ErrorCode::driver_failed);
    EXPECT_FALSE(before.readers());
    ASSERT_TRUE(pcscd_comes_to_show_a_card());
    EXPECT_TRUE(connect().begin(patience));
}

TEST_F(Pcsc, SaysThatThereIsNoReaderOfThatName) {
    EXPECT_EQ(CardConnection::open(context(), "no reader").error().code, ErrorCode::token_removed);
}

TEST_F(Pcsc, SaysThatPcscdDoesNotRun) {
    m_desk->pcscd().stop();
    EXPECT_EQ(PcscContext::establish().error().code, ErrorCode::driver_failed);
}

}  // namespace
}  // namespace signet::piv
