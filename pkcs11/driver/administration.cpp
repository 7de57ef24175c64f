#include "pkcs11/driver/administration.h"

#include "base/log.h"
#include "pkcs11/driver/error.h"
#include "pkcs11/driver/login.h"
#include "pkcs11/driver/object_templates.h"
#include "pkcs11/driver/token_objects.h"
#include "x509/certificate.h"

#include <algorithm>
#include <array>

namespace signet::pkcs11 {
namespace {

constexpr std::size_t longest_identifier = 64;
constexpr std::size_t random_identifier_size = 8;

Failure not_in_cryptoki(std::string_view what) {
    return failure(ErrorCode::unsupported, "administer token", std::string(what) + " on a PKCS#11 token");
}

Result<Bytes> identifier_named(const std::string& slot) {
    auto identifier = from_hex(slot);
    if (!identifier || identifier->empty() || identifier->size() > longest_identifier) {
        return failure(ErrorCode::invalid_parameter, "administer token", "slot");
    }
    return identifier;
}

// Cryptoki takes PINs through pointers that are not const, and does not write.
CK_UTF8CHAR* octets_of(const Secret& pin) {
    return const_cast<CK_UTF8CHAR*>(pin.expose().data());
}

// A PIN that the token cannot have, before a try could be spent with it.
Result<void> check_new_pin(const TokenInfo& info, const Secret& pin) {
    if (pin.size() < info.shortest_pin || pin.size() > info.longest_pin) {
        return failure(ErrorCode::invalid_parameter, "C_SetPIN",
                       "a PIN of this token has " + std::to_string(info.shortest_pin) + " to " +
                           std::to_string(info.longest_pin) + " octets");
    }
    return {};
}

Result<void> set_pin(const Session& session, const Secret& old_pin, const Secret& new_pin) {
    return check("C_SetPIN",
                 session.functions().C_SetPIN(session.handle(), octets_of(old_pin), old_pin.size(),
                                              octets_of(new_pin), new_pin.size()));
}

Result<std::vector<CK_OBJECT_HANDLE>> objects_of(const Session& session, CK_OBJECT_CLASS object_class,
                                                 Bytes identifier) {
    return session.find({{.type = CKA_CLASS, .pValue = &object_class, .ulValueLen = sizeof(object_class)},
                         {.type = CKA_ID, .pValue = identifier.data(), .ulValueLen = identifier.size()}});
}

Result<void> destroy(const Session& session, const std::vector<CK_OBJECT_HANDLE>& objects) {
    for (const CK_OBJECT_HANDLE object : objects) {
        SIGNET_CHECK(check("C_DestroyObject", session.functions().C_DestroyObject(session.handle(), object)));
    }
    return {};
}

struct Occupants {
    std::vector<CK_OBJECT_HANDLE> certificates;
    std::vector<CK_OBJECT_HANDLE> public_keys;
    std::vector<CK_OBJECT_HANDLE> private_keys;

    [[nodiscard]] bool none() const {
        return certificates.empty() && public_keys.empty() && private_keys.empty();
    }
};

Result<Occupants> occupants_of(const Session& session, const Bytes& identifier) {
    Occupants occupants;
    SIGNET_TRY(occupants.certificates, objects_of(session, CKO_CERTIFICATE, identifier));
    SIGNET_TRY(occupants.public_keys, objects_of(session, CKO_PUBLIC_KEY, identifier));
    SIGNET_TRY(occupants.private_keys, objects_of(session, CKO_PRIVATE_KEY, identifier));
    return occupants;
}

// The private key last: without it the others are of no use, with it they could be made again.
Result<void> destroy(const Session& session, const Occupants& occupants) {
    SIGNET_CHECK(destroy(session, occupants.certificates));
    SIGNET_CHECK(destroy(session, occupants.public_keys));
    return destroy(session, occupants.private_keys);
}

// The first of 01 to FF that no object has.
Result<Bytes> free_identifier(const Session& session) {
    for (unsigned number = 1; number <= 0xff; ++number) {
        const Bytes identifier{static_cast<std::uint8_t>(number)};
        SIGNET_TRY(const Occupants occupants, occupants_of(session, identifier));
        if (occupants.none()) {
            return identifier;
        }
    }
    Bytes identifier(random_identifier_size);
    SIGNET_CHECK(check("C_GenerateRandom", session.functions().C_GenerateRandom(
                                               session.handle(), identifier.data(), identifier.size())));
    return identifier;
}

struct Place {
    KeyName name;
    Occupants replaced;
};

Result<Place> place_for(const Session& session, const token::KeyPlacement& placement) {
    if (placement.touch_policy || placement.pin_policy == KeyPinPolicy::never) {
        return not_in_cryptoki("touch policies and keys that want no PIN");
    }
    Place place{.name = {.label = placement.label,
                         .always_authenticate = placement.pin_policy == KeyPinPolicy::always}};
    if (placement.slot.empty()) {
        SIGNET_TRY(place.name.id, free_identifier(session));
        return place;
    }
    SIGNET_TRY(place.name.id, identifier_named(placement.slot));
    SIGNET_TRY(place.replaced, occupants_of(session, place.name.id));
    if (!place.replaced.none() && !placement.overwrite) {
        return failure(
            ErrorCode::not_allowed, "place key",
            "a key or certificate with CKA_ID " + placement.slot + " is there already; it would be lost");
    }
    return place;
}

Result<token::PlacedKey> finish_placing(const Session& session, const Place& place, const KeyPair& pair) {
    auto key = read_public_key(session, pair.public_key);
    if (!key) {
        (void)destroy(session, {pair.public_key, pair.private_key});
        return Failure(std::move(key).error());
    }
    SIGNET_CHECK(destroy(session, place.replaced));
    return token::PlacedKey{.slot = to_hex(place.name.id), .public_key_info = key->public_key_info};
}

// Of the key in the slot, whose private half the logged-in user sees.
Result<token::Key> key_with(const Session& session, const Bytes& identifier) {
    SIGNET_TRY(auto objects,
               read_objects(session, Mechanisms::read(session.functions(), session.slot()), true));
    const auto found =
        std::find_if(objects.keys.begin(), objects.keys.end(),
                     [&identifier](const KeyEntry& entry) { return entry.key.object_id == identifier; });
    if (found == objects.keys.end()) {
        return failure(ErrorCode::key_not_found, "find key", "no key has this CKA_ID");
    }
    return std::move(found->key);
}

struct NewCertificate {
    ByteView der;
    Bytes public_key_info;
};

Result<NewCertificate> parsed_certificate(ByteView der) {
    const auto parsed = x509::Certificate::from_der(der);
    auto certified = parsed ? token::public_key_from_info(parsed->public_key_info())
                            : Result<token::PublicKey>(Failure(parsed.error()));
    if (!certified) {
        return failure(ErrorCode::invalid_parameter, "store certificate", "certificate");
    }
    return NewCertificate{.der = der, .public_key_info = std::move(certified->public_key_info)};
}

Result<void> store(const Session& session, const Bytes& identifier, const NewCertificate& certificate,
                   bool overwrite) {
    SIGNET_TRY(const token::Key key, key_with(session, identifier));
    if (key.public_key_info != certificate.public_key_info) {
        return failure(ErrorCode::not_allowed, "store certificate",
                       "the certificate is not for the key with CKA_ID " + to_hex(identifier));
    }
    SIGNET_TRY(const auto present, objects_of(session, CKO_CERTIFICATE, identifier));
    const ByteView der = certificate.der;
    const bool same = std::any_of(present.begin(), present.end(), [&](CK_OBJECT_HANDLE object) {
        const auto value = session.attribute(object, CKA_VALUE);
        return value && std::equal(value->begin(), value->end(), der.begin(), der.end());
    });
    if (same) {
        return {};
    }
    if (!present.empty() && !overwrite) {
        return failure(
            ErrorCode::not_allowed, "store certificate",
            "another certificate with CKA_ID " + to_hex(identifier) + " is there already; it would be lost");
    }
    SIGNET_CHECK(create_certificate(session, der, {.id = identifier, .label = key.label}));
    return destroy(session, present);
}

// The certificate that came with a key.
Result<void> store_with(const Session& session, const Bytes& identifier, const token::PlacedKey& placed,
                        const token::KeyPlacement& placement) {
    if (placement.certificate.empty()) {
        return {};
    }
    const auto certificate = parsed_certificate(placement.certificate);
    auto stored = certificate ? store(session, identifier, *certificate, placement.overwrite)
                              : Result<void>(Failure(certificate.error()));
    return stored ? stored : token::without_certificate(placed, std::move(stored).error());
}

token::PinDetails pin_details(const TokenInfo& info, CK_FLAGS locked, CK_FLAGS final_try) {
    token::PinDetails details;
    if (info.has(locked)) {
        details.tries_left = 0;
    } else if (info.has(final_try)) {
        details.tries_left = 1;
    }
    return details;
}

std::vector<token::SlotDetails> slots_of(const TokenObjects& objects) {
    std::vector<token::SlotDetails> slots;
    const auto slot_for = [&slots](const Bytes& identifier) -> token::SlotDetails& {
        const std::string name = to_hex(identifier);
        const auto found = std::find_if(slots.begin(), slots.end(), [&name](const token::SlotDetails& slot) {
            return slot.slot == name;
        });
        return found != slots.end() ? *found : slots.emplace_back(token::SlotDetails{.slot = name});
    };
    for (const KeyEntry& entry : objects.keys) {
        token::SlotDetails& slot = slot_for(entry.key.object_id);
        const auto algorithm = token::key_algorithm_of(entry.public_key);
        slot.algorithm = algorithm ? std::optional(*algorithm) : std::nullopt;
        slot.public_key_info = entry.key.public_key_info;
        slot.pin_policy = entry.key.always_authenticate ? KeyPinPolicy::always : KeyPinPolicy::once;
    }
    for (const token::Certificate& certificate : objects.certificates) {
        if (!certificate.object_id.empty()) {
            slot_for(certificate.object_id).certificate = certificate.der;
        }
    }
    return slots;
}

// Cryptoki calls a malformed object what a caller here knows as a wrong parameter.
Result<token::PrivateKey> parsed_key(const Secret& private_key) {
    auto key = token::private_key_from_info(private_key);
    if (!key && key.error().code == ErrorCode::malformed) {
        return failure(ErrorCode::invalid_parameter, "import key", "private_key");
    }
    return key;
}

}  // namespace

Result<void> Administration::as_user(const std::string& token, const Secret& pin, const Act& act) {
    const Gate::Entry entry(m_driver.gate());
    SIGNET_TRY(const PresentToken present, find_token(m_driver.module(), token));
    const auto lock = m_driver.lock_login(token);
    SIGNET_TRY(const Session session, Session::open_for_writing(m_driver.module().functions(), present.slot));
    SIGNET_TRY(const bool was_logged_in, session.logged_in());
    SIGNET_CHECK(log_in(session, CKU_USER, present.pin_pad() ? nullptr : &pin));
    auto result = act(session);
    if (!was_logged_in) {
        (void)session.functions().C_Logout(session.handle());
    }
    return result;
}

Result<void> Administration::as_security_officer(const std::string& token, const Secret& pin,
                                                 const Act& act) {
    SIGNET_CHECK(m_driver.logout(token));
    const Gate::Entry entry(m_driver.gate());
    SIGNET_TRY(const PresentToken present, find_token(m_driver.module(), token));
    const auto lock = m_driver.lock_login(token);
    CK_FUNCTION_LIST& functions = m_driver.module().functions();
    // CKR_SESSION_READ_ONLY_EXISTS otherwise. Workers open theirs again.
    SIGNET_CHECK(check("C_CloseAllSessions", functions.C_CloseAllSessions(present.slot)));
    SIGNET_TRY(const Session session, Session::open_for_writing(functions, present.slot));
    if (auto logged_in = log_in(session, CKU_SO, present.pin_pad() ? nullptr : &pin); !logged_in) {
        // What C_GetTokenInfo says of tries is about the user's PIN.
        logged_in.error().tries_left = -1;
        return logged_in;
    }
    auto result = act(session);
    (void)functions.C_Logout(session.handle());
    return result;
}

Result<token::TokenDetails> Administration::details(const std::string& token) {
    const Gate::Entry entry(m_driver.gate());
    SIGNET_TRY(const PresentToken present, find_token(m_driver.module(), token));
    const TokenInfo& info = present.info;
    CK_FUNCTION_LIST& functions = m_driver.module().functions();
    SIGNET_TRY(const Session session, Session::open(functions, present.slot));
    SIGNET_TRY(const bool logged_in, session.logged_in());
    SIGNET_TRY(const TokenObjects objects, read_objects(session, Mechanisms::read(functions, present.slot),
                                                        logged_in || !present.login_required()));
    return token::TokenDetails{
        .id = present.id,
        .model = info.model,
        .serial = info.serial,
        .firmware = info.firmware,
        .application = "PKCS#11",
        .reader = info.label,
        .guid = {},
        .expiration_date = {},
        .authorization = Authorization::pin,
        .management_algorithm = std::nullopt,
        .management_key_is_default = std::nullopt,
        .pin = pin_details(info, CKF_USER_PIN_LOCKED, CKF_USER_PIN_FINAL_TRY),
        .unblocking = pin_details(info, CKF_SO_PIN_LOCKED, CKF_SO_PIN_FINAL_TRY),
        .slots = slots_of(objects),
    };
}

Result<void> Administration::change_pin(const std::string& token, PinKind kind, const Secret& old_pin,
                                        const Secret& new_pin) {
    const auto change = [this, &token, &old_pin, &new_pin](const Session& session) -> Result<void> {
        SIGNET_TRY(const TokenInfo info, read_token_info(m_driver.module().functions(), session.slot()));
        SIGNET_CHECK(check_new_pin(info, new_pin));
        return set_pin(session, old_pin, new_pin);
    };
    return kind == PinKind::user ? as_user(token, old_pin, change)
                                 : as_security_officer(token, old_pin, change);
}

Result<void> Administration::unblock_pin(const std::string& token, const Secret& unblocking,
                                         const Secret& new_pin) {
    return as_security_officer(token, unblocking, [this, &new_pin](const Session& session) -> Result<void> {
        SIGNET_TRY(const TokenInfo info, read_token_info(m_driver.module().functions(), session.slot()));
        SIGNET_CHECK(check_new_pin(info, new_pin));
        return check("C_InitPIN",
                     session.functions().C_InitPIN(session.handle(), octets_of(new_pin), new_pin.size()));
    });
}

Result<token::PlacedKey> Administration::generate_key(const std::string& token, const Secret& authorization,
                                                      KeyAlgorithm algorithm,
                                                      const token::KeyPlacement& placement) {
    token::PlacedKey placed;
    SIGNET_CHECK(as_user(token, authorization,
                         [&placed, &placement, algorithm](const Session& session) -> Result<void> {
                             SIGNET_TRY(const Place place, place_for(session, placement));
                             SIGNET_TRY(const KeyPair pair, generate_pair(session, algorithm, place.name));
                             SIGNET_TRY(placed, finish_placing(session, place, pair));
                             return {};
                         }));
    return placed;
}

Result<token::PlacedKey> Administration::import_key(const std::string& token, const Secret& authorization,
                                                    const Secret& private_key,
                                                    const token::KeyPlacement& placement) {
    SIGNET_TRY(const token::PrivateKey key, parsed_key(private_key));
    token::PlacedKey placed;
    SIGNET_CHECK(
        as_user(token, authorization, [&placed, &placement, &key](const Session& session) -> Result<void> {
            SIGNET_TRY(const Place place, place_for(session, placement));
            SIGNET_TRY(const KeyPair pair, create_pair(session, key, place.name));
            SIGNET_TRY(placed, finish_placing(session, place, pair));
            return store_with(session, place.name.id, placed, placement);
        }));
    return placed;
}

Result<void> Administration::store_certificate(const std::string& token, const Secret& authorization,
                                               const std::string& slot, ByteView certificate,
                                               bool overwrite) {
    SIGNET_TRY(const Bytes identifier, identifier_named(slot));
    SIGNET_TRY(const NewCertificate parsed, parsed_certificate(certificate));
    return as_user(token, authorization,
                   [&](const Session& session) { return store(session, identifier, parsed, overwrite); });
}

Result<void> Administration::delete_certificate(const std::string& token, const Secret& authorization,
                                                const std::string& slot) {
    SIGNET_TRY(const Bytes identifier, identifier_named(slot));
    return as_user(token, authorization, [&identifier](const Session& session) -> Result<void> {
        SIGNET_TRY(const auto present, objects_of(session, CKO_CERTIFICATE, identifier));
        if (present.empty()) {
            return failure(ErrorCode::key_not_found, "delete certificate", "no certificate has this CKA_ID");
        }
        return destroy(session, present);
    });
}

Result<void> Administration::delete_key(const std::string& token, const Secret& authorization,
                                        const std::string& slot) {
    SIGNET_TRY(const Bytes identifier, identifier_named(slot));
    return as_user(token, authorization, [&identifier](const Session& session) -> Result<void> {
        SIGNET_TRY(const Occupants occupants, occupants_of(session, identifier));
        if (occupants.private_keys.empty()) {
            return failure(ErrorCode::key_not_found, "delete key", "no key has this CKA_ID");
        }
        return destroy(session, occupants);
    });
}

Result<void> Administration::set_management_key(const std::string& /*token*/, const Secret& /*authorization*/,
                                                ManagementAlgorithm /*algorithm*/, const Secret& /*new_key*/,
                                                bool /*touch*/) {
    return not_in_cryptoki("a management key");
}

Result<void> Administration::protect_management_key(const std::string& /*token*/,
                                                    const Secret& /*authorization*/, const Secret& /*pin*/,
                                                    ManagementAlgorithm /*algorithm*/, bool /*touch*/) {
    return not_in_cryptoki("a management key");
}

Result<void> Administration::set_retries(const std::string& /*token*/, const Secret& /*authorization*/,
                                         const Secret& /*pin*/, int /*pin_tries*/, int /*unblocking_tries*/) {
    return not_in_cryptoki("setting the number of tries");
}

Result<void> Administration::move_key(const std::string& /*token*/, const Secret& /*authorization*/,
                                      const std::string& /*from*/, const std::string& /*to*/) {
    return not_in_cryptoki("moving keys");
}

Result<std::vector<Bytes>> Administration::attest(const std::string& /*token*/, const std::string& /*slot*/) {
    return not_in_cryptoki("attestation");
}

Result<Bytes> Administration::get_object(const std::string& /*token*/, const std::string& /*object*/) {
    return not_in_cryptoki("PIV data objects");
}

Result<void> Administration::put_object(const std::string& /*token*/, const Secret& /*authorization*/,
                                        const std::string& /*object*/, ByteView /*content*/) {
    return not_in_cryptoki("PIV data objects");
}

Result<void> Administration::personalize(const std::string& /*token*/, const Secret& /*authorization*/) {
    return not_in_cryptoki("PIV data objects");
}

Result<void> Administration::reset(const std::string& /*token*/) {
    return not_in_cryptoki("resetting everything");
}

}  // namespace signet::pkcs11
