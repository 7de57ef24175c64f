#include "pkcs11/driver/token_objects.h"

#include "base/log.h"
#include "x509/certificate.h"

#include <algorithm>
#include <tuple>

namespace signet::pkcs11 {
namespace {

// Where a public key was seen. A certificate may be left over from a key that was replaced under the same
// CKA_ID; a public key object is not.
enum class Source { public_object, certificate, private_object };

struct PublicObject {
    token::PublicKey public_key;
    std::string key_id;
    Bytes object_id;
    std::string label;
    Source source{};
};

struct PrivateObject {
    CK_OBJECT_HANDLE handle = 0;
    Bytes object_id;
    std::string label;
    Bytes modulus;                          // with rsa
    std::optional<token::CurveName> curve;  // with all others
    std::optional<PublicObject> public_object;
    KeyUsage usage;
    bool always_authenticate = false;
};

struct CertificateObject {
    token::Certificate certificate;
    std::optional<PublicObject> public_object;
    bool is_authority = false;
};

Bytes octets(const Session& session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    return session.attribute(object, type).value_or(Bytes());
}

std::string label_of(const Session& session, CK_OBJECT_HANDLE object) {
    return printable_utf8(as_text(octets(session, object, CKA_LABEL)));
}

Bytes without_leading_zeros(Bytes number) {
    number.erase(number.begin(),
                 std::find_if(number.begin(), number.end(), [](std::uint8_t o) { return o != 0; }));
    return number;
}

Result<token::PublicKey> public_key_of(const Session& session, CK_OBJECT_HANDLE object) {
    if (session.number(object, CKA_KEY_TYPE) == CK_ULONG{CKK_RSA}) {
        return token::rsa_public_key(octets(session, object, CKA_MODULUS),
                                     octets(session, object, CKA_PUBLIC_EXPONENT));
    }
    return token::ec_public_key(octets(session, object, CKA_EC_PARAMS),
                                octets(session, object, CKA_EC_POINT));
}

std::optional<PublicObject> public_object(const Session& session, CK_OBJECT_HANDLE object, Source source,
                                          Result<token::PublicKey> key) {
    if (!key) {
        log::debug("left out a public key: " + key.error().detail);
        return std::nullopt;
    }
    std::string key_id = x509::key_identifier(key->public_key_info);
    return PublicObject{.public_key = *std::move(key),
                        .key_id = std::move(key_id),
                        .object_id = octets(session, object, CKA_ID),
                        .label = label_of(session, object),
                        .source = source};
}

// What a private key itself tells of its public half.
std::optional<PublicObject> public_half(const Session& session, CK_OBJECT_HANDLE object) {
    if (const auto info = session.attribute(object, CKA_PUBLIC_KEY_INFO); info && !info->empty()) {
        return public_object(session, object, Source::private_object, token::public_key_from_info(*info));
    }
    if (session.number(object, CKA_KEY_TYPE) != CK_ULONG{CKK_RSA} ||
        octets(session, object, CKA_PUBLIC_EXPONENT).empty()) {
        return std::nullopt;
    }
    return public_object(session, object, Source::private_object, public_key_of(session, object));
}

PrivateObject private_object(const Session& session, CK_OBJECT_HANDLE object) {
    PrivateObject result{
        .handle = object,
        .object_id = octets(session, object, CKA_ID),
        .label = label_of(session, object),
        .modulus = without_leading_zeros(octets(session, object, CKA_MODULUS)),
        .curve = std::nullopt,
        .public_object = public_half(session, object),
        .usage = {.sign = session.flag(object, CKA_SIGN).value_or(true),
                  .decrypt = session.flag(object, CKA_DECRYPT).value_or(true),
                  .derive = session.flag(object, CKA_DERIVE).value_or(true)},
        .always_authenticate = session.flag(object, CKA_ALWAYS_AUTHENTICATE).value_or(false)};
    if (auto curve = token::curve_name(octets(session, object, CKA_EC_PARAMS))) {
        result.curve = *std::move(curve);
    }
    return result;
}

std::optional<CertificateObject> certificate_object(const Session& session, CK_OBJECT_HANDLE object) {
    if (session.number(object, CKA_CERTIFICATE_TYPE).value_or(CKC_X_509) != CKC_X_509) {
        return std::nullopt;
    }
    auto parsed = x509::Certificate::from_der(octets(session, object, CKA_VALUE));
    if (!parsed) {
        log::debug("left out a certificate: " + parsed.error().detail);
        return std::nullopt;
    }
    return CertificateObject{
        .certificate = {.der = parsed->der(),
                        .label = label_of(session, object),
                        .object_id = octets(session, object, CKA_ID),
                        .key = {},
                        .subject = parsed->subject(),
                        .emails = parsed->emails(),
                        .not_before = parsed->not_before(),
                        .not_after = parsed->not_after()},
        .public_object = public_object(session, object, Source::certificate,
                                       token::public_key_from_info(parsed->public_key_info())),
        .is_authority = parsed->is_authority()};
}

Result<std::vector<PublicObject>> public_objects(const Session& session) {
    SIGNET_TRY(const auto handles, session.find_class(CKO_PUBLIC_KEY));
    std::vector<PublicObject> objects;
    for (const CK_OBJECT_HANDLE handle : handles) {
        if (auto object =
                public_object(session, handle, Source::public_object, public_key_of(session, handle))) {
            objects.push_back(*std::move(object));
        }
    }
    return objects;
}

Result<std::vector<PrivateObject>> private_objects(const Session& session) {
    SIGNET_TRY(const auto handles, session.find_class(CKO_PRIVATE_KEY));
    std::vector<PrivateObject> objects;
    for (const CK_OBJECT_HANDLE handle : handles) {
        objects.push_back(private_object(session, handle));
    }
    return objects;
}

Result<std::vector<CertificateObject>> certificate_objects(const Session& session) {
    SIGNET_TRY(const auto handles, session.find_class(CKO_CERTIFICATE));
    std::vector<CertificateObject> objects;
    for (const CK_OBJECT_HANDLE handle : handles) {
        if (auto object = certificate_object(session, handle)) {
            objects.push_back(*std::move(object));
        }
    }
    return objects;
}

// A certificate on the token names a key of the token unless it is an authority's or lies there without a
// CKA_ID.
void add_certified_keys(std::vector<PublicObject>& keys, const std::vector<CertificateObject>& certificates) {
    for (const auto& object : certificates) {
        if (object.public_object && !object.is_authority && !object.certificate.object_id.empty()) {
            keys.push_back(*object.public_object);
        }
    }
}

bool belongs_to(const PrivateObject& private_key, const PublicObject& public_key) {
    if (private_key.public_object) {
        return private_key.public_object->key_id == public_key.key_id;
    }
    if (public_key.public_key.type == KeyType::rsa && !private_key.modulus.empty()) {
        return private_key.modulus == public_key.public_key.modulus;
    }
    const token::CurveName curve{.type = public_key.public_key.type, .curve = public_key.public_key.curve};
    const bool same_type =
        private_key.curve ? *private_key.curve == curve : public_key.public_key.type == KeyType::rsa;
    return same_type && !private_key.object_id.empty() && private_key.object_id == public_key.object_id;
}

// Another public key claims the same CKA_ID with as good a right or a better one, where CKA_ID decides.
bool is_doubtful(const PublicObject& key, const std::vector<PublicObject>& all) {
    return key.public_key.type != KeyType::rsa &&
           std::any_of(all.begin(), all.end(), [&key](const PublicObject& other) {
               return other.key_id != key.key_id && other.source <= key.source &&
                      other.object_id == key.object_id && !key.object_id.empty() &&
                      other.public_key.type == key.public_key.type &&
                      other.public_key.curve == key.public_key.curve;
           });
}

KeyEntry key_entry(const PublicObject& object, const PrivateObject* private_key,
                   const Mechanisms& mechanisms) {
    KeyEntry entry{.key = {.id = object.key_id,
                           .type = object.public_key.type,
                           .bits = object.public_key.bits,
                           .curve = object.public_key.curve,
                           .public_key_info = object.public_key.public_key_info,
                           .label = object.label,
                           .object_id = object.object_id,
                           .signature_schemes = {},
                           .decryption_schemes = {}},
                   .public_key = object.public_key,
                   .private_handle = std::nullopt};
    KeyUsage usage;
    if (private_key != nullptr) {
        entry.private_handle = private_key->handle;
        entry.key.always_authenticate = private_key->always_authenticate;
        entry.key.object_id = private_key->object_id;
        usage = private_key->usage;
        if (!private_key->label.empty()) {
            entry.key.label = private_key->label;
        }
    }
    set_capabilities(entry.key, mechanisms, usage);
    return entry;
}

const PrivateObject* find_private(const std::vector<PrivateObject>& private_keys,
                                  const PublicObject& object) {
    const auto found = std::find_if(private_keys.begin(), private_keys.end(),
                                    [&object](const PrivateObject& key) { return belongs_to(key, object); });
    return found == private_keys.end() ? nullptr : &*found;
}

bool holds(const std::vector<KeyEntry>& keys, const std::string& key_id) {
    return std::any_of(keys.begin(), keys.end(),
                       [&key_id](const KeyEntry& entry) { return entry.key.id == key_id; });
}

std::vector<KeyEntry> join_keys(const std::vector<PublicObject>& public_keys,
                                const std::vector<PrivateObject>& private_keys, const Mechanisms& mechanisms,
                                bool private_keys_visible) {
    std::vector<KeyEntry> keys;
    for (const PublicObject& object : public_keys) {
        if (holds(keys, object.key_id)) {
            continue;
        }
        const PrivateObject* private_key = find_private(private_keys, object);
        const bool proven = private_key != nullptr && private_key->public_object.has_value();
        if (!proven && is_doubtful(object, public_keys)) {
            log::debug("left out a key: its CKA_ID stands for several public keys");
        } else if (private_key != nullptr || !private_keys_visible) {
            keys.push_back(key_entry(object, private_key, mechanisms));
        }
    }
    return keys;
}

}  // namespace

Result<TokenObjects> read_objects(const Session& session, const Mechanisms& mechanisms,
                                  bool private_keys_visible) {
    SIGNET_TRY(auto public_keys, public_objects(session));
    SIGNET_TRY(auto certificates, certificate_objects(session));
    SIGNET_TRY(const auto private_keys, private_objects(session));
    add_certified_keys(public_keys, certificates);
    for (const PrivateObject& key : private_keys) {
        if (key.public_object) {
            public_keys.push_back(*key.public_object);
        }
    }
    TokenObjects objects;
    objects.keys = join_keys(public_keys, private_keys, mechanisms, private_keys_visible);
    for (CertificateObject& object : certificates) {
        if (object.public_object && holds(objects.keys, object.public_object->key_id)) {
            object.certificate.key = object.public_object->key_id;
        }
        objects.certificates.push_back(std::move(object.certificate));
    }
    return objects;
}

Result<std::optional<std::string>> first_public_key(const Session& session) {
    SIGNET_TRY(auto keys, public_objects(session));
    SIGNET_TRY(const auto certificates, certificate_objects(session));
    add_certified_keys(keys, certificates);
    const auto first =
        std::min_element(keys.begin(), keys.end(), [](const PublicObject& a, const PublicObject& b) {
            return std::tie(a.object_id, a.key_id) < std::tie(b.object_id, b.key_id);
        });
    return first == keys.end() ? std::nullopt : std::optional(first->key_id);
}

}  // namespace signet::pkcs11
