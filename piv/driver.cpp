#include "piv/driver.h"

#include "base/log.h"
#include "piv/describe.h"
#include "piv/pcscd_socket.h"
#include "piv/worker.h"

#include <algorithm>

namespace signet::piv {
namespace {

// What cannot be a card's: nothing is in the reader, or no reader is there.
bool is_no_token(const Error& error) {
    return error.code == ErrorCode::token_removed || error.code == ErrorCode::token_not_found;
}

Result<ReaderState> state_of(const PcscContext& context, const std::string& reader) {
    SIGNET_TRY(const auto readers, context.readers());
    const auto found = std::find_if(readers.begin(), readers.end(),
                                    [&reader](const ReaderState& state) { return state.name == reader; });
    if (found == readers.end()) {
        return failure(ErrorCode::token_removed, "find reader", reader + " is not there");
    }
    return *found;
}

bool same_insertion(const ReaderState& a, const ReaderState& b) {
    return a.card_present == b.card_present && a.event_count == b.event_count;
}

}  // namespace

Driver::Driver(const DriverSettings& settings)
    : m_session({.reader = settings.reader,
                 .cache_directory = settings.cache_directory,
                 .state_directory = settings.state_directory,
                 .deauthenticate = settings.deauthenticate}),
      m_rejection_secrets(settings.state_directory),
      m_administration(m_session, settings.state_directory) {
    m_last_seen.name = settings.reader;
    if (const auto context = PcscContext::establish()) {
        if (auto state = state_of(*context, settings.reader)) {
            m_last_seen = *std::move(state);
        }
    }
}

Driver::~Driver() = default;

Result<std::unique_ptr<Driver>> Driver::open(const DriverSettings& settings) {
    return std::make_unique<Driver>(settings);
}

Result<token::Token> Driver::read_token() {
    SIGNET_TRY(CardTurn turn, m_session.begin());
    SIGNET_TRY(const PinStatus pin, turn.recognise());
    return describe(turn.contents(), pin,
                    {.name = m_session.reader(),
                     .pin_pad = turn.has_pin_pad(),
                     .deauthenticates = m_session.deauthenticates()});
}

Result<token::Inventory> Driver::inventory() {
    token::Inventory inventory{.tokens = {}, .waits_for_events = true, .one_at_a_time = true};
    auto token = read_token();
    if (!token && token.error().code != ErrorCode::token_removed &&
        token.error().code != ErrorCode::not_allowed) {
        // An answer was damaged, or pcscd has just been started again.
        token = read_token();
    }
    if (token) {
        inventory.tokens.push_back(*std::move(token));
        return inventory;
    }
    return is_no_token(token.error()) ? Result<token::Inventory>(std::move(inventory))
                                      : Failure(std::move(token).error());
}

Result<void> Driver::login(const std::string& token_id, const Secret* pin) {
    SIGNET_TRY(CardTurn turn, m_session.begin(token_id));
    if (pin == nullptr && !turn.has_pin_pad()) {
        if (turn.pin() != nullptr) {
            return {};
        }
        return failure(ErrorCode::pin_required, "login");
    }
    turn.forget_pin();
    SIGNET_CHECK(turn.select());
    SIGNET_CHECK(pin != nullptr ? turn.verify(*pin) : turn.verify_at_pin_pad());
    turn.keep_pin(pin != nullptr ? pin->clone() : Secret());
    return std::move(turn).end_verified();
}

// A card that is gone has forgotten its PIN.
Result<void> Driver::end_login(const std::string* token_id) {
    auto turn = m_session.begin();
    if (!turn || turn->pin() == nullptr || (token_id != nullptr && turn->contents().token_id != *token_id)) {
        return {};
    }
    turn->forget_pin();
    if (m_session.deauthenticates()) {
        return {};
    }
    if (turn->select() && deauthenticate(turn->card(), turn->contents().pin)) {
        return {};
    }
    return std::move(*turn).end_with_reset();
}

Result<void> Driver::logout(const std::string& token_id) {
    return end_login(&token_id);
}

void Driver::logout_all() {
    if (const auto ended = end_login(nullptr); !ended) {
        log::warning("the card may still know the PIN: " + ended.error().detail);
    }
}

Result<void> Driver::wait_for_change() {
    const std::lock_guard lock(m_waiting_mutex);
    while (!m_waiting_context) {
        // Watched before the attempt: a pcscd that comes in between is not missed.
        SIGNET_TRY(auto socket, PcscdSocketWatch::begin());
        if (auto context = PcscContext::establish()) {
            m_waiting_context = *std::move(context);
        } else {
            SIGNET_CHECK(socket.wait());
        }
    }
    for (;;) {
        auto state = state_of(*m_waiting_context, m_last_seen.name);
        if (state && same_insertion(*state, m_last_seen)) {
            const auto waited = m_waiting_context->wait_for_change(*state);
            if (waited) {
                continue;
            }
            state = Failure(waited.error());
        }
        if (!state && state.error().code != ErrorCode::token_removed) {
            // pcscd has gone, and with it the cards' state.
            m_waiting_context.reset();
        }
        m_session.notice_removal();
        m_last_seen = state ? *state : ReaderState{.name = m_last_seen.name};
        if (!state && state.error().code == ErrorCode::token_removed) {
            return Failure(std::move(state).error());
        }
        return {};
    }
}

std::unique_ptr<token::Worker> Driver::worker() {
    return std::make_unique<Worker>(*this);
}

}  // namespace signet::piv
