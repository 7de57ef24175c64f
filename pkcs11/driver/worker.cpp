#include "pkcs11/driver/worker.h"

#include "pkcs11/driver/error.h"
#include "pkcs11/driver/operations.h"
#include "pkcs11/driver/tokens.h"

#include <algorithm>

namespace signet::pkcs11 {

const KeyEntry* Worker::OpenToken::usable_key(const std::string& key_id) const {
    const auto found = std::find_if(keys.begin(), keys.end(), [&key_id](const KeyEntry& entry) {
        return entry.key.id == key_id && entry.private_handle.has_value();
    });
    return found == keys.end() ? nullptr : &*found;
}

const Worker::OpenToken* Worker::opened(const std::string& token_id) const {
    const auto found = std::find_if(m_tokens.begin(), m_tokens.end(),
                                    [&token_id](const OpenToken& token) { return token.id == token_id; });
    return found == m_tokens.end() ? nullptr : &*found;
}

void Worker::close(const std::string& token_id) {
    std::erase_if(m_tokens, [&token_id](const OpenToken& token) { return token.id == token_id; });
}

Result<const Worker::OpenToken*> Worker::open(const token::KeyName& name) {
    close(name.token);
    SIGNET_TRY(const PresentToken present, find_token(m_driver.module(), name.token));
    SIGNET_TRY(Session session, Session::open(m_driver.module().functions(), present.slot));
    SIGNET_TRY(const bool logged_in, session.logged_in());
    const bool all_visible = logged_in || !present.login_required();
    SIGNET_TRY(auto objects,
               read_objects(session, Mechanisms::read(session.functions(), present.slot), all_visible));
    m_tokens.push_back({.id = name.token,
                        .session = std::move(session),
                        .pin_pad = present.pin_pad(),
                        .keys = std::move(objects.keys)});
    if (m_tokens.back().usable_key(name.key) != nullptr) {
        return &m_tokens.back();
    }
    return failure(all_visible ? ErrorCode::key_not_found : ErrorCode::pin_required, "find key");
}

Result<const Worker::OpenToken*> Worker::with_key(const token::KeyName& name) {
    const OpenToken* token = opened(name.token);
    if (token != nullptr && token->usable_key(name.key) != nullptr) {
        return token;
    }
    return open(name);
}

Worker::Attempt Worker::attempt(const token::KeyName& name, const Secret* pin, const Work& work) {
    const auto token = with_key(name);
    if (!token) {
        return {.answer = Failure(token.error()), .may_be_repeated = true};
    }
    const KeyEntry& entry = *(*token)->usable_key(name.key);
    const bool pin_pad = (*token)->pin_pad;
    if (entry.key.always_authenticate && pin == nullptr && !pin_pad) {
        return {.answer = failure(ErrorCode::pin_required, "use key"), .may_be_repeated = false};
    }
    KeyOperation operation((*token)->session, entry, {.pin = pin, .pin_pad = pin_pad});
    auto answer = work(operation);
    return {.answer = std::move(answer), .may_be_repeated = !operation.pin_spent()};
}

Worker::Attempt Worker::repeated(const token::KeyName& name, const Secret* pin, const Work& work) {
    close(name.token);
    Attempt again = attempt(name, pin, work);
    if (!again.answer && again.answer.error().code == ErrorCode::token_not_found) {
        // It was there a moment ago.
        again.answer = failure(ErrorCode::token_removed, "find token");
    }
    return again;
}

Result<Bytes> Worker::use(const token::KeyName& name, const Secret* pin, const Work& work) {
    const Gate::Entry entry(m_driver.gate());
    Attempt result = attempt(name, pin, work);
    if (!result.answer && is_stale(result.answer.error()) && result.may_be_repeated) {
        result = repeated(name, pin, work);
    }
    if (!result.answer) {
        // An operation that was begun and not ended would make every later one fail.
        close(name.token);
    }
    return std::move(result.answer);
}

Result<Bytes> Worker::sign(const token::KeyName& name, const token::SignRequest& request, const Secret* pin) {
    return use(name, pin, [&request](KeyOperation& operation) { return pkcs11::sign(operation, request); });
}

Result<Bytes> Worker::decrypt(const token::KeyName& name, const token::DecryptRequest& request,
                              const Secret* pin) {
    return use(name, pin, [this, &request](KeyOperation& operation) {
        return pkcs11::decrypt(operation, request, m_driver.rejection_secrets());
    });
}

Result<Bytes> Worker::derive(const token::KeyName& name, const token::DeriveRequest& request,
                             const Secret* pin) {
    // C_DeriveKey has no step at which a context login could prove the PIN: a login anew does. It makes the
    // handles of private objects invalid.
    if (pin != nullptr) {
        SIGNET_CHECK(m_driver.login(name.token, pin));
        close(name.token);
    }
    return use(name, pin, [&request](KeyOperation& operation) { return pkcs11::derive(operation, request); });
}

}  // namespace signet::pkcs11
