#include "piv/driver.h"

#include "base/log.h"
#include "piv/describe.h"
#include "piv/worker.h"

#include <algorithm>

namespace signet::piv {
namespace {

// What cannot be a card's: nothing is in the reader, or no reader is there.
bool is_no_token(const Error& error) {
    return error.code == ErrorCode::token_removed || error.code == ErrorCode::token_not_found;
}

}  // namespace

Driver::Driver(const DriverSettings& settings)
    : m_session({.reader = settings.reader,
                 .cache_directory = settings.cache_directory,
                 .state_directory = settings.state_directory,
                 .deauthenticate = settings.deauthenticate}),
      m_rejection_secrets(settings.state_directory),
      m_administration(m_session, settings.state_directory) {}

Driver::~Driver() = default;

Result<std::unique_ptr<Driver>> Driver::open(const DriverSettings& settings) {
    return std::make_unique<Driver>(settings);
}

Result<token::Token> Driver::read_token() {
    SIGNET_TRY(CardTurn turn, m_session.begin(patience_of_readings));
    SIGNET_TRY(const PinStatus pin, turn.recognise());
    return describe(turn.contents(), pin,
                    {.name = m_session.reader(),
                     .pin_pad = turn.has_pin_pad(),
                     .deauthenticates = m_session.deauthenticates()});
}

Result<token::Inventory> Driver::inventory() {
    token::Inventory inventory{.tokens = {}, .waits_for_events = false, .one_at_a_time = true};
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

Result<void> Driver::end_login(const std::string* token_id) {
    if (!m_session.forget_pin(token_id) || m_session.deauthenticates()) {
        return {};
    }
    auto turn = m_session.begin(patience_of_logouts);
    if (!turn && turn.error().code == ErrorCode::not_allowed) {
        return Failure(std::move(turn).error());
    }
    // A card that is gone has forgotten its PIN.
    if (!turn || !turn->is_known()) {
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
    return failure(ErrorCode::unsupported, "wait for change",
                   "the process that watches the readers does that");
}

std::unique_ptr<token::Worker> Driver::worker() {
    return std::make_unique<Worker>(*this);
}

}  // namespace signet::piv
