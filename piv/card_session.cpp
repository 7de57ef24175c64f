#include "piv/card_session.h"

#include "base/log.h"
#include "piv/card_reader.h"
#include "piv/pin_pad.h"
#include "piv/remembered_keys.h"

#include <algorithm>
#include <utility>

namespace signet::piv {
namespace {

// What the log keeps of a PIN that went to the card.
void log_verification(const std::string& token, const Result<void>& result) {
    if (result) {
        log::debug("the PIN of " + token + " was right");
        return;
    }
    const Error& error = result.error();
    switch (error.code) {
        case ErrorCode::pin_incorrect:
            log::info("a wrong PIN was sent to " + token + ": " +
                      (error.tries_left < 0 ? "it does not tell the tries left"
                                            : std::to_string(error.tries_left) + " tries left"));
            break;
        case ErrorCode::pin_blocked:
            log::info("a PIN was sent to " + token + ", where it is blocked");
            break;
        case ErrorCode::invalid_parameter:
        case ErrorCode::cancelled:
        case ErrorCode::timeout:
            break;
        default:
            log::info("a PIN was sent to " + token + ", and the answer is not known: " + error.detail);
    }
}

std::chrono::milliseconds time_until(std::chrono::steady_clock::time_point deadline) {
    const auto left = deadline - std::chrono::steady_clock::now();
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::max(left, std::chrono::steady_clock::duration::zero()));
}

// `asked`: as add_remembered_keys() has it.
Result<void> remember_keys(CardContents& contents, const std::filesystem::path& state_directory,
                           const Card* asked) {
    if (state_directory.empty()) {
        return {};
    }
    auto journal = AdministrationJournal::open(state_directory, journal_name(contents));
    if (!journal) {
        log::warning(journal.error().detail);
        return {};
    }
    return add_remembered_keys(contents, *journal, asked);
}

}  // namespace

CardSession::CardSession(CardSessionSettings settings) : m_settings(std::move(settings)) {}
CardSession::~CardSession() = default;

Result<void> CardSession::connect(Deadline deadline) {
    for (bool has_new_context = false;;) {
        const bool is_old = m_connecting.has_value();
        if (!m_context) {
            SIGNET_TRY(m_context, PcscContext::establish());
            has_new_context = true;
        }
        if (!is_old) {
            m_connecting.emplace(*m_context, m_settings.reader);
        }
        auto connection = m_connecting->wait_until(deadline);
        if (m_connecting->goes_on()) {
            return Failure(std::move(connection).error());
        }
        m_connecting.reset();
        if (connection) {
            m_connection = *std::move(connection);
            return {};
        }
        // A context does not outlive a restart of pcscd.
        const bool context_lost = connection.error().code == ErrorCode::driver_failed && !has_new_context;
        if (context_lost) {
            m_context.reset();
        }
        // What became of one that nobody waited for may be long past.
        if (!is_old && !context_lost) {
            return Failure(std::move(connection).error());
        }
    }
}

void CardSession::disconnect() {
    m_connection.reset();
    m_known.reset();
    m_pin.reset();
}

Result<CardTurn> CardSession::begin(std::chrono::milliseconds patience) {
    std::unique_lock lock(m_mutex);
    const Deadline deadline = std::chrono::steady_clock::now() + patience;
    if (m_connection && m_connection->failed()) {
        disconnect();
    }
    // The card may have gone since it was connected, and another have come.
    for (bool is_new = !m_connection && !m_connecting;; is_new = true) {
        if (!m_connection) {
            SIGNET_CHECK(connect(deadline));
        }
        auto begun = m_connection->begin(time_until(deadline));
        if (begun) {
            return CardTurn(*this, std::move(lock), std::move(begun->transaction));
        }
        const bool is_busy = begun.error().code == ErrorCode::not_allowed;
        if (!is_busy) {
            disconnect();
        }
        if (is_busy || is_new) {
            return Failure(std::move(begun).error());
        }
    }
}

Result<CardTurn> CardSession::begin(const std::string& token_id) {
    SIGNET_TRY(CardTurn turn, begin());
    if (!m_known || m_forgotten) {
        SIGNET_CHECK(turn.recognise());
    }
    if (turn.contents().token_id != token_id) {
        return failure(ErrorCode::token_not_found, "find token", "another card is in the reader");
    }
    return turn;
}

bool CardSession::forget_pin(const std::string* token_id) {
    const std::lock_guard lock(m_mutex);
    if (!m_pin || (token_id != nullptr && m_known->contents.token_id != *token_id)) {
        return false;
    }
    m_pin.reset();
    return true;
}

CardTurn::CardTurn(CardSession& session, std::unique_lock<std::mutex> lock, Transaction transaction)
    : m_session(&session),
      m_lock(std::move(lock)),
      m_transaction(std::make_unique<Transaction>(std::move(transaction))) {}

Card CardTurn::card() {
    const LengthForm form = m_session->m_known ? m_session->m_known->image.form : LengthForm::short_form;
    return {.transmitter = *m_transaction, .form = form};
}

void CardTurn::use_short_form() {
    CardImage& image = m_session->m_known->image;
    image.form = LengthForm::short_form;
    if (const auto name = cache_name(image)) {
        m_session->cache().keep(*name, image);
    }
}

bool CardTurn::is_known() const {
    return m_session->m_known.has_value();
}

Result<void> CardTurn::select() {
    const auto selected = piv::select(card(), m_session->m_known->image.application);
    // Its answer is not needed, and some make no sense.
    if (!selected && selected.error().code != ErrorCode::malformed) {
        return Failure(selected.error());
    }
    return {};
}

Result<PinStatus> CardTurn::recognise() {
    auto& known = m_session->m_known;
    const CardCache cache = m_session->cache();
    const CardImage* believed = known && known->complete && !m_session->m_forgotten ? &known->image : nullptr;
    SIGNET_TRY(Recognition recognition,
               piv::recognise({.transmitter = *m_transaction,
                               .extended_possible = m_session->m_connection->takes_extended_length()},
                              believed, cache, m_session->m_round++,
                              m_session->m_forgotten ? RetiredKeys::all : RetiredKeys::claimed));
    if (!known || !recognition.was_known) {
        CardContents contents = contents_of(recognition.image);
        const Card changed{.transmitter = *m_transaction, .form = recognition.image.form};
        SIGNET_CHECK(remember_keys(contents, m_session->m_settings.state_directory,
                                   recognition.was_known ? nullptr : &changed));
        known = {.image = std::move(recognition.image),
                 .contents = std::move(contents),
                 .complete = recognition.complete};
    }
    m_session->m_forgotten = false;
    return recognition.pin;
}

const CardContents& CardTurn::contents() const {
    return m_session->m_known->contents;
}

void CardTurn::forget_contents() {
    m_session->m_forgotten = true;
    const auto name = m_session->m_known ? cache_name(m_session->m_known->image) : std::nullopt;
    if (name) {
        m_session->cache().remove(*name);
    }
}

const Secret* CardTurn::pin() const {
    return m_session->m_pin ? &*m_session->m_pin : nullptr;
}

void CardTurn::keep_pin(Secret pin) {
    m_session->m_pin = std::move(pin);
}

void CardTurn::forget_pin() {
    m_session->m_pin.reset();
}

Result<void> CardTurn::verify(const Secret& typed) {
    auto result = piv::verify(card(), contents().pin, typed);
    log_verification(contents().token_id, result);
    return result;
}

Result<void> CardTurn::verify_at_pin_pad() {
    if (!has_pin_pad()) {
        return failure(ErrorCode::unsupported, "VERIFY", "a PIN pad at this reader");
    }
    auto result = piv::verify_at_pin_pad(*m_transaction, pin_pad(), contents().pin);
    log_verification(contents().token_id, result);
    return result;
}

Result<PinStatus> CardTurn::pin_status() {
    auto status = piv::pin_status(card(), contents().pin);
    if (!status && is_card_answer(status.error())) {
        return PinStatus{};
    }
    return status;
}

Result<void> CardTurn::verify_kept(const PinStatus& status) {
    // A login at a pin pad leaves an empty one.
    const bool sendable = pin() != nullptr && !pin()->empty();
    if (!sendable || status.tries_left.value_or(2) <= 1) {
        forget_pin();
        return failure(ErrorCode::pin_required, "VERIFY",
                       sendable ? "the last try is not spent unasked" : "the card has forgotten it");
    }
    auto verified = verify(*pin());
    if (!verified) {
        forget_pin();
    }
    return verified;
}

bool CardTurn::has_pin_pad() const {
    return pin_pad().verify != 0;
}

PinPad CardTurn::pin_pad() const {
    return m_session->m_connection->pin_pad();
}

Result<void> CardTurn::end_verified() && {
    if (!m_session->deauthenticates()) {
        m_transaction.reset();
        return {};
    }
    if (deauthenticate(card(), contents().pin)) {
        m_transaction.reset();
        return {};
    }
    return std::move(*this).end_with_reset();
}

Result<void> CardTurn::end_with_reset() && {
    auto result = std::move(*m_transaction).end_with_reset();
    m_transaction.reset();
    return result;
}

}  // namespace signet::piv
