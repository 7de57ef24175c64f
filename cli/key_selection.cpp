#include "cli/key_selection.h"

#include "base/letter_case.h"
#include "cli/terminal.h"
#include "x509/certificate_outline.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <set>

namespace signet::cli {
namespace {

constexpr std::size_t least_digits = 8;

// A certificate of the inventory.
struct Outlined {
    const ipc::Token* token;
    const ipc::Certificate* object;
    Bytes public_key_info;
};

std::vector<Outlined> outlines(const std::vector<ipc::Token>& tokens) {
    std::vector<Outlined> outlined;
    for (const auto& token : tokens) {
        for (const auto& object : token.certificates) {
            if (const auto outline = x509::CertificateOutline::from_der(object.der)) {
                outlined.push_back({&token, &object, outline->public_key_info()});
            }
        }
    }
    return outlined;
}

// A copy of the certificate on the key's own token goes before one that lies elsewhere.
void append_places(std::vector<KeyPlace>& places, const ipc::Token& token, const ipc::Key& key,
                   const std::vector<Outlined>& certificates) {
    std::set<Bytes> seen;
    for (const bool own_token : {true, false}) {
        for (const auto& candidate : certificates) {
            const bool belongs =
                candidate.public_key_info == key.public_key_info && (candidate.token == &token) == own_token;
            if (belongs && seen.insert(candidate.object->der).second) {
                places.push_back({&token, &key, candidate.object});
            }
        }
    }
    if (seen.empty()) {
        places.push_back({&token, &key, nullptr});
    }
}

std::optional<std::string> hexadecimal_digits(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) {
        text.remove_prefix(2);
    }
    std::string digits;
    for (const char c : text) {
        if (c == ':') {
            continue;
        }
        if (std::isxdigit(static_cast<unsigned char>(c)) == 0) {
            return std::nullopt;
        }
        digits += c;
    }
    return digits.size() >= least_digits ? std::optional(lower_case(digits)) : std::nullopt;
}

// Lower case, and without the blanks that some programs put behind a comma.
std::string folded_subject(std::string_view subject) {
    std::string folded;
    for (const char c : subject) {
        const bool after_comma = folded.ends_with(',') && !folded.ends_with("\\,");
        if (c != ' ' || !after_comma) {
            folded += c;
        }
    }
    return lower_case(folded);
}

// "CN=Alice,O=Example", or the same behind a slash, as gpgsm has it: an attribute type and '=' come first.
std::optional<std::string> folded_subject_in(std::string_view text) {
    if (text.starts_with('/')) {
        text.remove_prefix(1);
    }
    const auto type = text.substr(0, text.find('='));
    const bool named = type.size() < text.size() && !type.empty() &&
                       std::all_of(type.begin(), type.end(), [](unsigned char c) {
                           return std::isalnum(c) != 0 || c == '.' || c == '-';
                       });
    return named ? std::optional(folded_subject(text)) : std::nullopt;
}

std::string sha1_fingerprint(const x509::Certificate& certificate) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    X509_digest(certificate.get(), EVP_sha1(), digest.data(), &size);
    return to_hex(ByteView(digest).first(size));
}

std::string list_of(const std::vector<const KeyEntry*>& entries) {
    std::string text;
    for (const auto* entry : entries) {
        text += (text.empty() ? "  " : "\n  ") + describe(*entry);
    }
    return text;
}

std::string_view verb(Purpose purpose) {
    constexpr std::string_view names[] = {"sign", "encrypt", "decrypt"};
    return names[static_cast<std::size_t>(purpose)];
}

Failure nothing_fits(const KeySelector& selector, Purpose purpose, const std::string& rejected) {
    std::string detail = "no key to " + std::string(verb(purpose)) + " with for " + selector.text();
    return failure(ErrorCode::not_found, "key", detail + rejected);
}

bool newer(const KeyEntry* a, const KeyEntry* b) {
    return a->certificate->not_before() < b->certificate->not_before();
}

}  // namespace

std::vector<KeyPlace> key_places(const ipc::Inventory& inventory) {
    std::vector<KeyPlace> places;
    const auto certificates = outlines(*inventory.tokens);
    for (const auto& token : *inventory.tokens) {
        for (const auto& key : token.keys) {
            append_places(places, token, key, certificates);
        }
    }
    std::stable_partition(places.begin(), places.end(), [](const KeyPlace& place) {
        return place.token->unlocked || !place.token->login_required;
    });
    return places;
}

KeyEntry key_entry(const KeyPlace& place) {
    KeyEntry entry{place, std::nullopt};
    if (place.object != nullptr) {
        if (auto certificate = x509::Certificate::from_der(place.object->der)) {
            entry.certificate = *std::move(certificate);
        }
    }
    return entry;
}

std::vector<KeyEntry> key_entries(const ipc::Inventory& inventory) {
    std::vector<KeyEntry> entries;
    for (const KeyPlace& place : key_places(inventory)) {
        entries.push_back(key_entry(place));
    }
    return entries;
}

bool key_can(const ipc::Key& key, Purpose purpose) {
    return purpose == Purpose::sign ? !key.signature_schemes.empty()
                                    : !key.decryption_schemes.empty() || key.derive;
}

std::string bare_address(const std::string& text) {
    const std::size_t open = text.rfind('<');
    if (open == std::string::npos || !text.ends_with('>')) {
        return text;
    }
    return text.substr(open + 1, text.size() - open - 2);
}

Result<KeySelector> KeySelector::parse(const std::string& text) {
    if (Pkcs11Uri::looks_like(text)) {
        SIGNET_TRY(auto uri, Pkcs11Uri::parse(text));
        return KeySelector(text, std::move(uri));
    }
    if (auto subject = folded_subject_in(text)) {
        return KeySelector(text, Subject{std::move(*subject)});
    }
    if (text.find('@') != std::string::npos) {
        return KeySelector(text, Addresses{{bare_address(text)}});
    }
    if (auto digits = hexadecimal_digits(text)) {
        return KeySelector(text, Digits{std::move(*digits)});
    }
    return failure(
        ErrorCode::invalid_parameter, "key",
        text +
            ": neither an e-mail address, nor eight or more digits of a fingerprint, nor a subject, nor a "
            "PKCS#11 URI");
}

KeySelector KeySelector::for_addresses(std::vector<std::string> addresses) {
    std::string text = joined(addresses, ", ");
    return {std::move(text), Addresses{std::move(addresses)}};
}

bool KeySelector::matches(const KeyEntry& entry) const {
    return std::visit([&](const auto& choice) { return fits(choice, entry); }, m_choice);
}

bool KeySelector::fits(const Addresses& addresses, const KeyEntry& entry) const {
    if (!entry.certificate) {
        return false;
    }
    const auto emails = entry.certificate->emails();
    return std::any_of(emails.begin(), emails.end(), [&](const std::string& email) {
        return std::any_of(addresses.values.begin(), addresses.values.end(),
                           [&](const std::string& address) { return x509::same_address(address, email); });
    });
}

bool KeySelector::fits(const Digits& digits, const KeyEntry& entry) const {
    return entry.key->id.starts_with(digits.text) ||
           (entry.certificate && (entry.certificate->fingerprint().starts_with(digits.text) ||
                                  sha1_fingerprint(*entry.certificate).ends_with(digits.text)));
}

bool KeySelector::fits(const Subject& subject, const KeyEntry& entry) const {
    return entry.certificate && folded_subject(entry.certificate->subject()) == subject.folded;
}

bool KeySelector::fits(const Pkcs11Uri& uri, const KeyEntry& entry) const {
    return cli::matches(uri, *entry.token, *entry.key, entry.object);
}

std::string reason_against(const x509::Certificate& certificate, Purpose purpose, std::string_view now) {
    if (purpose == Purpose::decrypt) {
        return {};
    }
    const bool usable =
        purpose == Purpose::sign ? certificate.may_sign_mail() : certificate.may_encrypt_mail();
    if (!usable) {
        return "its certificate is not meant to " + std::string(verb(purpose)) + " mail";
    }
    if (certificate.not_after() < now) {
        return "its certificate expired on " + certificate.not_after();
    }
    if (certificate.not_before() > now) {
        return "its certificate is not valid before " + certificate.not_before();
    }
    return {};
}

std::string reason_against(const KeyEntry& entry, Purpose purpose, std::string_view now) {
    if (!entry.certificate) {
        return "no certificate belongs to it";
    }
    if (!key_can(*entry.key, purpose)) {
        return std::string("the key cannot ") + (purpose == Purpose::sign ? "sign" : "decrypt");
    }
    return reason_against(*entry.certificate, purpose, now);
}

Result<KeyEntry> choose_key(std::span<const KeyEntry> entries, const KeySelector& selector, Purpose purpose,
                            std::string_view now) {
    std::vector<const KeyEntry*> fitting;
    std::set<std::string_view> keys;
    std::string rejected;
    for (const auto& entry : entries) {
        if (!selector.matches(entry)) {
            continue;
        }
        if (const auto reason = reason_against(entry, purpose, now); !reason.empty()) {
            rejected += "\n  " + describe(entry) + ": " + reason;
            continue;
        }
        fitting.push_back(&entry);
        keys.insert(entry.key->id);
    }
    if (fitting.empty()) {
        return nothing_fits(selector, purpose, rejected);
    }
    if (keys.size() > 1) {
        return failure(ErrorCode::ambiguous, selector.text(), list_of(fitting));
    }
    // max_element gives the first of equals: the copy on an unlocked token.
    return **std::max_element(fitting.begin(), fitting.end(), newer);
}

std::optional<x509::Certificate> encryption_certificate(std::span<const KeyEntry> entries,
                                                        const x509::Certificate& signer) {
    const auto selector = KeySelector::for_addresses(signer.emails());
    const auto entry = choose_key(entries, selector, Purpose::encrypt, current_time());
    if (!entry || entry->certificate->fingerprint() == signer.fingerprint()) {
        return std::nullopt;
    }
    return entry->certificate;
}

std::string describe(const KeyEntry& entry) {
    const std::string token = "token " + printable_utf8(entry.token->label);
    if (!entry.certificate) {
        return entry.key->id.substr(0, shown_digits) + "  no certificate  " + token;
    }
    return entry.certificate->fingerprint().substr(0, shown_digits) + "  " +
           joined(entry.certificate->emails(), ",") + "  " + token + "  until " +
           entry.certificate->not_after();
}

std::string current_time() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    std::array<char, 32> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), length};
}

}  // namespace signet::cli
