#include "smime/pkcs11_uri.h"

#include <algorithm>
#include <array>
#include <cstring>

extern "C" {
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>
}

namespace signet::smime {
namespace {

// Cryptoki's fixed-length texts are padded with blanks (PKCS#11 section 3.1), and not ended.
template <std::size_t size>
void pad(unsigned char (&field)[size], const std::string& text) {
    std::memset(field, ' ', size);
    std::memcpy(field, text.data(), std::min(text.size(), size));
}

CK_TOKEN_INFO token_info(const TokenDescription& token) {
    CK_TOKEN_INFO info{};
    pad(info.label, token.label);
    pad(info.manufacturerID, token.manufacturer);
    pad(info.model, token.model);
    pad(info.serialNumber, token.serial);
    return info;
}

CK_OBJECT_CLASS class_of(ObjectKind kind) {
    switch (kind) {
        case ObjectKind::private_key:
            return CKO_PRIVATE_KEY;
        case ObjectKind::public_key:
            return CKO_PUBLIC_KEY;
        case ObjectKind::certificate:
            return CKO_CERTIFICATE;
    }
    return CKO_DATA;
}

}  // namespace

Result<Pkcs11Uri> Pkcs11Uri::parse(const std::string& text) {
    std::shared_ptr<P11KitUri> uri(p11_kit_uri_new(), p11_kit_uri_free);
    const int result = p11_kit_uri_parse(text.c_str(), P11_KIT_URI_FOR_OBJECT_ON_TOKEN, uri.get());
    // A URI with a PIN is not repeated.
    if (p11_kit_uri_get_pin_value(uri.get()) != nullptr || text.find("pin-value") != std::string::npos) {
        return failure(ErrorCode::invalid_parameter, "PKCS#11 URI",
                       "a PKCS#11 URI must not hold a PIN: leave out pin-value, the agent asks for it");
    }
    if (result != P11_KIT_URI_OK) {
        return failure(ErrorCode::invalid_parameter, "PKCS#11 URI",
                       text + ": not a PKCS#11 URI: " + p11_kit_uri_message(result));
    }
    return Pkcs11Uri(std::move(uri));
}

bool Pkcs11Uri::matches(const TokenDescription& token) const {
    CK_TOKEN_INFO info = token_info(token);
    return p11_kit_uri_any_unrecognized(m_uri.get()) == 0 &&
           p11_kit_uri_match_token_info(m_uri.get(), &info) == 1;
}

bool Pkcs11Uri::matches(ObjectKind kind, const std::string& label, const Bytes& id) const {
    CK_OBJECT_CLASS object_class = class_of(kind);
    std::string label_copy = label;
    Bytes id_copy = id;
    std::array attributes{
        CK_ATTRIBUTE{CKA_CLASS, &object_class, sizeof(object_class)},
        CK_ATTRIBUTE{CKA_LABEL, label_copy.data(), label_copy.size()},
        CK_ATTRIBUTE{CKA_ID, id_copy.data(), id_copy.size()},
    };
    return p11_kit_uri_match_attributes(m_uri.get(), attributes.data(), attributes.size()) == 1;
}

}  // namespace signet::smime
