#pragma once

#include "base/secret.h"
#include "piv/apdu.h"
#include "piv/objects.h"

#include <optional>

// The commands of the PIV card application (SP 800-73-4 part 2 section 3), each as one call. None selects the
// application first and none repeats a refused PIN. Common errors: malformed (the card's answer makes no
// sense), unsupported (the card does not know the command or the algorithm), driver_failed with the status
// word in Error::native_code, and what the transmitter reports.
namespace signet::piv {

enum class Application : std::uint8_t { piv, derived_piv };

// The card, and how long its commands may be.
struct Card {
    ApduTransmitter& transmitter;
    LengthForm form = LengthForm::short_form;
};

// token_not_found: the card has no such application.
Result<ApplicationProperties> select(const Card& card, Application application);

// The content of the object's 53, or of its own tag for the discovery object. not_found: there is none, or it
// is empty. pin_required: it wants the PIN first.
Result<Bytes> get_data(const Card& card, std::uint32_t object);
// The same as the card answers, with the tag around it and whatever the status word.
Result<Response> get_raw_data(const Card& card, std::uint32_t object);
// Only the beginning of it where it is longer than a response in short form: fetch_rest() goes on.
Result<Response> get_first_block(const Card& card, std::uint32_t object);
// What is in such an answer, with the status words' errors.
Result<Bytes> content_of(const Response& answer, std::uint32_t object);

// P2 of VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER.
enum class PinReference : std::uint8_t { application = 0x80, global = 0x00, unblocking_key = 0x81 };

// Eight octets, padded with FF. invalid_parameter: shorter than six, longer than eight, or with a character
// that is no digit or Latin letter: a card may count such a PIN as wrong.
Result<Secret> padded_pin(const Secret& pin);

// The same for a PUK, which may have any octets but FF.
Result<Secret> padded_unblocking_key(const Secret& key);

struct PinStatus {
    bool verified = false;
    std::optional<int> tries_left;  // 0: blocked; nothing where the card does not tell, or is verified
};
// Spends no try. key_not_found: the card has no such PIN.
Result<PinStatus> pin_status(const Card& card, PinReference reference);
// What a status word says about a PIN or PUK that was handed over: the errors of verify().
Result<void> check_pin_answer(std::string_view command, StatusWord status);
// The same where a new one came with it, which the card's policy may refuse: not_allowed.
Result<void> check_new_pin(std::string_view command, StatusWord status);
// Spends a try when the PIN is wrong. pin_incorrect with tries_left where the card tells, pin_blocked, or as
// padded_pin().
Result<void> verify(const Card& card, PinReference reference, const Secret& pin);
// The card forgets that a PIN was verified. unsupported on cards that do not know this form of VERIFY.
Result<void> deauthenticate(const Card& card, PinReference reference);
// `old_pin` is spent as verify() does. not_allowed: the card does not take the new one.
Result<void> change_pin(const Card& card, PinReference reference, const Secret& old_pin,
                        const Secret& new_pin);
// Sets the application PIN anew, which ends its being blocked.
Result<void> unblock_pin(const Card& card, const Secret& unblocking_key, const Secret& new_pin);

// SP 800-78-4 table 6-2, and Yubico's.
enum class Algorithm : std::uint8_t {
    tdes = 0x03,
    rsa3072 = 0x05,
    rsa1024 = 0x06,
    rsa2048 = 0x07,
    aes128 = 0x08,
    aes192 = 0x0a,
    aes256 = 0x0c,
    p256 = 0x11,
    p384 = 0x14,
    rsa4096 = 0x16,
    ed25519 = 0xe0,
    x25519 = 0xe1,
};

// One use of a private key: an RSA block as long as the modulus, an ECDSA digest as long as the field, or a
// message for Ed25519. Answers with the RSA result, or a signature as the card writes it (ECDSA: DER).
// pin_required: the card wants the PIN first, or a finger.
Result<Bytes> authenticate_internally(const Card& card, Algorithm algorithm, KeyReference key,
                                      ByteView challenge);
// ECDH: `point` is uncompressed, or 32 octets for X25519. Answers with the shared X coordinate.
Result<Bytes> agree_on_key(const Card& card, Algorithm algorithm, KeyReference key, ByteView point);

}  // namespace signet::piv
