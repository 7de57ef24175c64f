#include "smime/header_contradiction.h"

#include <algorithm>
#include <array>

namespace signet::smime {
namespace {

// RFC 9788 protects all fields that the author set. From and Sender are compared with the certificate, Date
// with the signing time, wherever they stand; transports add a Date, and Bcc stays outside.
bool must_be_protected(std::string_view name, HeaderProtectionForm form) {
    constexpr std::array<std::string_view, 4> names{"Reply-To", "To", "Cc", "Subject"};
    return (form == HeaderProtectionForm::clear || form == HeaderProtectionForm::cipher) &&
           std::any_of(names.begin(), names.end(),
                       [name](std::string_view other) { return equal_ignoring_case(name, other); });
}

}  // namespace

std::optional<std::string> contradiction(const ComparedField& field, HeaderProtectionForm form) {
    if (field.agreement == FieldAgreement::different) {
        return "the " + field.name + " field outside is not the protected one";
    }
    if (field.agreement == FieldAgreement::outside_only && must_be_protected(field.name, form)) {
        return "the " + field.name + " field is not among the protected ones";
    }
    return std::nullopt;
}

}  // namespace signet::smime
