#include "pkcs11/module/token_objects.h"

#include "base/der.h"

#include <algorithm>
#include <array>

namespace signet::module {
namespace {

constexpr CK_ULONG category_unspecified = 0;  // CK_CERTIFICATE_CATEGORY, PKCS#11 section 4.6.2
constexpr CK_ULONG category_token_user = 1;
constexpr std::size_t generated_id_size = 20;

// CKA_EC_PARAMS as PKCS#11 3.0 section 2.3.5 names the curves of RFC 7748 and RFC 8032: a PrintableString.
constexpr std::string_view edwards25519 =
    "\x13\x0c"
    "edwards25519";
constexpr std::string_view edwards448 =
    "\x13\x0a"
    "edwards448";
constexpr std::string_view curve25519 =
    "\x13\x0a"
    "curve25519";
constexpr std::string_view curve448 =
    "\x13\x08"
    "curve448";

struct KeyShape {
    CK_KEY_TYPE type;
    std::string_view named_parameters;  // empty: those of the SubjectPublicKeyInfo
};

KeyShape shape_of(KeyType type) {
    switch (type) {
        case KeyType::rsa:
            return {.type = CKK_RSA, .named_parameters = {}};
        case KeyType::ec:
            return {.type = CKK_EC, .named_parameters = {}};
        case KeyType::ed25519:
            return {.type = CKK_EC_EDWARDS, .named_parameters = edwards25519};
        case KeyType::ed448:
            return {.type = CKK_EC_EDWARDS, .named_parameters = edwards448};
        case KeyType::x25519:
            return {.type = ckk_ec_montgomery, .named_parameters = curve25519};
        case KeyType::x448:
            return {.type = ckk_ec_montgomery, .named_parameters = curve448};
    }
    return {.type = CKK_VENDOR_DEFINED, .named_parameters = {}};
}

// libp11 up to 0.4.12 lists no key at all when it meets one of a type that it does not know.
bool hidden_from_old_programs(CK_KEY_TYPE type) {
    return type == CKK_EC_EDWARDS || type == ckk_ec_montgomery;
}

bool can_sign(const ipc::Key& key) {
    return !key.signature_schemes.empty();
}

bool can_decrypt(const ipc::Key& key) {
    return !key.decryption_schemes.empty();
}

// The token's own identifier where no other key has the same, else one made of the key itself.
Bytes attribute_id(const ipc::Token& token, const ipc::Key& key) {
    const auto same = std::count_if(token.keys.begin(), token.keys.end(), [&key](const ipc::Key& other) {
        return other.object_id == key.object_id;
    });
    if (!key.object_id.empty() && same == 1) {
        return key.object_id;
    }
    auto identifier = from_hex(key.id).value_or(Bytes());
    identifier.resize(std::min(identifier.size(), generated_id_size));
    return identifier;
}

const ipc::Key* find_key(const ipc::Token& token, const std::string& id) {
    const auto found = std::find_if(token.keys.begin(), token.keys.end(),
                                    [&id](const ipc::Key& key) { return key.id == id; });
    return found != token.keys.end() && !id.empty() ? &*found : nullptr;
}

const ipc::Certificate* certificate_of(const ipc::Token& token, const ipc::Key& key) {
    const auto found = std::find_if(token.certificates.begin(), token.certificates.end(),
                                    [&key](const ipc::Certificate& entry) { return entry.key == key.id; });
    return found != token.certificates.end() ? &*found : nullptr;
}

// "2026-11-22T…" as the eight digits of CK_DATE; empty when it is not of that form.
std::string date_digits(std::string_view time) {
    if (time.size() < 10 || time[4] != '-' || time[7] != '-') {
        return {};
    }
    std::string digits{time.substr(0, 4)};
    digits.append(time.substr(5, 2)).append(time.substr(8, 2));
    const bool sound = std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    return sound ? digits : std::string();
}

void set_storage_attributes(Object& object, std::string_view label) {
    Attributes& attributes = object.attributes;
    attributes.set_number(CKA_CLASS, object.object_class);
    attributes.set_flag(CKA_TOKEN, true);
    attributes.set_flag(CKA_PRIVATE, false);
    attributes.set_flag(CKA_MODIFIABLE, false);
    attributes.set_flag(CKA_COPYABLE, false);
    attributes.set_flag(CKA_DESTROYABLE, false);
    attributes.set_text(CKA_LABEL, label);
}

// What describes the public part: the same on the private and on the public key. False for a malformed key.
bool set_public_part(Attributes& attributes, const ipc::Key& key) {
    const auto info = parse_public_key_info(key.public_key_info);
    if (!info) {
        return false;
    }
    if (key.type == KeyType::rsa) {
        const auto rsa = parse_rsa_public_key(info->key);
        if (!rsa || rsa->modulus.size() != key_size(key)) {
            return false;
        }
        attributes.set(CKA_MODULUS, rsa->modulus);
        attributes.set(CKA_PUBLIC_EXPONENT, rsa->exponent);
        attributes.set_number(CKA_MODULUS_BITS, key.bits);
    } else {
        const std::string_view named = shape_of(key.type).named_parameters;
        attributes.set(CKA_EC_PARAMS, named.empty() ? info->parameters : as_bytes(named));
        attributes.set(CKA_EC_POINT, encode_octet_string(info->key));
    }
    attributes.set(CKA_PUBLIC_KEY_INFO, key.public_key_info);
    return true;
}

// CKA_ID, CKA_KEY_TYPE and what else both halves of a key pair have.
bool set_key_attributes(Object& object, const ipc::Token& token, const ipc::Key& key) {
    set_storage_attributes(object, key.label);
    const CK_KEY_TYPE type = shape_of(key.type).type;
    Attributes& attributes = object.attributes;
    attributes.set_number(CKA_KEY_TYPE, type);
    attributes.set(CKA_ID, attribute_id(token, key));
    const ipc::Certificate* certificate = certificate_of(token, key);
    const auto fields = certificate != nullptr ? parse_certificate(certificate->der) : std::nullopt;
    attributes.set(CKA_SUBJECT, fields ? fields->subject : ByteView());
    attributes.set(CKA_START_DATE, {});
    attributes.set(CKA_END_DATE, {});
    attributes.set_flag(CKA_DERIVE, key.derive && object.object_class == CKO_PRIVATE_KEY);
    attributes.set_flag(CKA_LOCAL, false);
    if (hidden_from_old_programs(type)) {
        object.shown_by = CKA_KEY_TYPE;
    }
    object.key = &key;
    return set_public_part(attributes, key);
}

std::optional<Object> private_key(const ipc::Token& token, const ipc::Key& key) {
    Object object;
    object.object_class = CKO_PRIVATE_KEY;
    if (!set_key_attributes(object, token, key)) {
        return std::nullopt;
    }
    Attributes& attributes = object.attributes;
    for (const auto type : {CKA_SENSITIVE, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE}) {
        attributes.set_flag(type, true);
    }
    for (const auto type :
         {CKA_EXTRACTABLE, CKA_ALWAYS_AUTHENTICATE, CKA_WRAP_WITH_TRUSTED, CKA_UNWRAP, CKA_SIGN_RECOVER}) {
        attributes.set_flag(type, false);
    }
    attributes.set_flag(CKA_SIGN, can_sign(key));
    attributes.set_flag(CKA_DECRYPT, can_decrypt(key));
    return object;
}

std::optional<Object> public_key(const ipc::Token& token, const ipc::Key& key) {
    Object object;
    object.object_class = CKO_PUBLIC_KEY;
    if (!set_key_attributes(object, token, key)) {
        return std::nullopt;
    }
    object.attributes.set_flag(CKA_TRUSTED, false);
    // What the pair is for: programs choose keys by it. Verification itself is theirs to do.
    object.attributes.set_flag(CKA_VERIFY, can_sign(key));
    object.attributes.set_flag(CKA_ENCRYPT, can_decrypt(key));
    object.attributes.set_flag(CKA_WRAP, can_decrypt(key));
    object.attributes.set_flag(CKA_VERIFY_RECOVER, false);
    return object;
}

// That of its key; without a key here the token's own, unless that would join it to a key which is not its
// own.
Bytes certificate_id(const ipc::Token& token, const ipc::Certificate& certificate, const ipc::Key* key) {
    if (key != nullptr) {
        return attribute_id(token, *key);
    }
    const bool taken = std::any_of(token.keys.begin(), token.keys.end(), [&](const ipc::Key& other) {
        return attribute_id(token, other) == certificate.object_id;
    });
    return taken ? Bytes() : certificate.object_id;
}

std::optional<Object> certificate_object(const ipc::Token& token, const ipc::Certificate& certificate) {
    const auto fields = parse_certificate(certificate.der);
    if (!fields) {
        return std::nullopt;
    }
    const ipc::Key* key = find_key(token, certificate.key);
    Object object;
    object.object_class = CKO_CERTIFICATE;
    set_storage_attributes(object, certificate.label);
    Attributes& attributes = object.attributes;
    attributes.set_number(CKA_CERTIFICATE_TYPE, CKC_X_509);
    attributes.set_number(CKA_CERTIFICATE_CATEGORY,
                          key != nullptr ? category_token_user : category_unspecified);
    attributes.set_flag(CKA_TRUSTED, false);
    attributes.set(CKA_VALUE, certificate.der);
    attributes.set(CKA_ID, certificate_id(token, certificate, key));
    attributes.set(CKA_SUBJECT, fields->subject);
    attributes.set(CKA_ISSUER, fields->issuer);
    attributes.set(CKA_SERIAL_NUMBER, fields->serial_number);
    attributes.set(CKA_PUBLIC_KEY_INFO, fields->public_key_info);
    attributes.set_text(CKA_START_DATE, date_digits(certificate.not_before));
    attributes.set_text(CKA_END_DATE, date_digits(certificate.not_after));
    attributes.set_text(CKA_URL, {});
    return object;
}

// Tells NSS that certificates need no login. Programs that enumerate everything do not expect the class, so
// only a search for it finds it.
Object profile_object() {
    Object object;
    object.object_class = cko_profile;
    object.shown_by = CKA_CLASS;
    set_storage_attributes(object, {});
    object.attributes.set_number(cka_profile_id, ckp_public_certificates_token);
    return object;
}

}  // namespace

std::size_t key_size(const ipc::Key& key) {
    return (key.bits + 7) / 8;
}

std::vector<Object> token_objects(const ipc::Token& token, const AssignHandle& assign_handle) {
    std::vector<Object> objects;
    const auto add = [&](std::optional<Object> object, std::string_view kind, std::string_view identity) {
        if (!object) {
            return;
        }
        object->handle = assign_handle(token.id + '\n' + std::string(kind) + '\n' + std::string(identity));
        const bool repeated = std::any_of(objects.begin(), objects.end(), [&object](const Object& other) {
            return other.handle == object->handle;
        });
        if (!repeated) {
            objects.push_back(std::move(*object));
        }
    };
    add(profile_object(), "profile", {});
    for (const ipc::Key& key : token.keys) {
        add(private_key(token, key), "private", key.id);
        add(public_key(token, key), "public", key.id);
    }
    for (const ipc::Certificate& certificate : token.certificates) {
        add(certificate_object(token, certificate), "certificate", as_text(certificate.der));
    }
    return objects;
}

}  // namespace signet::module
