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

void add_agreement_slots(CMS_RecipientInfo* recipient, std::vector<RecipientSlot>& slots) {
    STACK_OF(CMS_RecipientEncryptedKey)* keys = CMS_RecipientInfo_kari_get0_reks(recipient);
    for (int i = 0; i < sk_CMS_RecipientEncryptedKey_num(keys); ++i) {
        slots.push_back({recipient, sk_CMS_RecipientEncryptedKey_value(keys, i)});
    }
}

}  // namespace

Result<x509::CmsPointer> encrypted_body_of(const Entity& mail) {
    SIGNET_TRY(auto cms, cms_body_of(mail));
    if (!cms || kind_of(cms->get()) != CmsKind::encrypted_data) {
        return failure(ErrorCode::not_found, "read encrypted mail", "the mail is not encrypted");
    }
    return std::move(*cms);
}

Result<std::vector<RecipientSlot>> recipient_slots(CMS_ContentInfo* cms) {
    STACK_OF(CMS_RecipientInfo)* recipients = CMS_get0_RecipientInfos(cms);
    std::vector<RecipientSlot> slots;
    for (int i = 0; i < sk_CMS_RecipientInfo_num(recipients); ++i) {
        CMS_RecipientInfo* recipient = sk_CMS_RecipientInfo_value(recipients, i);
        const int type = CMS_RecipientInfo_type(recipient);
        if (type == CMS_RECIPINFO_TRANS) {
            slots.push_back({recipient, nullptr});
        } else if (type == CMS_RECIPINFO_AGREE) {
            add_agreement_slots(recipient, slots);
        }
        if (slots.size() > max_recipients) {
            return failure(ErrorCode::too_large, "read encrypted mail", "more than 1024 recipients");
        }
    }
    return slots;
}

bool names(const RecipientSlot& slot, const x509::Certificate& certificate) {
    const int difference = slot.encrypted_key != nullptr
                               ? CMS_RecipientEncryptedKey_cert_cmp(slot.encrypted_key, certificate.get())
                               : CMS_RecipientInfo_ktri_cert_cmp(slot.recipient, certificate.get());
    return difference == 0;
}

RecipientIdentifier identifier_of(const RecipientSlot& slot) {
    ASN1_OCTET_STRING* key_identifier = nullptr;
    X509_NAME* issuer = nullptr;
    ASN1_INTEGER* serial = nullptr;
    if (slot.encrypted_key != nullptr) {
        CMS_RecipientEncryptedKey_get0_id(slot.encrypted_key, &key_identifier, nullptr, nullptr, &issuer,
                                          &serial);
    } else {
        CMS_RecipientInfo_ktri_get0_signer_id(slot.recipient, &key_identifier, &issuer, &serial);
    }
    RecipientIdentifier identifier;
    if (key_identifier != nullptr) {
        identifier.subject_key_identifier =
            to_hex({ASN1_STRING_get0_data(key_identifier),
                    static_cast<std::size_t>(ASN1_STRING_length(key_identifier))});
    }
    if (issuer != nullptr && serial != nullptr) {
        identifier.issuer = name_text(issuer);
        identifier.serial_number = serial_text(serial);
    }
    return identifier;
}

Result<std::vector<RecipientIdentifier>> recipients(std::string_view mail) {
    SIGNET_TRY(const Entity entity, parse_mail(mail));
    SIGNET_TRY(const x509::CmsPointer cms, encrypted_body_of(entity));
    SIGNET_TRY(const auto slots, recipient_slots(cms.get()));
    std::vector<RecipientIdentifier> result;
    for (const RecipientSlot& slot : slots) {
        result.push_back(identifier_of(slot));
    }
    return result;
}

}  // namespace signet::smime
