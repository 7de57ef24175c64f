#include "x509/certificate.h"

#include "base/letter_case.h"

#include <openssl/asn1.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace signet::x509 {
namespace {

std::shared_ptr<X509> shared(X509* certificate) {
    return {certificate, X509_free};
}

std::string name_text(const X509_NAME* name) {
    const BioPointer bio(BIO_new(BIO_s_mem()));
    // XN_FLAG_RFC2253 without escaping of non-ASCII characters, as UTF-8: the form of RFC 4514.
    const unsigned long flags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
    X509_NAME_print_ex(bio.get(), name, 0, flags);
    return printable_utf8(as_text(memory_content(bio.get())));
}

std::string utf8(const ASN1_STRING* text) {
    unsigned char* octets = nullptr;
    const int length = ASN1_STRING_to_UTF8(&octets, text);
    const OpensslOctets owner(octets);
    if (length < 0) {
        return {};
    }
    return {reinterpret_cast<const char*>(octets), static_cast<std::size_t>(length)};
}

// An address with a NUL or another control character in it is an attack or nonsense, and dropped.
void add_email(std::vector<std::string>& emails, std::string email) {
    const bool plain = std::none_of(email.begin(), email.end(), [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    });
    if (!plain || email.find('@') == std::string::npos || printable_utf8(email) != email) {
        return;
    }
    if (std::find(emails.begin(), emails.end(), email) == emails.end()) {
        emails.push_back(std::move(email));
    }
}

void free_general_names(GENERAL_NAMES* names) {
    GENERAL_NAMES_free(names);
}

std::vector<std::string> alternative_name_emails(const X509* certificate) {
    std::vector<std::string> emails;
    const Pointer<GENERAL_NAMES, free_general_names> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        if (name->type == GEN_EMAIL) {
            add_email(emails, utf8(name->d.rfc822Name));
        } else if (name->type == GEN_OTHERNAME &&
                   OBJ_obj2nid(name->d.otherName->type_id) == NID_id_on_SmtpUTF8Mailbox &&
                   name->d.otherName->value->type == V_ASN1_UTF8STRING) {
            add_email(emails, utf8(name->d.otherName->value->value.utf8string));
        }
    }
    return emails;
}

std::vector<std::string> subject_emails(const X509* certificate) {
    std::vector<std::string> emails;
    const X509_NAME* subject = X509_get_subject_name(certificate);
    int position = -1;
    while ((position = X509_NAME_get_index_by_NID(subject, NID_pkcs9_emailAddress, position)) >= 0) {
        add_email(emails, utf8(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, position))));
    }
    return emails;
}

std::string time_text(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
        return {};
    }
    std::array<char, 32> text{};
    const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), length};
}

bool may_do_mail(X509* certificate, std::uint32_t key_usage) {
    const std::uint32_t flags = X509_get_extension_flags(certificate);
    if ((flags & EXFLAG_INVALID) != 0) {
        return false;
    }
    if ((flags & EXFLAG_KUSAGE) != 0 && (X509_get_key_usage(certificate) & key_usage) == 0) {
        return false;
    }
    return (flags & EXFLAG_XKUSAGE) == 0 ||
           (X509_get_extended_key_usage(certificate) & (XKU_SMIME | XKU_ANYEKU)) != 0;
}

}  // namespace

Result<Certificate> Certificate::from_der(ByteView der) {
    if (der.size() > max_certificate_size) {
        return failure(ErrorCode::too_large, "d2i_X509", "certificate longer than 64 KiB");
    }
    const unsigned char* position = der.data();
    X509* certificate = d2i_X509(nullptr, &position, static_cast<long>(der.size()));
    if (certificate == nullptr) {
        return openssl_failure("d2i_X509", ErrorCode::malformed);
    }
    Certificate result(shared(certificate));
    if (position != der.data() + der.size()) {
        return failure(ErrorCode::malformed, "d2i_X509", "octets after the certificate");
    }
    return result;
}

Result<Certificate> Certificate::from_pem(std::string_view pem) {
    const BioPointer bio = memory_reader(as_bytes(pem));
    X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr);
    if (certificate == nullptr) {
        return openssl_failure("PEM_read_bio_X509", ErrorCode::malformed);
    }
    return Certificate(shared(certificate));
}

Certificate Certificate::from_x509(X509* certificate) {
    X509_up_ref(certificate);
    return Certificate(shared(certificate));
}

Bytes Certificate::der() const {
    unsigned char* octets = nullptr;
    const int length = i2d_X509(m_certificate.get(), &octets);
    const OpensslOctets owner(octets);
    return length > 0 ? Bytes(octets, octets + length) : Bytes();
}

Bytes Certificate::public_key_info() const {
    unsigned char* octets = nullptr;
    const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(m_certificate.get()), &octets);
    const OpensslOctets owner(octets);
    return length > 0 ? Bytes(octets, octets + length) : Bytes();
}

std::string Certificate::subject() const {
    return name_text(X509_get_subject_name(m_certificate.get()));
}

std::string Certificate::issuer() const {
    return name_text(X509_get_issuer_name(m_certificate.get()));
}

std::string Certificate::common_name() const {
    const X509_NAME* subject = X509_get_subject_name(m_certificate.get());
    const int position = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    const X509_NAME_ENTRY* entry = position >= 0 ? X509_NAME_get_entry(subject, position) : nullptr;
    unsigned char* text = nullptr;
    const int length = entry != nullptr ? ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry)) : -1;
    const OpensslOctets owner(text);
    return length > 0 ? printable_utf8(as_text(ByteView(text, static_cast<std::size_t>(length))))
                      : std::string();
}

std::string Certificate::serial_number() const {
    const BignumPointer number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(m_certificate.get()), nullptr));
    char* text = number ? BN_bn2hex(number.get()) : nullptr;
    std::string result = text != nullptr ? text : "";
    OPENSSL_free(text);
    return result;
}

std::vector<std::string> Certificate::emails() const {
    auto emails = alternative_name_emails(m_certificate.get());
    return emails.empty() ? subject_emails(m_certificate.get()) : emails;
}

std::string Certificate::not_before() const {
    return time_text(X509_get0_notBefore(m_certificate.get()));
}

std::string Certificate::not_after() const {
    return time_text(X509_get0_notAfter(m_certificate.get()));
}

std::string Certificate::fingerprint() const {
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    unsigned int length = 0;
    X509_digest(m_certificate.get(), EVP_sha256(), digest.data(), &length);
    return to_hex(digest);
}

bool Certificate::is_authority() const {
    return X509_check_ca(m_certificate.get()) == 1;
}

bool Certificate::may_sign_mail() const {
    return may_do_mail(m_certificate.get(), KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION);
}

bool Certificate::may_encrypt_mail() const {
    const EVP_PKEY* key = X509_get0_pubkey(m_certificate.get());
    const bool agreement = key != nullptr && EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA;
    return may_do_mail(m_certificate.get(), agreement ? KU_KEY_AGREEMENT : KU_KEY_ENCIPHERMENT);
}

std::string key_identifier(ByteView public_key_info) {
    std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
    SHA256(public_key_info.data(), public_key_info.size(), digest.data());
    return to_hex(digest);
}

namespace {

// With the quotes of a quoted local part gone: both forms name one mailbox (RFC 5321 section 4.1.2).
std::string without_quotes(std::string_view address) {
    if (!address.starts_with('"')) {
        return std::string(address);
    }
    std::string plain;
    for (std::size_t i = 1; i < address.size(); ++i) {
        if (address[i] == '"') {
            return plain.append(address.substr(i + 1));
        }
        if (address[i] == '\\' && i + 1 < address.size()) {
            ++i;
        }
        plain += address[i];
    }
    return std::string(address);
}

}  // namespace

bool same_address(std::string_view first, std::string_view second) {
    return equal_ignoring_case(without_quotes(first), without_quotes(second));
}

}  // namespace signet::x509
