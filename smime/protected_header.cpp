#include "smime/protected_header.h"

#include "smime/line_endings.h"

#include <algorithm>
#include <array>

namespace signet::smime {
namespace {

constexpr std::string_view obscured_subject = "Subject: [...]\r\n";

template <std::size_t count>
bool is_one_of(const Field& field, const std::array<std::string_view, count>& names) {
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return equal_ignoring_case(field.name, name); });
}

// With CRLF, also behind a last field that had no line break.
std::string whole_field(const Field& field) {
    return std::string(without_line_break(to_crlf(field.raw))).append("\r\n");
}

// What the baseline policy leaves of a field; nothing where it removes it.
std::string confidential(const Field& field) {
    if (is_one_of(field, std::array<std::string_view, 2>{"Comments", "Keywords"})) {
        return {};
    }
    return equal_ignoring_case(field.name, "Subject") ? std::string(obscured_subject) : whole_field(field);
}

}  // namespace

ProtectedHeader protect_header(const std::vector<Field>& fields, HeaderProtection protection) {
    ProtectedHeader header;
    std::string copies_of_outer;
    for (const Field& field : fields) {
        if (protection == HeaderProtection::none || stays_outside_only(field)) {
            header.outer += whole_field(field);
            continue;
        }
        header.inside += whole_field(field);
        const bool cipher = protection == HeaderProtection::cipher;
        const std::string outer = cipher ? confidential(field) : whole_field(field);
        header.outer += outer;
        if (cipher && !outer.empty()) {
            copies_of_outer += "HP-Outer: " + outer;
        }
    }
    header.inside += copies_of_outer;
    return header;
}

bool stays_outside_only(const Field& field) {
    return is_one_of(field, std::array<std::string_view, 6>{"Bcc", "Resent-Bcc", "Received", "Return-Path",
                                                            "HP-Outer", "DKIM-Signature"});
}

bool is_hidden_by_baseline_policy(const Field& field) {
    return is_one_of(field, std::array<std::string_view, 3>{"Subject", "Comments", "Keywords"});
}

std::string content_type_with_protection(std::string_view field, HeaderProtection protection) {
    std::string_view text = field;
    text.remove_suffix(text.size() - (text.find_last_not_of("; \t\r\n") + 1));
    const std::string_view value = protection == HeaderProtection::cipher ? "cipher" : "clear";
    return to_crlf(text).append(";\r\n hp=\"").append(value).append("\"\r\n");
}

}  // namespace signet::smime
