#include "piv/administration.h"

#include "base/log.h"
#include "piv/administration_commands.h"
#include "piv/administrator.h"
#include "piv/kept_management_key.h"
#include "piv/management_key.h"
#include "piv/pin_pad.h"
#include "piv/token_details.h"

namespace signet::piv {
namespace {

constexpr std::size_t longest_tag = 3;
constexpr std::size_t longest_pin = 8;

// What crosses the wire; the rest stays inside this process.
Failure to_caller(Error error) {
    switch (error.code) {
        case ErrorCode::not_found:
            error.code = ErrorCode::key_not_found;
            break;
        case ErrorCode::malformed:
        case ErrorCode::bad_signature:
        case ErrorCode::crypto:
        case ErrorCode::too_large:
        case ErrorCode::configuration:
        case ErrorCode::input_output:
            error.code = ErrorCode::driver_failed;
            break;
        default:
            break;
    }
    return Failure(std::move(error));
}

template <class T>
Result<T> to_caller(Result<T> result) {
    return result ? std::move(result) : Result<T>(to_caller(std::move(result).error()));
}

Result<KeyReference> slot_named(const std::string& name) {
    const auto slot = key_reference_from_text(name);
    return slot ? Result<KeyReference>(*slot)
                : failure(ErrorCode::invalid_parameter, "administer card", "slot");
}

Result<std::uint32_t> object_named(const std::string& name) {
    const auto octets = from_hex(name);
    if (!octets || octets->empty() || octets->size() > longest_tag) {
        return failure(ErrorCode::invalid_parameter, "administer card", "object");
    }
    std::uint32_t tag = 0;
    for (const std::uint8_t octet : *octets) {
        tag = tag << 8 | octet;
    }
    return tag;
}

void log_spent_try(const std::string& token, const Result<void>& result) {
    if (!result &&
        (result.error().code == ErrorCode::pin_incorrect || result.error().code == ErrorCode::pin_blocked)) {
        log::info("a wrong PIN or PUK was sent to " + token);
    }
}

void end(CardTurn turn, bool reset) {
    const auto ended = reset ? std::move(turn).end_with_reset() : std::move(turn).end_verified();
    if (!ended && ended.error().code != ErrorCode::token_removed) {
        log::warning("the card may still obey other programs: " + ended.error().detail);
    }
}

Result<void> verify_kept_pin(CardTurn& turn) {
    SIGNET_TRY(const PinStatus status, turn.pin_status());
    return turn.verify_kept(status);
}

// The turn is borrowed.
VerifyPin kept_pin(CardTurn& turn) {
    return turn.pin() != nullptr ? VerifyPin([&turn] { return verify_kept_pin(turn); }) : nullptr;
}

// At the reader when it is empty.
Result<void> verify_typed(CardTurn& turn, const Secret& pin) {
    return pin.empty() ? turn.verify_at_pin_pad() : turn.verify(pin);
}

// By the management key, or by the PIN behind which the card keeps it. A PIN is shorter than any such key.
Result<void> authenticate(CardTurn& turn, Administrator& administrator, const Secret& authorization) {
    if (authorization.size() > longest_pin) {
        return administrator.authenticate(authorization);
    }
    SIGNET_TRY(const bool kept, keeps_management_key(turn.card()));
    if (!kept) {
        return failure(ErrorCode::invalid_parameter, "management key",
                       "the card wants its management key, which is longer");
    }
    SIGNET_CHECK(verify_typed(turn, authorization));
    SIGNET_TRY(const auto keys, kept_management_keys(turn.card()));
    Result<void> result;
    for (const Secret& key : keys) {
        result = administrator.authenticate(key);
        if (result || result.error().code == ErrorCode::token_removed) {
            break;
        }
    }
    return result;
}

// The certificate that came with a key.
Result<void> store_with(Administrator& administrator, const token::PlacedKey& placed,
                        const token::KeyPlacement& placement) {
    if (placement.certificate.empty()) {
        return {};
    }
    auto stored = administrator.store_certificate(*key_reference_from_text(placed.slot),
                                                  placement.certificate, placement.overwrite);
    return stored ? stored : token::without_certificate(placed, std::move(stored).error());
}

// Without a serial number a token is known by what is written on it. Whoever unlocks and locks it goes by its
// identity: a PIN does not outlive that.
void follow_identity(CardTurn& turn, AdministrationJournal& journal) {
    if (turn.contents().serial) {
        return;
    }
    const std::string identity = turn.contents().token_id;
    const std::string name = journal_name(turn.contents());
    if (!turn.recognise()) {
        return;
    }
    if (turn.contents().token_id != identity) {
        turn.forget_pin();
    }
    const std::string new_name = journal_name(turn.contents());
    if (const auto renamed = journal.rename(new_name); !renamed) {
        log::warning("what is known of interrupted acts on the card is lost: " + renamed.error().detail);
    }
    if (new_name != name) {
        turn.forget_contents();
    }
}

}  // namespace

Result<CardTurn> Administration::begin(const std::string& token) {
    SIGNET_TRY(CardTurn turn, m_session.begin(token));
    SIGNET_CHECK(turn.select());
    return turn;
}

Result<void> Administration::administer(const std::string& token, const Secret& authorization,
                                        const Act& act) {
    SIGNET_TRY(CardTurn turn, m_session.begin(token));
    const CardContents& contents = turn.contents();
    auto journal = AdministrationJournal::open(m_state_directory, journal_name(contents));
    if (!journal) {
        return to_caller(std::move(journal).error());
    }
    auto selected = piv::select(turn.card(), contents.application);
    // Some answers make no sense, and tell nothing of algorithms then.
    if (!selected && selected.error().code != ErrorCode::malformed) {
        return to_caller(std::move(selected).error());
    }
    const AdministeredCard card{.card = turn.card(),
                                .contents = contents,
                                .announced_algorithms = selected ? selected->algorithms : Bytes(),
                                .verify_pin = kept_pin(turn)};
    Administrator administrator(card, *journal);
    auto result = authenticate(turn, administrator, authorization);
    if (result) {
        result = act(administrator, turn);
    }
    turn.forget_contents();
    follow_identity(turn, *journal);
    end(std::move(turn), true);
    return to_caller(std::move(result));
}

Result<token::TokenDetails> Administration::details(const std::string& token) {
    SIGNET_TRY(CardTurn turn, m_session.begin(token));
    // Others may have made keys that leave the rest of the card as it was.
    turn.forget_contents();
    SIGNET_CHECK(turn.recognise());
    auto journal = AdministrationJournal::open(m_state_directory, journal_name(turn.contents()));
    if (!journal) {
        return to_caller(std::move(journal).error());
    }
    auto details = read_details(turn.card(), turn.contents(), *journal);
    if (details) {
        details->reader = m_session.reader();
        details->pin_pad = turn.pin_pad().modify != 0;
    }
    return to_caller(std::move(details));
}

Result<void> Administration::change_pin(const std::string& token, PinKind kind, const Secret& old_pin,
                                        const Secret& new_pin) {
    SIGNET_TRY(CardTurn turn, begin(token));
    const PinReference reference =
        kind == PinKind::unblocking ? PinReference::unblocking_key : turn.contents().pin;
    auto result = old_pin.empty() && new_pin.empty()
                      ? change_pin_at_pin_pad(turn.transaction(), turn.pin_pad(), reference)
                      : piv::change_pin(turn.card(), reference, old_pin, new_pin);
    log_spent_try(token, result);
    if (kind == PinKind::user) {
        turn.forget_pin();
    }
    end(std::move(turn), false);
    return to_caller(std::move(result));
}

Result<void> Administration::unblock_pin(const std::string& token, const Secret& unblocking,
                                         const Secret& new_pin) {
    SIGNET_TRY(CardTurn turn, begin(token));
    // RESET RETRY COUNTER knows the application PIN only (SP 800-73-4 part 2 section 3.2.3).
    if (turn.contents().pin == PinReference::global) {
        return failure(ErrorCode::unsupported, "RESET RETRY COUNTER",
                       "unblocking the global PIN, which this card wants, by the PUK");
    }
    auto result = unblocking.empty() && new_pin.empty()
                      ? unblock_pin_at_pin_pad(turn.transaction(), turn.pin_pad())
                      : piv::unblock_pin(turn.card(), unblocking, new_pin);
    log_spent_try(token, result);
    turn.forget_pin();
    end(std::move(turn), false);
    return to_caller(std::move(result));
}

Result<void> Administration::set_management_key(const std::string& token, const Secret& authorization,
                                                ManagementAlgorithm algorithm, const Secret& new_key,
                                                bool touch) {
    return administer(
        token, authorization,
        [&new_key, algorithm, touch](Administrator& /*administrator*/, CardTurn& turn) -> Result<void> {
            SIGNET_CHECK(piv::set_management_key(turn.card(), algorithm, new_key, touch));
            return turn.contents().firmware ? forget_kept_management_key(turn.card()) : Result<void>();
        });
}

Result<void> Administration::protect_management_key(const std::string& token, const Secret& authorization,
                                                    const Secret& pin, ManagementAlgorithm algorithm,
                                                    bool touch) {
    return administer(
        token, authorization,
        [&pin, algorithm, touch](Administrator& /*administrator*/, CardTurn& turn) -> Result<void> {
            if (!turn.contents().firmware) {
                return failure(ErrorCode::unsupported, "keep management key",
                               "a management key behind the PIN of this card");
            }
            SIGNET_CHECK(verify_typed(turn, pin));
            return keep_new_management_key(turn.card(), algorithm, touch);
        });
}

Result<void> Administration::set_retries(const std::string& token, const Secret& authorization,
                                         const Secret& pin, int pin_tries, int unblocking_tries) {
    return administer(
        token, authorization, [&](Administrator& /*administrator*/, CardTurn& turn) -> Result<void> {
            const auto verified = pin.empty() ? turn.verify_at_pin_pad()
                                              : piv::verify(turn.card(), PinReference::application, pin);
            log_spent_try(token, verified);
            SIGNET_CHECK(verified);
            turn.forget_pin();
            return piv::set_retries(turn.card(), pin_tries, unblocking_tries);
        });
}

Result<token::PlacedKey> Administration::generate_key(const std::string& token, const Secret& authorization,
                                                      KeyAlgorithm algorithm,
                                                      const token::KeyPlacement& placement) {
    token::PlacedKey placed;
    SIGNET_CHECK(
        administer(token, authorization,
                   [&placed, &placement, algorithm](Administrator& administrator, CardTurn&) -> Result<void> {
                       SIGNET_TRY(placed, administrator.generate_key(algorithm, placement));
                       return {};
                   }));
    return placed;
}

Result<token::PlacedKey> Administration::import_key(const std::string& token, const Secret& authorization,
                                                    const Secret& private_key,
                                                    const token::KeyPlacement& placement) {
    token::PlacedKey placed;
    SIGNET_CHECK(administer(
        token, authorization,
        [&placed, &placement, &private_key](Administrator& administrator, CardTurn&) -> Result<void> {
            SIGNET_TRY(placed, administrator.import_key(private_key, placement));
            return store_with(administrator, placed, placement);
        }));
    return placed;
}

Result<void> Administration::store_certificate(const std::string& token, const Secret& authorization,
                                               const std::string& slot, ByteView certificate,
                                               bool overwrite) {
    SIGNET_TRY(const KeyReference reference, slot_named(slot));
    return administer(token, authorization,
                      [reference, certificate, overwrite](Administrator& administrator, CardTurn&) {
                          return administrator.store_certificate(reference, certificate, overwrite);
                      });
}

Result<void> Administration::delete_certificate(const std::string& token, const Secret& authorization,
                                                const std::string& slot) {
    SIGNET_TRY(const KeyReference reference, slot_named(slot));
    return administer(token, authorization, [reference](Administrator& administrator, CardTurn&) {
        return administrator.delete_certificate(reference);
    });
}

Result<void> Administration::move_key(const std::string& token, const Secret& authorization,
                                      const std::string& from, const std::string& to) {
    SIGNET_TRY(const KeyReference source, slot_named(from));
    SIGNET_TRY(const KeyReference target, slot_named(to));
    return administer(token, authorization, [source, target](Administrator& administrator, CardTurn&) {
        return administrator.move_key(source, target);
    });
}

Result<void> Administration::delete_key(const std::string& token, const Secret& authorization,
                                        const std::string& slot) {
    SIGNET_TRY(const KeyReference reference, slot_named(slot));
    return administer(token, authorization, [reference](Administrator& administrator, CardTurn&) {
        return administrator.delete_key(reference);
    });
}

Result<std::vector<Bytes>> Administration::attest(const std::string& token, const std::string& slot) {
    SIGNET_TRY(const KeyReference reference, slot_named(slot));
    SIGNET_TRY(CardTurn turn, begin(token));
    auto leaf = piv::attest(turn.card(), reference);
    if (!leaf) {
        return to_caller(std::move(leaf).error());
    }
    std::vector<Bytes> certificates{*std::move(leaf)};
    const auto object = get_data(turn.card(), object::attestation_certificate);
    if (auto issuer = object ? certificate_of(*object) : Result<Bytes>(Failure(object.error()))) {
        certificates.push_back(*std::move(issuer));
    }
    return certificates;
}

Result<Bytes> Administration::get_object(const std::string& token, const std::string& object) {
    SIGNET_TRY(const std::uint32_t tag, object_named(object));
    SIGNET_TRY(CardTurn turn, begin(token));
    auto content = get_data(turn.card(), tag);
    const bool locked = !content && content.error().code == ErrorCode::pin_required;
    if (!locked || turn.pin() == nullptr) {
        return to_caller(std::move(content));
    }
    SIGNET_CHECK(verify_kept_pin(turn));
    content = get_data(turn.card(), tag);
    end(std::move(turn), false);
    return to_caller(std::move(content));
}

Result<void> Administration::put_object(const std::string& token, const Secret& authorization,
                                        const std::string& object, ByteView content) {
    SIGNET_TRY(const std::uint32_t tag, object_named(object));
    return administer(token, authorization, [tag, content](Administrator& administrator, CardTurn&) {
        return administrator.put_object(tag, content);
    });
}

Result<void> Administration::personalize(const std::string& token, const Secret& authorization) {
    return administer(token, authorization,
                      [](Administrator& administrator, CardTurn&) { return administrator.personalize(); });
}

Result<void> Administration::reset(const std::string& token) {
    SIGNET_TRY(CardTurn turn, begin(token));
    auto journal = AdministrationJournal::open(m_state_directory, journal_name(turn.contents()));
    if (!journal) {
        return to_caller(std::move(journal).error());
    }
    turn.forget_pin();
    turn.forget_contents();
    const AdministeredCard card{
        .card = turn.card(), .contents = turn.contents(), .announced_algorithms = {}, .verify_pin = nullptr};
    auto result = Administrator(card, *journal).reset();
    end(std::move(turn), true);
    return to_caller(std::move(result));
}

}  // namespace signet::piv
