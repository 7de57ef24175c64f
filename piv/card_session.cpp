#include "piv/card_session.h"

#include "base/log.h"
#include "piv/card_reader.h"
#include "piv/pin_pad.h"
#include "piv/token_details.h"

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

void remember_keys(CardContents& contents, const std::filesystem::path& state_directory) {
    if (state_directory.empty()) {
        return;
    }
    const auto journal = AdministrationJournal::open(state_directory, contents.token_id);
    if (!journal) {
        log::warning(journal.error().detail);
        return;
    }
    add_remembered_keys(contents, *journal);
}

}  // namespace

CardSession::CardSession(CardSessionSettings settings) : m_settings(std::move(settings)) {}
CardSession::~CardSession() = default;

Result<void> CardSession::connect() {
    for (int attempt = 0;; ++attempt) {
        if (!m_context) {
            SIGNET_TRY(m_context, PcscContext::establish());
        }
        auto connection = CardConnection::open(*m_context, m_settings.reader);
        if (connection) {
            m_connection = *std::move(connection);
            return {};
        }
        // A context does not outlive a restart of pcscd.
        if (attempt == 0 && connection.error().code == ErrorCode::driver_failed) {
            m_context.reset();
            continue;
        }
        return Failure(std::move(connection).error());
    }
}

void CardSession::disconnect() {
    m_connection.reset();
    m_known.reset();
    m_pin.reset();
}

Result<CardTurn> CardSession::begin(std::chrono::milliseconds patience) {
    std::unique_lock lock(m_mutex);
    if (m_connection && m_connection->failed()) {
        disconnect();
    }
    if (m_connection) {
        auto begun = m_connection->begin(patience);
        if (begun) {
            return CardTurn(*this, std::move(lock), std::move(begun->transaction));
        }
        if (begun.error().code == ErrorCode::not_allowed) {
            return Failure(std::move(begun).error());
        }
        disconnect();
    }
    SIGNET_CHECK(connect());
    auto begun = m_connection->begin(patience);
    if (!begun) {
        disconnect();
        return Failure(std::move(begun).error());
    }
    return CardTurn(*this, std::move(lock), std::move(begun->transaction));
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
    m_session->m_forgotten = false;
    if (!known || !recognition.was_known) {
        CardContents contents = contents_of(recognition.image);
        remember_keys(contents, m_session->m_settings.state_directory);
        known = {.image = std::move(recognition.image),
                 .contents = std::move(contents),
                 .complete = recognition.complete};
    }
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

const PinPad& CardTurn::pin_pad() const {
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
