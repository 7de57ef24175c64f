#include "tests/cli/inventories.h"

#include <openssl/evp.h>

#include <array>
#include <ctime>

namespace signet::test {
namespace {

bool is_rsa(const Identity& identity) {
    return EVP_PKEY_get_base_id(identity.key.get()) == EVP_PKEY_RSA;
}

}  // namespace

std::string now() {
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

ipc::Key key_of(const Identity& identity, const std::string& label, Bytes object_id) {
    ipc::Key key;
    key.public_key_info = identity.certificate.public_key_info();
    key.id = x509::key_identifier(key.public_key_info);
    key.type = is_rsa(identity) ? KeyType::rsa : KeyType::ec;
    key.bits = static_cast<std::uint32_t>(EVP_PKEY_get_bits(identity.key.get()));
    key.label = label;
    key.object_id = std::move(object_id);
    key.derive = !is_rsa(identity);
    if (is_rsa(identity)) {
        key.signature_schemes = {SignatureScheme::rsa_pkcs1, SignatureScheme::rsa_pss};
        key.decryption_schemes = {DecryptionScheme::rsa_pkcs1, DecryptionScheme::rsa_oaep};
    } else {
        key.signature_schemes = {SignatureScheme::ecdsa};
        key.curve = "1.2.840.10045.3.1.7";
    }
    return key;
}

ipc::Certificate certificate_of(const Identity& identity, const std::string& label, Bytes object_id) {
    const auto& certificate = identity.certificate;
    return {.der = certificate.der(),
            .label = label,
            .object_id = std::move(object_id),
            .key = x509::key_identifier(certificate.public_key_info()),
            .subject = certificate.subject(),
            .emails = certificate.emails(),
            .not_before = certificate.not_before(),
            .not_after = certificate.not_after()};
}

ipc::Token make_token(const std::string& label) {
    ipc::Token token;
    token.id = "id-" + label;
    token.label = label;
    token.manufacturer = "Maker";
    token.model = "Model";
    token.serial = "serial-" + label;
    token.login_required = true;
    token.module = "softhsm";
    token.slot = 1;
    return token;
}

ipc::Token make_token(const std::string& label, const std::vector<Identity>& identities) {
    ipc::Token token = make_token(label);
    for (const auto& identity : identities) {
        token.keys.push_back(key_of(identity));
        token.certificates.push_back(certificate_of(identity));
    }
    return token;
}

ipc::Inventory make_inventory(std::vector<ipc::Token> tokens) {
    return {.generation = 7, .tokens = std::move(tokens), .failures = {}};
}

}  // namespace signet::test
