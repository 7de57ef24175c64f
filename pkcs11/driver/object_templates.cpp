#include "pkcs11/driver/object_templates.h"

#include "pkcs11/driver/error.h"
#include "x509/certificate.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>

// Of PKCS#11 v3.0 and missing in p11-kit's header.
#ifndef CKM_EC_EDWARDS_KEY_PAIR_GEN
#define CKM_EC_EDWARDS_KEY_PAIR_GEN (0x1055UL)
#endif
#ifndef CKM_EC_MONTGOMERY_KEY_PAIR_GEN
#define CKM_EC_MONTGOMERY_KEY_PAIR_GEN (0x1056UL)
#endif

namespace signet::pkcs11 {
namespace {

using namespace std::string_view_literals;

struct Kind {
    KeyAlgorithm algorithm;
    CK_MECHANISM_TYPE generation;
    CK_KEY_TYPE type;
    CK_ULONG bits;                // with RSA
    std::string_view parameters;  // with curves: CKA_EC_PARAMS
};

constexpr std::array kinds{
    Kind{KeyAlgorithm::rsa2048, CKM_RSA_PKCS_KEY_PAIR_GEN, CKK_RSA, 2048, {}},
    Kind{KeyAlgorithm::rsa3072, CKM_RSA_PKCS_KEY_PAIR_GEN, CKK_RSA, 3072, {}},
    Kind{KeyAlgorithm::rsa4096, CKM_RSA_PKCS_KEY_PAIR_GEN, CKK_RSA, 4096, {}},
    Kind{KeyAlgorithm::p256, CKM_EC_KEY_PAIR_GEN, CKK_EC, 0, "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"sv},
    Kind{KeyAlgorithm::p384, CKM_EC_KEY_PAIR_GEN, CKK_EC, 0, "\x06\x05\x2b\x81\x04\x00\x22"sv},
    Kind{KeyAlgorithm::p521, CKM_EC_KEY_PAIR_GEN, CKK_EC, 0, "\x06\x05\x2b\x81\x04\x00\x23"sv},
    // PKCS#11 v3.0 section 2.3.10: the name, in a PrintableString.
    Kind{KeyAlgorithm::ed25519, CKM_EC_EDWARDS_KEY_PAIR_GEN, CKK_EC_EDWARDS, 0,
         "\x13\x0c"
         "edwards25519"sv},
    Kind{KeyAlgorithm::x25519, CKM_EC_MONTGOMERY_KEY_PAIR_GEN, CKK_EC_MONTGOMERY, 0,
         "\x13\x0a"
         "curve25519"sv},
};

constexpr std::array<std::uint8_t, 3> usual_exponent{0x01, 0x00, 0x01};

const Kind& kind_of(KeyAlgorithm algorithm) {
    return *std::find_if(kinds.begin(), kinds.end(),
                         [algorithm](const Kind& kind) { return kind.algorithm == algorithm; });
}

bool signs(const Kind& kind) {
    return kind.type != CKK_EC_MONTGOMERY;
}
bool agrees(const Kind& kind) {
    return kind.type == CKK_EC || kind.type == CKK_EC_MONTGOMERY;
}

void name_object(Template& out, CK_OBJECT_CLASS object_class, const KeyName& name) {
    out.add_number(CKA_CLASS, object_class);
    out.add_flag(CKA_TOKEN, true);
    out.add(CKA_ID, name.id);
    out.add(CKA_LABEL, as_bytes(name.label));
}

void describe_public(Template& out, const Kind& kind, const KeyName& name) {
    name_object(out, CKO_PUBLIC_KEY, name);
    out.add_number(CKA_KEY_TYPE, kind.type);
    out.add_flag(CKA_PRIVATE, false);
    out.add_flag(CKA_VERIFY, signs(kind));
    if (kind.type == CKK_RSA) {
        out.add_flag(CKA_ENCRYPT, true);
    } else {
        out.add(CKA_EC_PARAMS, as_bytes(kind.parameters));
    }
}

void describe_private(Template& out, const Kind& kind, const KeyName& name) {
    name_object(out, CKO_PRIVATE_KEY, name);
    out.add_number(CKA_KEY_TYPE, kind.type);
    out.add_flag(CKA_PRIVATE, true);
    out.add_flag(CKA_SENSITIVE, true);
    out.add_flag(CKA_EXTRACTABLE, false);
    out.add_flag(CKA_SIGN, signs(kind));
    if (kind.type == CKK_RSA) {
        out.add_flag(CKA_DECRYPT, true);
    }
    if (agrees(kind)) {
        out.add_flag(CKA_DERIVE, true);
    }
    if (name.always_authenticate) {
        out.add_flag(CKA_ALWAYS_AUTHENTICATE, true);
    }
}

void add_private_parts(Template& out, const Kind& kind, const token::PrivateKey& key) {
    if (kind.type != CKK_RSA) {
        out.add(CKA_EC_PARAMS, as_bytes(kind.parameters));
        out.add(CKA_VALUE, key.scalar.expose());
        return;
    }
    out.add(CKA_MODULUS, key.public_key.modulus);
    out.add(CKA_PUBLIC_EXPONENT, key.public_exponent);
    out.add(CKA_PRIVATE_EXPONENT, key.private_exponent.expose());
    out.add(CKA_PRIME_1, key.prime1.expose());
    out.add(CKA_PRIME_2, key.prime2.expose());
    out.add(CKA_EXPONENT_1, key.exponent1.expose());
    out.add(CKA_EXPONENT_2, key.exponent2.expose());
    out.add(CKA_COEFFICIENT, key.coefficient.expose());
}

// The bits of a SubjectPublicKeyInfo with a curve end it.
Bytes point_of(const token::PublicKey& key) {
    const std::size_t field = token::field_size(key.bits);
    const std::size_t size = key.type == KeyType::ec ? 1 + 2 * field : field;
    const Bytes& info = key.public_key_info;
    return {info.end() - static_cast<std::ptrdiff_t>(size), info.end()};
}

Result<CK_OBJECT_HANDLE> create(const Session& session, Template& attributes) {
    CK_OBJECT_HANDLE object = 0;
    SIGNET_CHECK(check(
        "C_CreateObject",
        session.functions().C_CreateObject(session.handle(), attributes.data(), attributes.size(), &object)));
    return object;
}

using ToDer = std::function<int(unsigned char**)>;
Bytes der_of(const ToDer& encode) {
    unsigned char* octets = nullptr;
    const int size = encode(&octets);
    const x509::OpensslOctets owner(octets);
    return size > 0 ? Bytes(octets, octets + size) : Bytes();
}

}  // namespace

Template::~Template() {
    for (Bytes& value : m_values) {
        wipe(value);
    }
}

void Template::add(CK_ATTRIBUTE_TYPE type, ByteView value) {
    Bytes& kept = m_values.emplace_back(value.begin(), value.end());
    m_attributes.push_back({.type = type, .pValue = kept.data(), .ulValueLen = kept.size()});
}

void Template::add_flag(CK_ATTRIBUTE_TYPE type, bool value) {
    add(type, std::array<std::uint8_t, 1>{value ? std::uint8_t{CK_TRUE} : std::uint8_t{CK_FALSE}});
}

void Template::add_number(CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
    std::array<std::uint8_t, sizeof(value)> octets{};
    std::memcpy(octets.data(), &value, sizeof(value));
    add(type, octets);
}

Result<KeyPair> generate_pair(const Session& session, KeyAlgorithm algorithm, const KeyName& name) {
    const Kind& kind = kind_of(algorithm);
    Template public_half;
    Template private_half;
    describe_public(public_half, kind, name);
    if (kind.type == CKK_RSA) {
        public_half.add_number(CKA_MODULUS_BITS, kind.bits);
        public_half.add(CKA_PUBLIC_EXPONENT, usual_exponent);
    }
    describe_private(private_half, kind, name);
    CK_MECHANISM mechanism{.mechanism = kind.generation, .pParameter = nullptr, .ulParameterLen = 0};
    KeyPair pair;
    SIGNET_CHECK(check("C_GenerateKeyPair",
                       session.functions().C_GenerateKeyPair(
                           session.handle(), &mechanism, public_half.data(), public_half.size(),
                           private_half.data(), private_half.size(), &pair.public_key, &pair.private_key)));
    return pair;
}

Result<KeyPair> create_pair(const Session& session, const token::PrivateKey& key, const KeyName& name) {
    const Kind& kind = kind_of(key.algorithm);
    Template public_half;
    Template private_half;
    describe_public(public_half, kind, name);
    if (kind.type == CKK_RSA) {
        public_half.add(CKA_MODULUS, key.public_key.modulus);
        public_half.add(CKA_PUBLIC_EXPONENT, key.public_exponent);
    } else {
        public_half.add(CKA_EC_POINT, token::der_octet_string(point_of(key.public_key)));
    }
    describe_private(private_half, kind, name);
    add_private_parts(private_half, kind, key);
    KeyPair pair;
    SIGNET_TRY(pair.private_key, create(session, private_half));
    auto public_key = create(session, public_half);
    if (!public_key) {
        (void)session.functions().C_DestroyObject(session.handle(), pair.private_key);
        return Failure(std::move(public_key).error());
    }
    pair.public_key = *public_key;
    return pair;
}

Result<CK_OBJECT_HANDLE> create_certificate(const Session& session, ByteView der, const KeyName& name) {
    SIGNET_TRY(const auto certificate, x509::Certificate::from_der(der));
    const X509* parsed = certificate.get();
    Template attributes;
    name_object(attributes, CKO_CERTIFICATE, name);
    attributes.add_number(CKA_CERTIFICATE_TYPE, CKC_X_509);
    attributes.add_flag(CKA_PRIVATE, false);
    attributes.add(CKA_SUBJECT, der_of([parsed](unsigned char** out) {
                       return i2d_X509_NAME(X509_get_subject_name(parsed), out);
                   }));
    attributes.add(CKA_ISSUER, der_of([parsed](unsigned char** out) {
                       return i2d_X509_NAME(X509_get_issuer_name(parsed), out);
                   }));
    attributes.add(CKA_SERIAL_NUMBER, der_of([parsed](unsigned char** out) {
                       return i2d_ASN1_INTEGER(X509_get0_serialNumber(parsed), out);
                   }));
    attributes.add(CKA_VALUE, der);
    return create(session, attributes);
}

Result<token::PublicKey> read_public_key(const Session& session, CK_OBJECT_HANDLE object) {
    const auto octets = [&session, object](CK_ATTRIBUTE_TYPE type) {
        return session.attribute(object, type).value_or(Bytes());
    };
    if (session.number(object, CKA_KEY_TYPE) == CK_ULONG{CKK_RSA}) {
        return token::rsa_public_key(octets(CKA_MODULUS), octets(CKA_PUBLIC_EXPONENT));
    }
    return token::ec_public_key(octets(CKA_EC_PARAMS), octets(CKA_EC_POINT));
}

}  // namespace signet::pkcs11
