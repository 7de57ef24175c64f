#include "piv/worker.h"

#include "base/log.h"
#include "piv/key_use.h"

#include <algorithm>

namespace signet::piv {
namespace {

// The same key may be in several places of a card, which are for different uses.
const CardKey* find_key(const CardContents& contents, const std::string& id,
                        const std::function<bool(const CardKey&)>& fits) {
    const auto found = std::find_if(contents.keys.begin(), contents.keys.end(),
                                    [&](const CardKey& key) { return key.id == id && fits(key); });
    return found != contents.keys.end() ? &*found : contents.key(id);
}

bool is_nonsense(const Error& error) {
    return error.code == ErrorCode::bad_signature || error.code == ErrorCode::malformed;
}

// The card was not reached, or its answer was not.
bool was_cut_off(const Error& error) {
    return error.code == ErrorCode::token_removed ||
           (error.code == ErrorCode::driver_failed && !is_card_answer(error));
}

Failure to_worker_failure(Error error) {
    if (is_nonsense(error)) {
        error.code = ErrorCode::driver_failed;
    }
    return Failure(std::move(error));
}

void end_turn(CardTurn turn, bool verified) {
    if (!verified) {
        return;
    }
    if (const auto ended = std::move(turn).end_verified();
        !ended && ended.error().code != ErrorCode::token_removed) {
        log::warning("the card may still know the PIN: " + ended.error().detail);
    }
}

}  // namespace

Worker::Attempt Worker::attempt(const token::KeyName& name, const Secret* pin, const Work& work) {
    auto turn = m_driver.session().begin(name.token);
    if (!turn) {
        const bool again = was_cut_off(turn.error()) || is_nonsense(turn.error());
        return {.answer = Failure(std::move(turn).error()), .may_be_repeated = again};
    }
    const CardKey* key = find_key(turn->contents(), name.key, work.fits);
    if (key == nullptr) {
        return {.answer = failure(ErrorCode::key_not_found, "find key"), .may_be_repeated = false};
    }
    KeyUse use(*turn, *key, pin, m_driver.session().deauthenticates());
    const auto operation = [&](ByteView input) {
        return use.run([&](const Card& card) {
            return work.agreement ? agree_on_key(card, key->algorithm, key->reference, input)
                                  : authenticate_internally(card, key->algorithm, key->reference, input);
        });
    };
    auto answer = work.run(*key, operation);
    const bool nonsense = !answer && is_nonsense(answer.error());
    if (nonsense) {
        turn->forget_contents();
    }
    end_turn(*std::move(turn), use.verified());
    const bool again = !answer && (nonsense || was_cut_off(answer.error())) && !use.typed_pin_spent();
    return {.answer = std::move(answer), .may_be_repeated = again};
}

Result<Bytes> Worker::use(const token::KeyName& name, const Secret* pin, const Work& work) {
    Attempt result = attempt(name, pin, work);
    if (result.may_be_repeated) {
        log::info("a use of " + name.token + " is repeated: " + result.answer.error().detail);
        result = attempt(name, pin, work);
        if (!result.answer && result.answer.error().code == ErrorCode::token_not_found) {
            // It was there a moment ago.
            return failure(ErrorCode::token_removed, "find token");
        }
    }
    if (!result.answer) {
        return to_worker_failure(std::move(result.answer).error());
    }
    return std::move(result.answer);
}

Result<Bytes> Worker::sign(const token::KeyName& name, const token::SignRequest& request, const Secret* pin) {
    return use(
        name, pin,
        {.fits = [](const CardKey& key) { return !signature_schemes(key).empty(); },
         .run = [&request](const CardKey& key,
                           const CardOperation& operation) { return piv::sign(key, request, operation); }});
}

Result<Bytes> Worker::decrypt(const token::KeyName& name, const token::DecryptRequest& request,
                              const Secret* pin) {
    return use(name, pin,
               {.fits = [](const CardKey& key) { return !decryption_schemes(key).empty(); },
                .run =
                    [this, &request](const CardKey& key, const CardOperation& operation) {
                        return piv::decrypt(key, request, m_driver.rejection_secrets(), operation);
                    }});
}

Result<Bytes> Worker::derive(const token::KeyName& name, const token::DeriveRequest& request,
                             const Secret* pin) {
    return use(
        name, pin,
        {.fits = [](const CardKey& key) { return can_derive(key); },
         .run = [&request](const CardKey& key,
                           const CardOperation& operation) { return piv::derive(key, request, operation); },
         .agreement = true});
}

}  // namespace signet::piv
