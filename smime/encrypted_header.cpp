#include "smime/encrypted_header.h"

#include "smime/header_protection.h"
#include "smime/mail_signature.h"
#include "smime/protected_header.h"
#include "x509/certificate.h"

#include <algorithm>

namespace signet::smime {
namespace {

// RFC 9788 section 4.4: what transports have vouched for is the address outside.
bool is_from_of(const Header& outside, const Header& inside) {
    const Addresses shown = addresses_of(outside, "From");
    const Addresses encrypted = addresses_of(inside, "From");
    return shown.readable && encrypted.readable &&
           std::equal(shown.mailboxes.begin(), shown.mailboxes.end(), encrypted.mailboxes.begin(),
                      encrypted.mailboxes.end(), x509::same_address);
}

}  // namespace

Result<EncryptedHeader> EncryptedHeader::of(const Source& content, const Header& outside) {
    EncryptedHeader result;
    SIGNET_TRY(result.m_begin, scan_begin(content));
    if (!result.m_begin) {
        return result;
    }
    const MimePart& payload = within_signatures(*result.m_begin);
    const auto protection = header_protection_of(payload);
    const bool is_signed = &payload != result.m_begin.get();
    if (!protection && !is_signed) {
        result.take_unmarked(outside);
    }
    if (!protection || protection->form == HeaderProtectionForm::wrapped) {
        return result;
    }
    const bool same_from = is_from_of(outside, payload.header);
    for (const Field& field : payload.header.fields) {
        const bool announces = equal_ignoring_case(field.name, "HP-Outer");
        const bool from = equal_ignoring_case(field.name, "From");
        const bool kept = announces ? !is_signed : !stays_outside_only(field) && (!from || same_from);
        if (kept && !describes_body(field)) {
            result.m_fields.push_back(field);
            result.m_names.insert(field.name);
        }
    }
    return result;
}

// Nobody said that they are the mail's: they contradict nothing that is shown outside.
void EncryptedHeader::take_unmarked(const Header& outside) {
    const auto& fields = m_begin->header.fields;
    if (std::none_of(fields.begin(), fields.end(), describes_body)) {
        return;  // text, which looks like a header
    }
    for (const Field& field : fields) {
        if (describes_body(field) || stays_outside_only(field)) {
            continue;
        }
        const Field* const shown = outside.find(field.name);
        if (shown == nullptr && !equal_ignoring_case(field.name, "From")) {
            m_fields.push_back(field);
        } else if (shown == nullptr || unfolded(shown->value) != unfolded(field.value)) {
            m_left_out.emplace_back(field.name);
        }
    }
}

bool EncryptedHeader::replaces(const Field& outside) const {
    return m_names.contains(outside.name);
}

}  // namespace signet::smime
