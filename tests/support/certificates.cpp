#include "tests/support/certificates.h"

#include "tests/support/openssl.h"
#include "tests/support/rsa_keys.h"
#include "tests/support/temporary_directory.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>

#include <array>
#include <cctype>
#include <stdexcept>

namespace signet::test {
namespace {

using Pkcs12Pointer = x509::Pointer<PKCS12, PKCS12_free>;
using ExtensionPointer = x509::Pointer<X509_EXTENSION, X509_EXTENSION_free>;

std::shared_ptr<EVP_PKEY> shared(EVP_PKEY* key, const char* operation) {
    require(key != nullptr, operation);
    return {key, EVP_PKEY_free};
}

void set_random_serial(X509* certificate) {
    std::array<unsigned char, 8> octets{};
    require(RAND_bytes(octets.data(), static_cast<int>(octets.size())) == 1, "RAND_bytes");
    octets[0] = static_cast<unsigned char>((octets[0] & 0x3f) | 0x40);
    const x509::BignumPointer number(BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr));
    require(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr, "serial");
}

void set_common_name(X509_NAME* name, const std::string& text) {
    require(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()), -1, 0) == 1,
            "X509_NAME_add_entry_by_txt");
}

void set_validity(X509* certificate, int first_day, int last_day) {
    X509_time_adj_ex(X509_getm_notBefore(certificate), first_day, 0, nullptr);
    X509_time_adj_ex(X509_getm_notAfter(certificate), last_day, 0, nullptr);
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const ExtensionPointer extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    require(extension != nullptr, "X509V3_EXT_conf_nid");
    require(X509_add_ext(certificate, extension.get(), -1) == 1, "X509_add_ext");
}

std::string key_usage(CertificateUsage usage, EVP_PKEY* key) {
    const std::string encryption =
        EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? "keyEncipherment" : "keyAgreement";
    switch (usage) {
        case CertificateUsage::encrypt:
            return encryption;
        case CertificateUsage::sign_and_encrypt:
            return "digitalSignature," + encryption;
        case CertificateUsage::sign:
        case CertificateUsage::no_mail:
        case CertificateUsage::authenticate:
        case CertificateUsage::timestamps:
            return "digitalSignature";
    }
    return {};
}

std::string extended_key_usage(CertificateUsage usage) {
    switch (usage) {
        case CertificateUsage::no_mail:
            return "serverAuth";
        case CertificateUsage::authenticate:
            return "clientAuth";
        case CertificateUsage::timestamps:
            return "critical,timeStamping";
        default:
            return "emailProtection";
    }
}

x509::X509Pointer new_certificate(EVP_PKEY* public_key, const std::string& subject, int first_day,
                                  int last_day) {
    x509::X509Pointer certificate(X509_new());
    require(certificate != nullptr, "X509_new");
    X509_set_version(certificate.get(), X509_VERSION_3);
    set_random_serial(certificate.get());
    set_common_name(X509_get_subject_name(certificate.get()), subject);
    set_validity(certificate.get(), first_day, last_day);
    require(X509_set_pubkey(certificate.get(), public_key) == 1, "X509_set_pubkey");
    return certificate;
}

x509::Certificate sign(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
    require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1, "X509_set_issuer_name");
    require(X509_sign(certificate, issuer_key, EVP_sha256()) > 0, "X509_sign");
    return x509::Certificate::from_x509(certificate);
}

x509::Certificate make_authority(EVP_PKEY* key, const std::string& name, X509* issuer, EVP_PKEY* issuer_key) {
    const auto certificate = new_certificate(key, name, -60, 365);
    X509* const parent = issuer != nullptr ? issuer : certificate.get();
    add_extension(certificate.get(), parent, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate.get(), parent, NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(certificate.get(), parent, NID_subject_key_identifier, "hash");
    return sign(certificate.get(), parent, issuer_key);
}

std::string pem_text(BIO* bio) {
    return std::string(as_text(x509::memory_content(bio)));
}

// Base64 alone, out of PEM or with line breaks.
std::string without_armour(std::string text) {
    if (text.starts_with("-----BEGIN")) {
        text.erase(0, text.find('\n'));
        text.resize(text.find('-'));
    }
    std::erase_if(text, [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; });
    return text;
}

Pkcs12Pointer parse_pkcs12(const std::string& content) {
    const unsigned char* position = as_bytes(content).data();
    if (content.starts_with('\x30')) {
        return Pkcs12Pointer(d2i_PKCS12(nullptr, &position, static_cast<long>(content.size())));
    }
    const auto der = from_base64(without_armour(content));
    require(der.has_value(), "PKCS#12 in base64");
    position = der->data();
    return Pkcs12Pointer(d2i_PKCS12(nullptr, &position, static_cast<long>(der->size())));
}

}  // namespace

std::shared_ptr<EVP_PKEY> generate_key(std::string_view kind) {
    if (kind.starts_with("rsa:")) {
        return new_rsa_key(std::stoul(std::string(kind.substr(4))));
    }
    if (kind.starts_with("P-")) {
        return shared(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", std::string(kind).c_str()),
                      "generate EC key");
    }
    return shared(EVP_PKEY_Q_keygen(nullptr, nullptr, std::string(kind).c_str()), "generate key");
}

TestAuthority::TestAuthority(x509::Certificate certificate, std::shared_ptr<EVP_PKEY> key)
    : m_certificate(std::move(certificate)), m_key(std::move(key)) {}

TestAuthority::TestAuthority(std::string_view name, std::string_view key_kind)
    : TestAuthority([&] {
          auto key = generate_key(key_kind);
          return TestAuthority(make_authority(key.get(), std::string(name), nullptr, key.get()), key);
      }()) {}

TestAuthority TestAuthority::issue_authority(std::string_view name) {
    auto key = generate_key("P-256");
    return {make_authority(key.get(), std::string(name), m_certificate.get(), m_key.get()), key};
}

x509::Certificate TestAuthority::issue(EVP_PKEY* public_key, const LeafOptions& options) {
    const auto certificate =
        new_certificate(public_key, options.subject, options.first_day, options.last_day);
    X509* const issuer = m_certificate.get();
    add_extension(certificate.get(), issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate.get(), issuer, NID_key_usage,
                  "critical," + key_usage(options.usage, public_key));
    add_extension(certificate.get(), issuer, NID_ext_key_usage, extended_key_usage(options.usage));
    add_extension(certificate.get(), issuer, NID_subject_key_identifier, "hash");
    add_extension(certificate.get(), issuer, NID_authority_key_identifier, "keyid");
    if (!options.email.empty()) {
        add_extension(certificate.get(), issuer, NID_subject_alt_name, "email:" + options.email);
    }
    if (!options.address.empty()) {
        add_extension(certificate.get(), issuer, NID_subject_alt_name, "IP:" + options.address);
    }
    return sign(certificate.get(), issuer, m_key.get());
}

x509::Certificate TestAuthority::issue(EVP_PKEY* public_key, const std::string& subject,
                                       const std::string& email, CertificateUsage usage) {
    return issue(public_key, LeafOptions{.subject = subject, .email = email, .usage = usage});
}

Identity TestAuthority::issue_identity(std::string_view key_kind, const LeafOptions& options) {
    auto key = generate_key(key_kind);
    return {issue(key.get(), options), key};
}

Identity TestAuthority::issue_identity(std::string_view key_kind, const std::string& email,
                                       CertificateUsage usage) {
    return issue_identity(key_kind, LeafOptions{.subject = email, .email = email, .usage = usage});
}

std::string to_pem(const x509::Certificate& certificate) {
    const x509::BioPointer bio(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_X509(bio.get(), certificate.get()) == 1, "PEM_write_bio_X509");
    return pem_text(bio.get());
}

std::string to_pem(EVP_PKEY* private_key) {
    const x509::BioPointer bio(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_PKCS8PrivateKey(bio.get(), private_key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
            "PEM_write_bio_PKCS8PrivateKey");
    return pem_text(bio.get());
}

Pkcs12Content read_pkcs12(const std::filesystem::path& path, const std::string& password) {
    const auto container = parse_pkcs12(read_file(path));
    require(container != nullptr, "d2i_PKCS12");
    EVP_PKEY* key = nullptr;
    X509* certificate = nullptr;
    STACK_OF(X509)* others = nullptr;
    require(PKCS12_parse(container.get(), password.c_str(), &key, &certificate, &others) == 1,
            "PKCS12_parse");
    const x509::X509Pointer certificate_owner(certificate);
    const x509::X509StackPointer others_owner(others);
    Pkcs12Content content{
        .identity = {x509::Certificate::from_x509(certificate), shared(key, "PKCS12_parse")}, .chain = {}};
    for (int i = 0; i < sk_X509_num(others); ++i) {
        content.chain.push_back(x509::Certificate::from_x509(sk_X509_value(others, i)));
    }
    return content;
}

void write_pkcs12(const std::filesystem::path& path, const Identity& identity,
                  const std::vector<x509::Certificate>& chain, const std::string& password) {
    const x509::X509StackPointer others(sk_X509_new_null());
    for (const auto& certificate : chain) {
        X509_up_ref(certificate.get());
        sk_X509_push(others.get(), certificate.get());
    }
    constexpr int triple_des = NID_pbe_WithSHA1And3_Key_TripleDES_CBC;
    constexpr int no_mac_yet = -1;
    const Pkcs12Pointer container(PKCS12_create(password.c_str(), identity.certificate.subject().c_str(),
                                                identity.key.get(), identity.certificate.get(), others.get(),
                                                triple_des, triple_des, 0, no_mac_yet, 0));
    require(container != nullptr, "PKCS12_create");
    require(PKCS12_set_mac(container.get(), password.c_str(), -1, nullptr, 0, 0, EVP_sha1()) == 1,
            "PKCS12_set_mac");
    const x509::BioPointer bio(BIO_new(BIO_s_mem()));
    require(i2d_PKCS12_bio(bio.get(), container.get()) == 1, "i2d_PKCS12_bio");
    write_file(path, pem_text(bio.get()));
}

}  // namespace signet::test
