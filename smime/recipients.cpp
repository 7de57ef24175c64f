#include "smime/recipients.h"

#include "smime/limits.h"

namespace signet::smime {
namespace {

std::string name_text(const X509_NAME* name) {
    const x509::BioPointer bio(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(bio.get(), name, 0,
                       XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB));
    return printable_utf8(as_text(x509::memory_content(bio.get())));
}

std::string serial_text(const ASN1_INTEGER* serial) {
    const x509::BignumPointer number(ASN1_INTEGER_to_BN(serial, nullptr));
    char* text = number ? BN_bn2hex(number.get()) : nullptr;
    std::string result = text != nullptr ? text : "";
    OPENSSL_free(text);
    return result;
}

std::string hex_text(const ASN1_OCTET_STRING* octets) {
    return to_hex({ASN1_STRING_get0_data(octets), static_cast<std::size_t>(ASN1_STRING_length(octets))});
}

RecipientKind kind_of(CMS_RecipientInfo* recipient) {
    switch (CMS_RecipientInfo_type(recipient)) {
        case CMS_RECIPINFO_TRANS:
            return RecipientKind::key_transport;
        case CMS_RECIPINFO_AGREE:
            return RecipientKind::key_agreement;
        case CMS_RECIPINFO_KEK:
            return RecipientKind::shared_key;
        case CMS_RECIPINFO_PASS:
            return RecipientKind::password;
        default:
            return RecipientKind::other;
    }
}

void add_slots(CMS_RecipientInfo* recipient, std::vector<RecipientSlot>& slots) {
    const RecipientKind kind = kind_of(recipient);
    if (kind != RecipientKind::key_agreement) {
        slots.push_back({kind, recipient, nullptr});
        return;
    }
    STACK_OF(CMS_RecipientEncryptedKey)* keys = CMS_RecipientInfo_kari_get0_reks(recipient);
    for (int i = 0; i < sk_CMS_RecipientEncryptedKey_num(keys); ++i) {
        slots.push_back({kind, recipient, sk_CMS_RecipientEncryptedKey_value(keys, i)});
    }
}

// What names a certificate, or a shared key.
struct Identification {
    ASN1_OCTET_STRING* key_identifier = nullptr;
    X509_NAME* issuer = nullptr;
    ASN1_INTEGER* serial = nullptr;
};

Identification identification_of(const RecipientSlot& slot) {
    Identification found;
    if (slot.kind == RecipientKind::key_agreement) {
        CMS_RecipientEncryptedKey_get0_id(slot.encrypted_key, &found.key_identifier, nullptr, nullptr,
                                          &found.issuer, &found.serial);
    } else if (slot.kind == RecipientKind::key_transport) {
        CMS_RecipientInfo_ktri_get0_signer_id(slot.recipient, &found.key_identifier, &found.issuer,
                                              &found.serial);
    } else if (slot.kind == RecipientKind::shared_key) {
        CMS_RecipientInfo_kekri_get0_id(slot.recipient, nullptr, &found.key_identifier, nullptr, nullptr,
                                        nullptr);
    }
    return found;
}

}  // namespace

Result<std::vector<RecipientSlot>> recipient_slots(CMS_ContentInfo* cms) {
    STACK_OF(CMS_RecipientInfo)* recipients = CMS_get0_RecipientInfos(cms);
    std::vector<RecipientSlot> slots;
    for (int i = 0; i < sk_CMS_RecipientInfo_num(recipients); ++i) {
        add_slots(sk_CMS_RecipientInfo_value(recipients, i), slots);
        if (slots.size() > max_recipients) {
            return failure(ErrorCode::too_large, "read encrypted mail", "more than 1024 recipients");
        }
    }
    return slots;
}

bool names(const RecipientSlot& slot, const x509::CertificateOutline& certificate) {
    if (slot.kind != RecipientKind::key_transport && slot.kind != RecipientKind::key_agreement) {
        return false;
    }
    const Identification wanted = identification_of(slot);
    if (wanted.key_identifier != nullptr) {
        return certificate.key_identifier() != nullptr &&
               ASN1_OCTET_STRING_cmp(wanted.key_identifier, certificate.key_identifier()) == 0;
    }
    return wanted.issuer != nullptr && wanted.serial != nullptr &&
           X509_NAME_cmp(wanted.issuer, certificate.issuer()) == 0 &&
           ASN1_INTEGER_cmp(wanted.serial, certificate.serial_number()) == 0;
}

RecipientIdentifier identifier_of(const RecipientSlot& slot) {
    const Identification found = identification_of(slot);
    RecipientIdentifier identifier{.kind = slot.kind};
    if (found.key_identifier != nullptr) {
        identifier.key_identifier = hex_text(found.key_identifier);
    }
    if (found.issuer != nullptr && found.serial != nullptr) {
        identifier.issuer = name_text(found.issuer);
        identifier.serial_number = serial_text(found.serial);
    }
    return identifier;
}

Result<std::vector<RecipientIdentifier>> recipients(const OpenedCms& cms) {
    if (cms.type != CmsType::enveloped_data && cms.type != CmsType::auth_enveloped_data) {
        return failure(ErrorCode::not_found, "read encrypted mail", "the mail is not encrypted");
    }
    SIGNET_TRY(const auto slots, recipient_slots(cms.structure.get()));
    std::vector<RecipientIdentifier> result;
    result.reserve(slots.size());
    for (const RecipientSlot& slot : slots) {
        result.push_back(identifier_of(slot));
    }
    return result;
}

}  // namespace signet::smime
