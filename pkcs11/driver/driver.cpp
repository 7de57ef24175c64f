#include "pkcs11/driver/driver.h"

#include "base/log.h"
#include "pkcs11/driver/administration.h"
#include "pkcs11/driver/error.h"
#include "pkcs11/driver/login.h"
#include "pkcs11/driver/token_objects.h"
#include "pkcs11/driver/tokens.h"
#include "pkcs11/driver/worker.h"

#include <algorithm>

namespace signet::pkcs11 {
namespace {

token::Token describe(const PresentToken& present, const TokenObjects& objects) {
    token::Token token{.id = present.id,
                       .label = present.info.label,
                       .manufacturer = present.info.manufacturer,
                       .model = present.info.model,
                       .serial = present.info.serial,
                       .reader = {},
                       .login_required = present.login_required(),
                       .pin_pad = present.pin_pad(),
                       .pin = present.info.pin_state(),
                       .keys = {},
                       .certificates = objects.certificates};
    for (const KeyEntry& entry : objects.keys) {
        token.keys.push_back(entry.key);
        token.keys.back().login_required = token.login_required;
    }
    return token;
}

// A blocked PIN is not tried, and one that was never set cannot be right.
Result<void> check_pin_state(const PresentToken& token) {
    switch (token.info.pin_state()) {
        case token::PinState::blocked:
            return failure(ErrorCode::pin_blocked, "C_Login");
        case token::PinState::not_set:
            return failure(ErrorCode::not_allowed, "C_Login", "the token's PIN has not been set yet");
        default:
            return {};
    }
}

}  // namespace

Result<std::unique_ptr<Driver>> Driver::open(const DriverSettings& settings) {
    SIGNET_TRY(const Module module, Module::load(settings.module));
    return std::make_unique<Driver>(module, settings);
}

Driver::Driver(const Module& module, const DriverSettings& settings)
    : m_module(module),
      m_gate(module.thread_safe() ? settings.sessions : 1),
      m_rejection_secrets(settings.state_directory),
      m_administration(std::make_unique<Administration>(*this)),
      m_waits_for_events(module.thread_safe()) {}

Driver::~Driver() = default;

token::Administration* Driver::administration() {
    return m_administration.get();
}

std::unique_lock<std::mutex> Driver::lock_login(const std::string& token_id) {
    return std::unique_lock(login_of(token_id).mutex);
}

Result<token::Inventory> Driver::inventory() {
    const Gate::Entry entry(m_gate);
    token::Inventory inventory{
        .tokens = {}, .waits_for_events = m_waits_for_events, .one_at_a_time = !m_module.thread_safe()};
    SIGNET_TRY(const auto present, present_tokens(m_module));
    const std::lock_guard lock(m_known_mutex);
    std::erase_if(m_known, [&present](const auto& known) {
        return std::none_of(present.begin(), present.end(),
                            [&known](const PresentToken& token) { return token.id == known.first; });
    });
    for (const PresentToken& token : present) {
        if (const auto objects = objects_of(token)) {
            inventory.tokens.push_back(describe(token, **objects));
        } else if (objects.error().code != ErrorCode::token_removed) {
            log::warning("left out the token " + token.id + ": " + objects.error().detail);
        }
    }
    return inventory;
}

Result<const TokenObjects*> Driver::objects_of(const PresentToken& token) {
    const auto known = m_known.find(token.id);
    if (known != m_known.end() && known->second.slot() == token.slot) {
        if (const auto objects = known->second.read(token.login_required())) {
            return *objects;
        }
    }
    m_known.erase(token.id);
    SIGNET_TRY(Session session, Session::open(m_module.functions(), token.slot));
    KnownObjects& fresh = m_known.emplace(token.id, std::move(session)).first->second;
    return fresh.read(token.login_required());
}

Driver::Login& Driver::login_of(const std::string& token_id) {
    const std::lock_guard lock(m_logins_mutex);
    return m_logins[token_id];
}

Result<const Session*> Driver::login_session(Login& login, CK_SLOT_ID slot) {
    if (login.session && login.session->slot() == slot && login.session->logged_in()) {
        return &*login.session;
    }
    // A dead session goes first: the module may give its handle to the new one.
    login.session.reset();
    SIGNET_TRY(login.session, Session::open(m_module.functions(), slot));
    return &*login.session;
}

Result<void> Driver::login(const std::string& token_id, const Secret* pin) {
    const Gate::Entry entry(m_gate);
    SIGNET_TRY(const PresentToken token, find_token(m_module, token_id));
    Login& login = login_of(token_id);
    const std::lock_guard lock(login.mutex);
    SIGNET_TRY(const Session* session, login_session(login, token.slot));
    SIGNET_TRY(const bool logged_in, session->logged_in());
    if (logged_in && pin == nullptr) {
        return {};
    }
    SIGNET_CHECK(check_pin_state(token));
    if (pin == nullptr && !token.pin_pad()) {
        return failure(ErrorCode::pin_required, "C_Login");
    }
    auto result = log_in(*session, CKU_USER, token.pin_pad() ? nullptr : pin);
    if (!result) {
        login.session.reset();
    }
    return result;
}

Result<void> Driver::logout(const std::string& token_id) {
    const Gate::Entry entry(m_gate);
    Login& login = login_of(token_id);
    const std::lock_guard lock(login.mutex);
    if (!login.session) {
        return {};
    }
    close_reading_of(token_id);
    const CK_RV value = m_module.functions().C_Logout(login.session->handle());
    login.session.reset();
    if (value != CKR_OK && value != CKR_USER_NOT_LOGGED_IN) {
        Error error = to_error("C_Logout", value);
        // A token that is gone has forgotten its login.
        if (error.code != ErrorCode::token_removed) {
            return Failure(std::move(error));
        }
    }
    return {};
}

// A session that stays open would keep a login that could not be ended otherwise.
void Driver::close_reading_of(const std::string& token_id) {
    const std::lock_guard lock(m_known_mutex);
    m_known.erase(token_id);
}

void Driver::logout_all() {
    const std::lock_guard lock(m_logins_mutex);
    for (auto& [token_id, login] : m_logins) {
        const std::lock_guard login_lock(login.mutex);
        if (login.session) {
            (void)m_module.functions().C_Logout(login.session->handle());
        }
    }
}

std::unique_ptr<token::Worker> Driver::worker() {
    return std::make_unique<Worker>(*this);
}

Result<void> Driver::wait_for_change() {
    if (!m_waits_for_events) {
        return failure(ErrorCode::unsupported, "C_WaitForSlotEvent", "events of this module");
    }
    CK_SLOT_ID slot = 0;
    const CK_RV value = m_module.functions().C_WaitForSlotEvent(0, &slot, nullptr);
    if (value == CKR_OK) {
        return {};
    }
    m_waits_for_events = false;
    Error error = to_error("C_WaitForSlotEvent", value);
    error.code = ErrorCode::unsupported;
    return Failure(std::move(error));
}

}  // namespace signet::pkcs11
