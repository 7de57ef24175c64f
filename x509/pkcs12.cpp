#include "x509/pkcs12.h"

#include <openssl/pkcs12.h>

#include <algorithm>
#include <array>

namespace signet::x509 {
namespace {

void free_safes(STACK_OF(PKCS7) * safes) {
    sk_PKCS7_pop_free(safes, PKCS7_free);
}
void free_bags(STACK_OF(PKCS12_SAFEBAG) * bags) {
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
}

using Pkcs12Pointer = Pointer<PKCS12, PKCS12_free>;
using SafesPointer = Pointer<STACK_OF(PKCS7), free_safes>;
using BagsPointer = Pointer<STACK_OF(PKCS12_SAFEBAG), free_bags>;
using PrivateKeyInfoPointer = Pointer<PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free>;
using PasswordBasedPointer = Pointer<PBEPARAM, PBEPARAM_free>;
using PasswordBased2Pointer = Pointer<PBE2PARAM, PBE2PARAM_free>;
using KeyDerivationPointer = Pointer<PBKDF2PARAM, PBKDF2PARAM_free>;

Failure malformed(std::string detail) {
    return failure(ErrorCode::malformed, "read PKCS#12", std::move(detail));
}

Result<void> check_iterations(const ASN1_INTEGER* iterations) {
    std::int64_t count = 1;
    if (iterations != nullptr && ASN1_INTEGER_get_int64(&count, iterations) != 1) {
        return openssl_failure("read PKCS#12", ErrorCode::malformed);
    }
    if (count < 1 || count > max_pkcs12_iterations) {
        return failure(ErrorCode::too_large, "read PKCS#12",
                       "more than " + std::to_string(max_pkcs12_iterations) + " iterations");
    }
    return {};
}

template <class T>
T* unpacked(const ASN1_TYPE* parameter, const ASN1_ITEM* item) {
    return parameter != nullptr && parameter->type == V_ASN1_SEQUENCE
               ? static_cast<T*>(ASN1_item_unpack(parameter->value.sequence, item))
               : nullptr;
}

// How much work the file asks for, before any of it is done.
Result<void> check_work(const X509_ALGOR* algorithm) {
    if (OBJ_obj2nid(algorithm->algorithm) != NID_pbes2) {
        const PasswordBasedPointer parameters(
            unpacked<PBEPARAM>(algorithm->parameter, ASN1_ITEM_rptr(PBEPARAM)));
        return parameters ? check_iterations(parameters->iter) : malformed("no parameters of a cipher");
    }
    const PasswordBased2Pointer parameters(
        unpacked<PBE2PARAM>(algorithm->parameter, ASN1_ITEM_rptr(PBE2PARAM)));
    if (!parameters) {
        return malformed("no parameters of PBES2");
    }
    if (OBJ_obj2nid(parameters->keyfunc->algorithm) != NID_id_pbkdf2) {
        return failure(ErrorCode::unsupported, "read PKCS#12", "a key derivation other than PBKDF2");
    }
    const KeyDerivationPointer derivation(
        unpacked<PBKDF2PARAM>(parameters->keyfunc->parameter, ASN1_ITEM_rptr(PBKDF2PARAM)));
    return derivation ? check_iterations(derivation->iter) : malformed("no parameters of PBKDF2");
}

struct Password {
    const char* text;
    int size;
};

class Unpacker {
  public:
    explicit Unpacker(Password password) : m_password(password) {}

    Result<void> read(PKCS12* file) {
        const SafesPointer safes(PKCS12_unpack_authsafes(file));
        if (!safes) {
            return openssl_failure("PKCS12_unpack_authsafes", ErrorCode::malformed);
        }
        for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) {
            SIGNET_TRY(const auto bags, open(sk_PKCS7_value(safes.get(), i)));
            for (int j = 0; j < sk_PKCS12_SAFEBAG_num(bags.get()); ++j) {
                SIGNET_CHECK(take(sk_PKCS12_SAFEBAG_value(bags.get(), j)));
            }
        }
        return {};
    }

    Result<Pkcs12Content> content() && {
        if (!m_key) {
            return failure(ErrorCode::not_found, "read PKCS#12", "no private key is in the file");
        }
        std::stable_partition(m_certificates.begin(), m_certificates.end(),
                              [this](const Certificate& certificate) {
                                  const EVP_PKEY* key = X509_get0_pubkey(certificate.get());
                                  return key != nullptr && EVP_PKEY_eq(key, m_key.get()) == 1;
                              });
        // Without attributes of the file's maker.
        const PrivateKeyInfoPointer info(EVP_PKEY2PKCS8(m_key.get()));
        const int size = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr) : 0;
        if (size <= 0) {
            return openssl_failure("EVP_PKEY2PKCS8");
        }
        Bytes encoded(static_cast<std::size_t>(size));
        unsigned char* position = encoded.data();
        i2d_PKCS8_PRIV_KEY_INFO(info.get(), &position);
        auto secret = Secret::copy_of(encoded);
        wipe(encoded);
        SIGNET_TRY(Secret private_key, std::move(secret));
        return Pkcs12Content{.private_key = std::move(private_key),
                             .certificates = std::move(m_certificates)};
    }

  private:
    [[nodiscard]] Result<BagsPointer> open(PKCS7* safe) const {
        const int type = OBJ_obj2nid(safe->type);
        BagsPointer bags;
        if (type == NID_pkcs7_data) {
            bags.reset(PKCS12_unpack_p7data(safe));
        } else if (type == NID_pkcs7_encrypted) {
            SIGNET_CHECK(check_work(safe->d.encrypted->enc_data->algorithm));
            bags.reset(PKCS12_unpack_p7encdata(safe, m_password.text, m_password.size));
        } else {
            return failure(ErrorCode::unsupported, "read PKCS#12", "content for a public key");
        }
        if (!bags) {
            return openssl_failure("PKCS12_unpack_p7encdata", ErrorCode::malformed);
        }
        return bags;
    }

    Result<void> take(PKCS12_SAFEBAG* bag) {
        switch (PKCS12_SAFEBAG_get_nid(bag)) {
            case NID_keyBag:
                return take_key(PKCS12_SAFEBAG_get0_p8inf(bag));
            case NID_pkcs8ShroudedKeyBag: {
                const X509_ALGOR* algorithm = nullptr;
                X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, nullptr);
                SIGNET_CHECK(check_work(algorithm));
                const PrivateKeyInfoPointer info(PKCS12_decrypt_skey(bag, m_password.text, m_password.size));
                if (!info) {
                    return openssl_failure("PKCS12_decrypt_skey", ErrorCode::malformed);
                }
                return take_key(info.get());
            }
            case NID_certBag:
                return take_certificate(bag);
            default:
                // Revocation lists and secrets of others.
                return {};
        }
    }

    Result<void> take_key(const PKCS8_PRIV_KEY_INFO* info) {
        if (m_key) {
            return failure(ErrorCode::ambiguous, "read PKCS#12", "several private keys are in the file");
        }
        m_key.reset(EVP_PKCS82PKEY(info));
        return m_key ? Result<void>() : openssl_failure("EVP_PKCS82PKEY", ErrorCode::malformed);
    }

    Result<void> take_certificate(const PKCS12_SAFEBAG* bag) {
        if (m_certificates.size() >= max_pkcs12_certificates) {
            return failure(ErrorCode::too_large, "read PKCS#12", "too many certificates");
        }
        const X509Pointer certificate(PKCS12_SAFEBAG_get1_cert(bag));
        if (!certificate) {
            return openssl_failure("PKCS12_SAFEBAG_get1_cert", ErrorCode::malformed);
        }
        m_certificates.push_back(Certificate::from_x509(certificate.get()));
        return {};
    }

    Password m_password;
    KeyPointer m_key;
    std::vector<Certificate> m_certificates;
};

Result<Pkcs12Pointer> parsed(ByteView der) {
    if (der.size() > max_pkcs12_size) {
        return failure(ErrorCode::too_large, "read PKCS#12", "a file of more than 1 MiB");
    }
    const unsigned char* position = der.data();
    Pkcs12Pointer file(d2i_PKCS12(nullptr, &position, static_cast<long>(der.size())));
    if (!file) {
        return openssl_failure("d2i_PKCS12", ErrorCode::malformed);
    }
    if (PKCS12_mac_present(file.get()) != 1) {
        return failure(ErrorCode::unsupported, "read PKCS#12",
                       "a file that no password protects from changes");
    }
    return file;
}

// Without a password some programs make the key of no octets, others of an empty string's end.
Result<Password> right_password(PKCS12* file, const Secret& password) {
    const ByteView octets = password.expose();
    const Password given{reinterpret_cast<const char*>(octets.data()), static_cast<int>(octets.size())};
    const std::array<Password, 2> candidates{octets.empty() ? Password{"", 0} : given, Password{nullptr, 0}};
    for (const Password& candidate : candidates) {
        if (PKCS12_verify_mac(file, candidate.text, candidate.size) == 1) {
            return candidate;
        }
        if (!octets.empty()) {
            break;
        }
    }
    return openssl_failure("PKCS12_verify_mac", ErrorCode::not_allowed);
}

}  // namespace

Result<Pkcs12Content> unpack_pkcs12(ByteView der, const Secret& password) {
    SIGNET_TRY(const auto file, parsed(der));
    const ASN1_INTEGER* iterations = nullptr;
    PKCS12_get0_mac(nullptr, nullptr, nullptr, &iterations, file.get());
    SIGNET_CHECK(check_iterations(iterations));
    SIGNET_TRY(const Password right, right_password(file.get(), password));
    Unpacker unpacker(right);
    SIGNET_CHECK(unpacker.read(file.get()));
    return std::move(unpacker).content();
}

}  // namespace signet::x509
