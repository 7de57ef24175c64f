#include "smime/content_decryption.h"

#include "smime/limits.h"
#include "smime/recipients.h"

#include <openssl/cmserr.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>
#include <optional>

namespace signet::smime {
namespace {

using CipherPointer = x509::Pointer<EVP_CIPHER, EVP_CIPHER_free>;

// RFC 5084 section 3: ICV lengths of AES-GCM. A shorter tag is guessed too easily.
constexpr std::size_t min_tag_size = 12;
constexpr std::size_t max_tag_size = 16;

Failure cannot_use(const std::string& algorithm) {
    ERR_clear_error();
    return failure(ErrorCode::unsupported, "decrypt", "this OpenSSL cannot decrypt with: " + algorithm);
}

std::string text_of(const RecipientIdentifier& identifier) {
    switch (identifier.kind) {
        case RecipientKind::password:
            return "a password";
        case RecipientKind::shared_key:
            return "a shared key named " + identifier.key_identifier;
        case RecipientKind::other:
            return "a recipient of an unknown kind";
        default:
            return identifier.key_identifier.empty()
                       ? "issuer " + identifier.issuer + ", serial number " + identifier.serial_number
                       : "subject key identifier " + identifier.key_identifier;
    }
}

Failure no_key_fits(const std::vector<RecipientSlot>& slots) {
    std::string detail = "the mail is encrypted to ";
    for (std::size_t i = 0; i < slots.size(); ++i) {
        detail += (i == 0 ? "" : "; ") + text_of(identifier_of(slots[i]));
    }
    return failure(ErrorCode::not_found, "decrypt", slots.empty() ? "the mail names no certificate" : detail);
}

// That this OpenSSL has the cipher, and that it is of the kind that the structure is for.
Result<void> check_cipher(const OpenedCms& cms) {
    const CipherPointer cipher(EVP_CIPHER_fetch(nullptr, cms.algorithm.identifier.c_str(), nullptr));
    if (!cipher) {
        return cannot_use(cms.algorithm.name);
    }
    const bool authenticates = (EVP_CIPHER_get_flags(cipher.get()) & EVP_CIPH_FLAG_AEAD_CIPHER) != 0;
    if (authenticates && EVP_CIPHER_get_mode(cipher.get()) != EVP_CIPH_GCM_MODE) {
        return cannot_use(cms.algorithm.name);  // CCM wants to know the length first
    }
    const bool tag_expected = cms.type == CmsType::auth_enveloped_data;
    const std::size_t tag_size = cms.authentication_tag.size();
    if (authenticates != tag_expected) {
        return failure(ErrorCode::malformed, "decrypt",
                       cms.algorithm.name + " in " + std::string(name_of(cms.type)));
    }
    if (tag_expected && (tag_size < min_tag_size || tag_size > max_tag_size)) {
        return failure(ErrorCode::malformed, "decrypt", "an authentication tag of unusual size");
    }
    if (!cms.has_content) {
        return failure(ErrorCode::malformed, "decrypt", "encryption without content");
    }
    return {};
}

// Key agreement whose key derivation or key wrap is missing here, or nothing.
std::optional<CmsAlgorithm> missing_agreement(CMS_RecipientInfo* recipient) {
    X509_ALGOR* agreement = nullptr;
    if (CMS_RecipientInfo_kari_get0_alg(recipient, &agreement, nullptr) != 1 || agreement == nullptr) {
        return std::nullopt;
    }
    const ASN1_OBJECT* identifier = nullptr;
    X509_ALGOR_get0(&identifier, nullptr, nullptr, agreement);
    const CmsAlgorithm algorithm = algorithm_named(identifier);
    int derivation = NID_undef;
    const bool known = OBJ_find_sigid_algs(algorithm.nid, nullptr, &derivation) == 1 &&
                       (derivation == NID_dh_std_kdf || derivation == NID_dh_cofactor_kdf);
    return known ? std::nullopt : std::optional(algorithm);
}

int unwrap_transported(CMS_ContentInfo* cms, const RecipientSlot& slot, EVP_PKEY* key) {
    EVP_PKEY_up_ref(key);
    CMS_RecipientInfo_set0_pkey(slot.recipient, key);
    const int unwrapped = CMS_RecipientInfo_decrypt(cms, slot.recipient);
    CMS_RecipientInfo_set0_pkey(slot.recipient, nullptr);
    return unwrapped;
}

int unwrap_agreed(CMS_ContentInfo* cms, const RecipientSlot& slot, EVP_PKEY* key) {
    if (CMS_RecipientInfo_kari_set0_pkey(slot.recipient, key) != 1) {
        return 0;
    }
    const int unwrapped = CMS_RecipientInfo_kari_decrypt(cms, slot.recipient, slot.encrypted_key);
    CMS_RecipientInfo_kari_set0_pkey(slot.recipient, nullptr);
    return unwrapped;
}

// Puts the content key into the structure. Only a key that could not be used at all is an error: when it was
// used and the result is wrong, OpenSSL decrypts with a random content key in its place, and the failure
// shows later.
Result<void> unwrap(CMS_ContentInfo* cms, const RecipientSlot& slot, EVP_PKEY* key) {
    const bool agreed = slot.kind == RecipientKind::key_agreement;
    ERR_clear_error();
    if ((agreed ? unwrap_agreed(cms, slot, key) : unwrap_transported(cms, slot, key)) == 1) {
        return {};
    }
    const unsigned long reason = ERR_peek_error();
    if (ERR_GET_LIB(reason) == ERR_LIB_CMS &&
        ERR_GET_REASON(reason) == CMS_R_NOT_SUPPORTED_FOR_THIS_KEY_TYPE) {
        return cannot_use(EVP_PKEY_get0_type_name(key));
    }
    Error error = x509::key_error("unwrap the content key");
    return error.code == ErrorCode::crypto ? Result<void>() : Failure(std::move(error));
}

// The cipher with the content key that unwrap() has left in the structure; authenticated attributes are fed
// to it already.
x509::BioPointer content_cipher(CMS_ContentInfo* cms) {
    x509::BioPointer nowhere(BIO_new(BIO_s_null()));
    x509::BioPointer cipher(nowhere ? CMS_dataInit(cms, nowhere.get()) : nullptr);
    if (cipher) {
        static_cast<void>(nowhere.release());  // pushed behind the cipher
    }
    return cipher;
}

class Decryptor {
  public:
    explicit Decryptor(CMS_ContentInfo* cms) : m_bio(content_cipher(cms)) {
        if (m_bio) {
            BIO_get_cipher_ctx(m_bio.get(), &m_context);
        }
    }

    Result<void> decrypt(Reader& ciphertext, Sink& plaintext) {
        if (m_context == nullptr) {
            return cannot_decrypt();
        }
        const Block in;
        const Block out(stream_block_size + EVP_MAX_BLOCK_LENGTH);
        for (;;) {
            SIGNET_TRY(const std::size_t count, ciphertext.read(in));
            const auto decrypted = count > 0 ? update(std::span(in).first(count), out) : finish(out);
            if (!decrypted) {
                return cannot_decrypt();
            }
            SIGNET_CHECK(plaintext.write({out.data(), *decrypted}));
            if (count == 0) {
                return {};
            }
        }
    }

  private:
    std::optional<std::size_t> update(std::span<const char> in, const Block& out) {
        int size = 0;
        if (EVP_CipherUpdate(m_context, reinterpret_cast<unsigned char*>(out.data()), &size,
                             reinterpret_cast<const unsigned char*>(in.data()),
                             static_cast<int>(in.size())) != 1) {
            return std::nullopt;
        }
        return static_cast<std::size_t>(size);
    }

    std::optional<std::size_t> finish(const Block& out) {
        int size = 0;
        if (EVP_CipherFinal_ex(m_context, reinterpret_cast<unsigned char*>(out.data()), &size) != 1) {
            return std::nullopt;
        }
        return static_cast<std::size_t>(size);
    }

    x509::BioPointer m_bio;
    EVP_CIPHER_CTX* m_context = nullptr;  // of m_bio
};

// Of several reasons why nothing could be decrypted, the one that a person can do most about.
int weight_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::crypto:
            return 0;
        case ErrorCode::unsupported:
            return 1;
        default:
            return 2;
    }
}

// Ends all attempts: a person who said no, or a blocked PIN, is not asked for the next key; and what cannot
// be read or written now will not be with another key.
bool is_final(ErrorCode code) {
    return code == ErrorCode::cancelled || code == ErrorCode::pin_blocked || code == ErrorCode::input_output;
}

// Tries what fits until something decrypts: certificates may be named twice, key identifiers collide.
class Attempts {
  public:
    Attempts(const OpenedCms& cms, const std::vector<RecipientSlot>& slots, WithheldSink& plaintext)
        : m_cms(cms), m_slots(slots), m_plaintext(plaintext) {}

    Result<void> run(std::span<const DecryptionKey> keys) {
        for (const DecryptionKey& key : keys) {
            auto decrypted = with_key(key);
            if (decrypted || m_ended) {
                return decrypted;
            }
        }
        if (m_error) {
            return Failure(*m_error);
        }
        return no_key_fits(m_slots);
    }

  private:
    Result<void> with_key(const DecryptionKey& key) {
        x509::KeyPointer opened;
        for (const RecipientSlot& slot : m_slots) {
            if (!names(slot, key.certificate)) {
                continue;
            }
            if (const auto missing = missing_for(slot)) {
                note(cannot_use(missing->name).value());
                continue;
            }
            auto decrypted = with_slot(key, opened, slot);
            if (decrypted) {
                return decrypted;
            }
            const bool unopened = !opened;
            note(decrypted.error());
            if (m_ended || unopened) {
                return decrypted;
            }
        }
        return failure(ErrorCode::not_found, "decrypt");
    }

    static std::optional<CmsAlgorithm> missing_for(const RecipientSlot& slot) {
        return slot.kind == RecipientKind::key_agreement ? missing_agreement(slot.recipient) : std::nullopt;
    }

    Result<void> with_slot(const DecryptionKey& key, x509::KeyPointer& opened, const RecipientSlot& slot) {
        if (m_count++ == max_decryption_attempts) {
            return failure(ErrorCode::too_large, "decrypt", "the mail names the same keys too often");
        }
        if (!opened) {
            SIGNET_TRY(opened, key.open());
        }
        SIGNET_CHECK(unwrap(m_cms.structure.get(), slot, opened.get()));
        SIGNET_TRY(const auto ciphertext, m_cms.content());
        SIGNET_CHECK(m_plaintext.restart());
        return Decryptor(m_cms.structure.get()).decrypt(*ciphertext, m_plaintext);
    }

    void note(const Error& error) {
        m_ended = is_final(error.code) || error.code == ErrorCode::too_large;
        if (!m_error || m_ended || weight_of(error.code) > weight_of(m_error->code)) {
            m_error = error;
        }
    }

    const OpenedCms& m_cms;
    const std::vector<RecipientSlot>& m_slots;
    WithheldSink& m_plaintext;
    std::size_t m_count = 0;
    std::optional<Error> m_error;
    bool m_ended = false;
};

}  // namespace

Failure cannot_decrypt() {
    ERR_clear_error();
    return failure(ErrorCode::crypto, "decrypt", "the content cannot be decrypted");
}

Result<void> decrypt_into(const OpenedCms& cms, WithheldSink& plaintext,
                          std::span<const DecryptionKey> keys) {
    if (cms.type != CmsType::auth_enveloped_data && cms.type != CmsType::enveloped_data) {
        return failure(ErrorCode::not_found, "decrypt", "the mail is not encrypted");
    }
    SIGNET_CHECK(check_cipher(cms));
    SIGNET_TRY(const auto slots, recipient_slots(cms.structure.get()));
    return Attempts(cms, slots, plaintext).run(keys);
}

Result<DecryptedContent> decrypt_content(const OpenedCms& cms, std::span<const DecryptionKey> keys) {
    auto octets = std::make_unique<Spool>();
    SIGNET_CHECK(decrypt_into(cms, *octets, keys));
    return DecryptedContent{.octets = std::move(octets),
                            .authenticated = cms.type == CmsType::auth_enveloped_data};
}

}  // namespace signet::smime
