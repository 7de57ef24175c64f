#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Values of header fields in the forms that nearly all mails have and nobody can read in two ways: no
// comment, no escape, no encoded word, no octet outside ASCII. Nothing is the answer to all others; GMime
// reads them. Values are unfolded.
namespace signet::smime {

// Points into the value.
struct PlainContentType {
    std::string_view type;
    std::string_view subtype;
    std::vector<std::pair<std::string_view, std::string_view>> parameters;  // each name once

    // Empty when it is not there.
    [[nodiscard]] std::string_view parameter(std::string_view name) const;
};
// With 64 parameters at most.
std::optional<PlainContentType> plain_content_type(std::string_view value);

// The address in "alice@example.org", "<alice@example.org>" and "Alice Example <alice@example.org>".
std::optional<std::string_view> plain_mailbox(std::string_view value);

// Text that says what it says: nothing to decode.
bool is_plain_text(std::string_view value);

}  // namespace signet::smime
