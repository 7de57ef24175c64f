#include "ssh/identities.h"

#include "ssh/certificate_usage.h"
#include "ssh/public_key.h"

#include <algorithm>
#include <optional>

namespace signet::ssh {
namespace {

constexpr std::string_view piv_module = "piv";
constexpr std::uint8_t piv_authentication_slot = 0x9a;  // NIST SP 800-73-4 part 1, table 4b
constexpr std::size_t shown_identifier_digits = 16;

std::vector<const ipc::Certificate*> certificates_of(const ipc::Token& token, const ipc::Key& key) {
    std::vector<const ipc::Certificate*> found;
    for (const auto& certificate : token.certificates) {
        if (certificate.key == key.id) {
            found.push_back(&certificate);
        }
    }
    return found;
}

bool can_sign_for_ssh(const ipc::Key& key) {
    const auto can = [&key](SignatureScheme scheme) {
        return std::find(key.signature_schemes.begin(), key.signature_schemes.end(), scheme) !=
               key.signature_schemes.end();
    };
    return (key.type == KeyType::rsa && can(SignatureScheme::rsa_pkcs1)) ||
           (key.type == KeyType::ec && can(SignatureScheme::ecdsa)) ||
           (key.type == KeyType::ed25519 && can(SignatureScheme::eddsa));
}

bool is_for_authentication(const ipc::Token& token, const ipc::Key& key) {
    if (key.always_authenticate) {
        return false;
    }
    const auto certificates = certificates_of(token, key);
    if (!certificates.empty()) {
        return std::any_of(certificates.begin(), certificates.end(), [](const ipc::Certificate* certificate) {
            return permits_authentication(certificate->der);
        });
    }
    const bool only_signs = key.decryption_schemes.empty() && !key.derive;
    return only_signs || (token.module == piv_module && key.object_id == Bytes{piv_authentication_slot});
}

std::vector<std::string> addresses_of(const ipc::Token& token, const ipc::Key& key) {
    std::vector<std::string> addresses;
    for (const ipc::Certificate* certificate : certificates_of(token, key)) {
        addresses.insert(addresses.end(), certificate->emails.begin(), certificate->emails.end());
    }
    return addresses;
}

std::string comment_of(const ipc::Key& key, const KeyNames& names) {
    const std::string shown = !names.addresses.empty() ? names.addresses.front()
                              : !key.label.empty()     ? key.label
                                                       : key.id.substr(0, shown_identifier_digits);
    return printable_utf8(shown);
}

std::optional<Identity> identity_of(const ipc::Token& token, const ipc::Key& key, const Settings& settings) {
    auto blob = can_sign_for_ssh(key) ? public_key_blob(key.public_key_info) : Bytes();
    if (!blob || blob->empty()) {
        return std::nullopt;
    }
    const KeyNames names{
        .identifier = key.id, .fingerprint = fingerprint(*blob), .addresses = addresses_of(token, key)};
    if (!is_for_authentication(token, key) && !settings.additional_keys.has(names)) {
        return std::nullopt;
    }
    return Identity{.blob = std::move(*blob),
                    .comment = comment_of(key, names),
                    .token = token.id,
                    .key = key.id,
                    .confirm = settings.confirm_all || settings.confirm.has(names),
                    .forwardable = settings.forward_keys.has(names)};
}

}  // namespace

std::vector<Identity> find_identities(const std::vector<ipc::Token>& tokens, const Settings& settings) {
    std::vector<Identity> identities;
    for (const bool unlocked : {true, false}) {
        for (const auto& token : tokens) {
            if (token.unlocked != unlocked) {
                continue;
            }
            for (const auto& key : token.keys) {
                auto identity = identity_of(token, key, settings);
                const bool is_new = identity && std::none_of(identities.begin(), identities.end(),
                                                             [&](const Identity& other) {
                                                                 return other.blob == identity->blob;
                                                             });
                if (is_new) {
                    identities.push_back(std::move(*identity));
                }
            }
        }
    }
    return identities;
}

}  // namespace signet::ssh
