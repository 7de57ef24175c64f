#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace signet::smime {

// A header field as it stands in the mail.
struct Field {
    std::string_view raw;    // name, colon, value and line breaks
    std::string_view name;   // without blanks before the colon
    std::string_view value;  // what follows the colon, folded as it came
};

// A MIME entity as ranges of the text it was found in, which must outlive it.
struct Entity {
    std::vector<Field> fields;
    std::string_view body;

    [[nodiscard]] const Field* find(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const;
};

bool equal_ignoring_case(std::string_view a, std::string_view b);
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);
// Unfolded, without blanks around it.
std::string unfolded(std::string_view value);
// Fields that describe the body (RFC 2045 section 3): they belong to what is signed or encrypted.
bool describes_body(const Field& field);

// Splits header and body. A leading mbox line ("From ", ">From ") is passed over. A header that holds a line
// which is no field, or a CR alone or a NUL, is malformed: readers disagree about such mails. No field at all
// is allowed where the text begins with an empty line.
Result<Entity> parse_entity(std::string_view text);
// The same with the size limit of mails, and at least one field.
Result<Entity> parse_mail(std::string_view text);

}  // namespace signet::smime
