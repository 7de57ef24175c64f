#pragma once

#include "base/letter_case.h"
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

// The fields of a MIME entity, as ranges of the text they were found in, which must outlive them.
struct Header {
    std::vector<Field> fields;

    [[nodiscard]] const Field* find(std::string_view name) const;
    [[nodiscard]] std::size_t count(std::string_view name) const;
};

// Orders names for maps and sets.
struct LessIgnoringCase {
    bool operator()(std::string_view a, std::string_view b) const;
};
bool starts_with_ignoring_case(std::string_view text, std::string_view prefix);
// Unfolded, without blanks around it.
std::string unfolded(std::string_view value);
// Fields that describe the body (RFC 2045 section 3): they belong to what is signed or encrypted.
bool describes_body(const Field& field);

// A leading mbox line, which is no field.
bool is_mbox_line(std::string_view line);

// `text` is all field lines, without the empty line behind them. A line which is no field, a CR alone or a
// NUL is malformed: readers disagree about such mails.
Result<Header> parse_header(std::string_view text);

}  // namespace signet::smime
