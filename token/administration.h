#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/token_terms.h"

#include <optional>
#include <string>
#include <vector>

// What administrators do to tokens: the primitives of enrolment. org.signet.admin.varlink says the same on
// the wire.
namespace signet::token {

// A place for a key with its certificate. On PIV cards a key reference, "9a", "9c", "9d", "9e", "82" to "95";
// on PKCS#11 tokens CKA_ID in lower-case hexadecimal digits.
struct SlotDetails {
    std::string slot;
    std::optional<KeyAlgorithm> algorithm;  // nothing: no key, or the token does not tell
    Bytes public_key_info;                  // empty: not known
    Bytes certificate;                      // DER; empty: none
    std::optional<KeyPinPolicy> pin_policy;
    std::optional<KeyTouchPolicy> touch_policy;
    std::optional<KeyOrigin> origin;
    bool unclaimed = false;  // the act that placed the key was interrupted; it may be done again
};

struct PinDetails {
    std::optional<int> tries_left;
    std::optional<int> tries_total;
    std::optional<bool> is_default;  // the one that tokens are delivered with
};

struct TokenDetails {
    std::string id;
    std::string model;
    std::string serial;
    std::string firmware;     // "5.4.3"; empty: not told
    std::string application;  // "PIV", "derived PIV", "PKCS#11"
    std::string reader;
    std::string guid;             // lower-case hexadecimal digits; empty: none
    std::string expiration_date;  // of the card, RFC 3339 full-date; empty: not told
    Authorization authorization{};
    std::optional<ManagementAlgorithm> management_algorithm;
    std::optional<bool> management_key_is_default;
    PinDetails pin;
    PinDetails unblocking;
    bool pin_pad = false;            // PIN and PUK are changed at the reader
    bool moves_keys = false;         // and deletes them
    std::vector<SlotDetails> slots;  // those with a key or a certificate
};

struct KeyPlacement {
    std::string slot;  // empty: the next free retired slot of a PIV card, a new CKA_ID on a PKCS#11 token
    std::optional<KeyPinPolicy> pin_policy;
    std::optional<KeyTouchPolicy> touch_policy;
    std::string label;       // PKCS#11 only
    bool overwrite = false;  // a key that is there is lost
    Bytes certificate{};     // of a key that is brought in, DER: stored with it
};

struct PlacedKey {
    std::string slot;
    Bytes public_key_info;
    bool was_there = false;  // before it was brought in, without a slot being named
};

// The key that was brought in is there, and the certificate that came with it is not.
inline Failure without_certificate(const PlacedKey& placed, Error error) {
    error.detail =
        "the key is in slot " + placed.slot + ", but its certificate could not be stored: " + error.detail;
    return Failure(std::move(error));
}

// `authorization` is what TokenDetails::authorization names; a management key in octets. Errors besides those
// of Worker: not_allowed (a key or certificate is there and overwrite was not said; the token's policy
// refuses; wrong management key), unsupported (this token cannot), pin_incorrect and pin_blocked (tries_left
// says of what). Where TokenDetails::pin_pad is set, a PIN or PUK that is empty, old and new alike, is typed
// at the reader; cancelled and timeout are errors then too.
class Administration {
  public:
    virtual ~Administration() = default;

    virtual Result<TokenDetails> details(const std::string& token) = 0;

    virtual Result<void> change_pin(const std::string& token, PinKind kind, const Secret& old_pin,
                                    const Secret& new_pin) = 0;
    // Sets the PIN anew and ends its being blocked.
    virtual Result<void> unblock_pin(const std::string& token, const Secret& unblocking,
                                     const Secret& new_pin) = 0;

    virtual Result<void> set_management_key(const std::string& token, const Secret& authorization,
                                            ManagementAlgorithm algorithm, const Secret& new_key,
                                            bool touch) = 0;
    // Sets a random management key that is kept in the token behind its PIN, which is the authorization then.
    virtual Result<void> protect_management_key(const std::string& token, const Secret& authorization,
                                                const Secret& pin, ManagementAlgorithm algorithm,
                                                bool touch) = 0;
    // Resets PIN and PUK to those the token is delivered with.
    virtual Result<void> set_retries(const std::string& token, const Secret& authorization, const Secret& pin,
                                     int pin_tries, int unblocking_tries) = 0;

    virtual Result<PlacedKey> generate_key(const std::string& token, const Secret& authorization,
                                           KeyAlgorithm algorithm, const KeyPlacement& placement) = 0;
    // `private_key` is a PKCS#8 PrivateKeyInfo, DER.
    virtual Result<PlacedKey> import_key(const std::string& token, const Secret& authorization,
                                         const Secret& private_key, const KeyPlacement& placement) = 0;
    // not_allowed also when the certificate's public key is not that of the slot.
    virtual Result<void> store_certificate(const std::string& token, const Secret& authorization,
                                           const std::string& slot, ByteView certificate, bool overwrite) = 0;
    virtual Result<void> delete_certificate(const std::string& token, const Secret& authorization,
                                            const std::string& slot) = 0;
    virtual Result<void> move_key(const std::string& token, const Secret& authorization,
                                  const std::string& from, const std::string& to) = 0;
    virtual Result<void> delete_key(const std::string& token, const Secret& authorization,
                                    const std::string& slot) = 0;
    // DER of a certificate that the token's maker vouches with for a key that was made in it, and of the one
    // that signed it.
    virtual Result<std::vector<Bytes>> attest(const std::string& token, const std::string& slot) = 0;

    // `object`: a PIV data object by its tag in hexadecimal digits ("5fc102").
    virtual Result<Bytes> get_object(const std::string& token, const std::string& object) = 0;
    // Empty content deletes it.
    virtual Result<void> put_object(const std::string& token, const Secret& authorization,
                                    const std::string& object, ByteView content) = 0;
    // Writes what makes an empty card a PIV card to other programs, where it is missing: CHUID with a new
    // GUID, CCC, Discovery, Key History.
    virtual Result<void> personalize(const std::string& token, const Secret& authorization) = 0;
    // Everything on it is lost. not_allowed while PIN or PUK are not blocked, as the card demands it.
    virtual Result<void> reset(const std::string& token) = 0;
};

}  // namespace signet::token
