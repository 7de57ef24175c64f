#include "smime/decrypt.h"

#include "smime/entity.h"
#include "smime/line_endings.h"
#include "smime/mime.h"
#include "smime/recipients.h"

#include <openssl/err.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace signet::smime {
namespace {

// The one answer to wrong padding, wrong key, wrong tag and nonsense inside (Bleichenbacher, Vaudenay,
// EFAIL).
Failure cannot_decrypt() {
    ERR_clear_error();
    return failure(ErrorCode::crypto, "decrypt", "the content cannot be decrypted");
}

std::string text_of(const RecipientIdentifier& identifier) {
    return identifier.subject_key_identifier.empty()
               ? "issuer " + identifier.issuer + ", serial number " + identifier.serial_number
               : "subject key identifier " + identifier.subject_key_identifier;
}

Failure no_key_fits(const std::vector<RecipientSlot>& slots) {
    std::string detail = "the mail is encrypted to ";
    for (std::size_t i = 0; i < slots.size(); ++i) {
        detail += (i == 0 ? "" : "; ") + text_of(identifier_of(slots[i]));
    }
    return failure(ErrorCode::not_found, "decrypt", slots.empty() ? "the mail names no certificate" : detail);
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
    const int unwrapped =
        slot.encrypted_key != nullptr ? unwrap_agreed(cms, slot, key) : unwrap_transported(cms, slot, key);
    if (unwrapped == 1) {
        return {};
    }
    Error error = x509::key_error("unwrap the content key");
    return error.code == ErrorCode::crypto ? Result<void>() : Failure(std::move(error));
}

Result<std::string> decrypt_content(CMS_ContentInfo* cms) {
    const x509::BioPointer plaintext(BIO_new(BIO_s_mem()));
    if (!plaintext || CMS_decrypt(cms, nullptr, nullptr, nullptr, plaintext.get(), CMS_BINARY) != 1) {
        return cannot_decrypt();
    }
    return std::string(as_text(x509::memory_content(plaintext.get())));
}

const RecipientSlot* slot_for(const std::vector<RecipientSlot>& slots, const x509::Certificate& certificate) {
    const auto slot = std::find_if(slots.begin(), slots.end(), [&](const RecipientSlot& candidate) {
        return names(candidate, certificate);
    });
    return slot == slots.end() ? nullptr : &*slot;
}

// Keys are tried in the caller's order until one can be used.
Result<void> unwrap_with_any(CMS_ContentInfo* cms, std::span<const DecryptionKey> keys) {
    SIGNET_TRY(const std::vector<RecipientSlot> slots, recipient_slots(cms));
    std::optional<Error> last_error;
    for (const DecryptionKey& key : keys) {
        const RecipientSlot* slot = slot_for(slots, key.certificate);
        if (slot == nullptr) {
            continue;
        }
        const auto opened = key.open();
        const auto unwrapped = opened ? unwrap(cms, *slot, opened->get()) : Failure(opened.error());
        if (unwrapped) {
            return {};
        }
        last_error = unwrapped.error();
        // A person who said no, or a blocked PIN, is not asked for the next key.
        if (last_error->code == ErrorCode::cancelled || last_error->code == ErrorCode::pin_blocked) {
            break;
        }
    }
    if (last_error) {
        return Failure(std::move(*last_error));
    }
    return no_key_fits(slots);
}

bool has_binary_part(std::string_view content) {
    constexpr std::string_view field = "content-transfer-encoding: binary";
    const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    return std::search(content.begin(), content.end(), field.begin(), field.end(), same) != content.end();
}

// Octets of a binary part must not be touched; everything else takes on the line ending of the mail around
// it.
std::string in_line_ending_of(std::string_view mail, std::string content) {
    const bool convert =
        line_ending_of(mail) == LineEnding::lf && has_only_crlf(content) && !has_binary_part(content);
    return convert ? to_lf(content) : content;
}

bool is_readable_text(std::string_view text) {
    std::string plain(text);
    std::erase_if(plain, [](char c) { return c == '\r' || c == '\n' || c == '\t'; });
    return printable_utf8(plain) == plain;
}

// The entity inside. Some programs encrypt text without any header; nonsense from a wrong key is told apart
// by not being text.
Result<Entity> inner_entity(std::string_view content) {
    auto entity = parse_entity(content);
    const bool has_header =
        entity && std::any_of(entity->fields.begin(), entity->fields.end(), describes_body);
    if (has_header) {
        return *entity;
    }
    if (!is_readable_text(content)) {
        return cannot_decrypt();
    }
    Entity text;
    text.body = content;
    return text;
}

std::string joined(const Entity& outer, const Entity& inner, std::string_view line_break) {
    std::string result;
    for (const Field& field : outer.fields) {
        if (!describes_body(field)) {
            result += field.raw;
        }
    }
    for (const Field& field : inner.fields) {
        if (describes_body(field)) {
            result += field.raw;
        }
    }
    return result.append(line_break).append(inner.body);
}

}  // namespace

Result<std::string> decrypt(std::string_view mail, std::span<const DecryptionKey> keys) {
    SIGNET_TRY(const Entity outer, parse_mail(mail));
    SIGNET_TRY(const x509::CmsPointer cms, encrypted_body_of(outer));
    SIGNET_CHECK(unwrap_with_any(cms.get(), keys));
    SIGNET_TRY(std::string plaintext, decrypt_content(cms.get()));
    const std::string content = in_line_ending_of(mail, std::move(plaintext));
    SIGNET_TRY(const Entity inner, inner_entity(content));
    return joined(outer, inner, line_ending_of(mail) == LineEnding::crlf ? "\r\n" : "\n");
}

}  // namespace signet::smime
