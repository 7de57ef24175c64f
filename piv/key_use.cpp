#include "piv/key_use.h"

namespace signet::piv {
namespace {

using Clock = std::chrono::steady_clock;

// No card computes that long; it has waited for a finger.
constexpr std::chrono::seconds waiting_for_touch{5};

Failure pin_required(const char* detail) {
    return failure(ErrorCode::pin_required, "use key", detail);
}

// The card has answered, though not as it would if the application were selected and the PIN verified.
bool may_be_interference(const Error& error) {
    return is_card_answer(error) || error.code == ErrorCode::malformed;
}

}  // namespace

Result<Bytes> KeyUse::attempt(const KeyCommand& command) {
    const auto start = Clock::now();
    auto answer = command(m_turn.card());
    if (!answer && answer.error().native_code == status::wrong_length.value &&
        m_turn.card().form == LengthForm::extended) {
        m_turn.use_short_form();
        answer = command(m_turn.card());
    }
    if (answer || answer.error().code != ErrorCode::pin_required) {
        return answer;
    }
    if ((m_key.wants_touch() && m_pin_proven) || Clock::now() - start > waiting_for_touch) {
        return failure(ErrorCode::timeout, "GENERAL AUTHENTICATE", "nobody touched the card",
                       answer.error().native_code);
    }
    return answer;
}

Result<Bytes> KeyUse::run(const KeyCommand& command) {
    const KeyPinPolicy demand = m_key.pin_demand();
    if (demand == KeyPinPolicy::never) {
        return straight(command);
    }
    const bool asks_each_time = demand == KeyPinPolicy::always || m_deauthenticates;
    if (m_typed != nullptr || (m_turn.has_pin_pad() && asks_each_time)) {
        return with_typed_pin(command);
    }
    if (demand == KeyPinPolicy::always || m_turn.pin() == nullptr) {
        return pin_required("nobody has given it");
    }
    return m_deauthenticates ? with_kept_pin(command) : straight(command);
}

Result<Bytes> KeyUse::with_typed_pin(const KeyCommand& command) {
    SIGNET_CHECK(m_turn.select());
    m_typed_pin_spent = true;
    SIGNET_CHECK(m_typed != nullptr ? m_turn.verify(*m_typed) : m_turn.verify_at_pin_pad());
    m_verified = m_pin_proven = true;
    return attempt(command);
}

Result<Bytes> KeyUse::straight(const KeyCommand& command) {
    auto answer = attempt(command);
    if (answer || !may_be_interference(answer.error()) || answer.error().code == ErrorCode::timeout) {
        return answer;
    }
    if (m_key.pin_demand() != KeyPinPolicy::never) {
        return with_kept_pin(command);
    }
    SIGNET_CHECK(m_turn.select());
    m_pin_proven = true;
    return attempt(command);
}

Result<void> KeyUse::verify_kept_pin(const PinStatus& status) {
    SIGNET_CHECK(m_turn.verify_kept(status));
    m_verified = m_pin_proven = true;
    return {};
}

Result<Bytes> KeyUse::with_kept_pin(const KeyCommand& command) {
    SIGNET_CHECK(m_turn.select());
    SIGNET_TRY(const PinStatus status, m_turn.pin_status());
    if (!status.verified) {
        SIGNET_CHECK(verify_kept_pin(status));
        return attempt(command);
    }
    m_pin_proven = true;
    auto answer = attempt(command);
    if (answer || answer.error().code != ErrorCode::pin_required) {
        return answer;
    }
    // Verified for others or too long ago: the key wants it right before.
    SIGNET_CHECK(verify_kept_pin(status));
    return attempt(command);
}

}  // namespace signet::piv
