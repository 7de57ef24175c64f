#pragma once

#include "base/result.h"
#include "cli/pkcs11_uri.h"
#include "ipc/types.h"
#include "x509/certificate.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// Which key a command works with. Pure: the inventory comes in, a choice or an error that explains goes out.
namespace signet::cli {

enum class Purpose : std::uint8_t { sign, encrypt, decrypt };

// A key on a token with one certificate for it. Points into the inventory.
struct KeyPlace {
    const ipc::Token* token = nullptr;
    const ipc::Key* key = nullptr;
    const ipc::Certificate* object = nullptr;  // where the certificate lies, or null
};
struct KeyEntry : KeyPlace {
    std::optional<x509::Certificate> certificate;  // nothing for a key that no certificate belongs to
};

// Every key with each of its certificates, whichever token these lie on, unlocked tokens first. A certificate
// that cannot be parsed is as good as none.
std::vector<KeyPlace> key_places(const ipc::Inventory& inventory);
std::vector<KeyEntry> key_entries(const ipc::Inventory& inventory);
KeyEntry key_entry(const KeyPlace& place);

// The key can do it at all, whatever its certificate says.
bool key_can(const ipc::Key& key, Purpose purpose);

// "alice@example.org" of "Alice <alice@example.org>"; another text as it is.
std::string bare_address(const std::string& text);

// What a person names a key by.
class KeySelector {
  public:
    // An e-mail address ("alice@example.org" or "Alice <alice@example.org>"), at least eight hexadecimal
    // digits (colons allowed) of a certificate's or a key's SHA-256, the last eight or more of a
    // certificate's SHA-1, a certificate's subject ("CN=Alice,O=Example", RFC 4514), or a PKCS#11 URI. Else
    // invalid_parameter.
    static Result<KeySelector> parse(const std::string& text);
    // Fits certificates that hold one of them.
    static KeySelector for_addresses(std::vector<std::string> addresses);

    [[nodiscard]] bool matches(const KeyEntry& entry) const;
    // As it was given, for messages.
    [[nodiscard]] const std::string& text() const { return m_text; }

  private:
    struct Addresses {
        std::vector<std::string> values;
    };
    struct Digits {
        std::string text;  // lower case, no colons
    };
    struct Subject {
        std::string folded;
    };
    using Choice = std::variant<Addresses, Digits, Subject, Pkcs11Uri>;

    KeySelector(std::string text, Choice choice) : m_text(std::move(text)), m_choice(std::move(choice)) {}

    [[nodiscard]] bool fits(const Addresses& addresses, const KeyEntry& entry) const;
    [[nodiscard]] bool fits(const Digits& digits, const KeyEntry& entry) const;
    [[nodiscard]] bool fits(const Subject& subject, const KeyEntry& entry) const;
    [[nodiscard]] bool fits(const Pkcs11Uri& uri, const KeyEntry& entry) const;

    std::string m_text;
    Choice m_choice;
};

// Why a certificate is not for `purpose` at `now` (RFC 3339, UTC), as part of a sentence; empty when it is.
// Old mail stays readable: for decryption neither the dates nor the usage count.
std::string reason_against(const x509::Certificate& certificate, Purpose purpose, std::string_view now);
// The same for the certificate and what the key can do.
std::string reason_against(const KeyEntry& entry, Purpose purpose, std::string_view now);

// The one key that fits the selector and the purpose; of several certificates for it the newest. not_found
// says what spoke against those that were named; ambiguous lists the candidates.
Result<KeyEntry> choose_key(std::span<const KeyEntry> entries, const KeySelector& selector, Purpose purpose,
                            std::string_view now);

// Where mail for a signer should be encrypted to, when that is another certificate of the same person.
std::optional<x509::Certificate> encryption_certificate(std::span<const KeyEntry> entries,
                                                        const x509::Certificate& signer);

// One line: fingerprint, addresses, token, validity.
std::string describe(const KeyEntry& entry);

// The present time in the form of certificate dates.
std::string current_time();

}  // namespace signet::cli
