#include "tests/support/piv_card/attestation.h"

#include "x509/certificate.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace signet::test::piv_card {
namespace {

constexpr long validity_in_seconds = 365L * 24 * 60 * 60;
constexpr std::uint8_t form_factor_keychain = 0x01;

void must(bool condition, const char* operation) {
    if (!condition) {
        throw std::runtime_error(operation + (": " + x509::openssl_error(operation).detail));
    }
}

void set_name(X509_NAME* name, const std::string& common_name) {
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                                    0) == 1,
         "X509_NAME_add_entry_by_txt");
}

x509::X509Pointer new_certificate(EVP_PKEY* public_key, const std::string& subject) {
    x509::X509Pointer certificate(X509_new());
    std::uint64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validity_in_seconds);
    set_name(X509_get_subject_name(certificate.get()), subject);
    must(X509_set_pubkey(certificate.get(), public_key) == 1, "X509_set_pubkey");
    return certificate;
}

void add_authority_constraint(X509* certificate) {
    const x509::Pointer<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE"));
    must(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "X509_add_ext");
}

// `number` is the last arc below 1.3.6.1.4.1.41482.3; the content is not wrapped any further.
void add_vendor_extension(X509* certificate, int number, ByteView content) {
    const auto name = "1.3.6.1.4.1.41482.3." + std::to_string(number);
    const x509::Pointer<ASN1_OBJECT, ASN1_OBJECT_free> identifier(OBJ_txt2obj(name.c_str(), 1));
    const x509::Pointer<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> octets(ASN1_OCTET_STRING_new());
    ASN1_OCTET_STRING_set(octets.get(), content.data(), static_cast<int>(content.size()));
    const x509::Pointer<X509_EXTENSION, X509_EXTENSION_free> extension(
        X509_EXTENSION_create_by_OBJ(nullptr, identifier.get(), 0, octets.get()));
    must(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "X509_add_ext");
}

Bytes sign(X509* certificate, const X509_NAME* issuer, EVP_PKEY* key) {
    must(X509_set_issuer_name(certificate, issuer) == 1, "X509_set_issuer_name");
    must(X509_sign(certificate, key, EVP_sha256()) > 0, "X509_sign");
    return x509::Certificate::from_x509(certificate).der();
}

Bytes der_integer(std::uint32_t number) {
    Bytes value;
    for (int shift = 24; shift >= 0; shift -= 8) {
        const auto octet = static_cast<std::uint8_t>(number >> shift);
        if (value.empty() && shift != 0 && octet == 0) {
            continue;
        }
        if (value.empty() && octet >= 0x80) {
            value.push_back(0);
        }
        value.push_back(octet);
    }
    return element(0x02, value);
}

}  // namespace

void install_attestation(CardState& state) {
    const auto root_key = PrivateKey::generate(KeyAlgorithm::p256);
    const auto root = new_certificate(root_key.get(), "Test PIV Attestation Root");
    add_authority_constraint(root.get());
    state.attestation_root = sign(root.get(), X509_get_subject_name(root.get()), root_key.get());

    const auto key = PrivateKey::generate(KeyAlgorithm::p256);
    const auto certificate = new_certificate(key.get(), "Test PIV Attestation");
    add_authority_constraint(certificate.get());
    const auto der = sign(certificate.get(), X509_get_subject_name(root.get()), root_key.get());
    Bytes content = element(0x70, der);
    append_element(content, 0x71, Bytes{0x00});
    append_element(content, 0xFE, {});
    state.objects[attestation_object] = content;
    state.keys.insert_or_assign(attestation_slot, KeySlot{key, KeyOrigin::imported, PinPolicy::never});
}

Bytes attest(const CardState& state, std::uint8_t reference) {
    const auto& slot = state.keys.at(reference);
    const auto certificate =
        new_certificate(slot.key.get(), "Test PIV Attestation " + to_hex(Bytes{reference}));
    add_vendor_extension(certificate.get(), 3, state.version);
    add_vendor_extension(certificate.get(), 7, der_integer(state.serial));
    add_vendor_extension(
        certificate.get(), 8,
        Bytes{static_cast<std::uint8_t>(slot.pin_policy), static_cast<std::uint8_t>(slot.touch_policy)});
    add_vendor_extension(certificate.get(), 9, Bytes{form_factor_keychain});
    const auto elements = parse_elements(state.objects.at(attestation_object));
    must(elements && find(*elements, 0x70) != nullptr, "attestation certificate");
    const auto issuer = x509::Certificate::from_der(find(*elements, 0x70)->value);
    must(issuer.has_value(), "attestation certificate");
    return sign(certificate.get(), X509_get_subject_name(issuer->get()),
                state.keys.at(attestation_slot).key.get());
}

}  // namespace signet::test::piv_card
