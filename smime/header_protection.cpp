#include "smime/header_protection.h"

#include "smime/mime.h"

#include <algorithm>
#include <array>
#include <map>

namespace signet::smime {
namespace {

constexpr std::string_view outer_field = "HP-Outer";

bool is_structural(std::string_view name) {
    return starts_with_ignoring_case(name, "Content-") || equal_ignoring_case(name, "MIME-Version") ||
           equal_ignoring_case(name, outer_field);
}

// Of which a mail has one at most (RFC 5322 section 3.6).
bool is_shown(std::string_view name) {
    constexpr std::array<std::string_view, 8> shown{"From", "Sender", "Reply-To", "To",
                                                    "Cc",   "Bcc",    "Subject",  "Date"};
    return std::any_of(shown.begin(), shown.end(),
                       [name](std::string_view other) { return equal_ignoring_case(name, other); });
}

// For people, and however it was folded: transports fold lines anew.
std::string comparable(std::string_view value) {
    std::string text;
    for (const char c : decoded_text(value)) {
        const bool blank = c == ' ' || c == '\t';
        if (!blank || !text.ends_with(' ')) {
            text += blank ? ' ' : c;
        }
    }
    return text;
}

// What programs before RFC 9788 put in the place of an encrypted subject.
bool is_placeholder(std::string_view value) {
    return value.empty() || value == "..." || value == "[...]" || value == "Encrypted Message" ||
           value == "\xe2\x80\xa6";
}

// The values of all fields of one name, in the order in which they stand.
struct NamedFields {
    std::vector<std::string> inside;
    std::vector<std::string> outside;
    std::vector<std::string> announced;  // as put outside: "HP-Outer: Subject: [...]"
    FieldAgreement agreement = FieldAgreement::different;
    std::size_t reported = 0;
};

// A header is as long as its author likes: it is gone through once, and no name is looked for in all of it.
class Comparison {
  public:
    Comparison(const InnerHeader& protection, const Header& outside, bool encrypted)
        : m_form(protection.form), m_encrypted(encrypted) {
        for (const Field& field : protection.header->fields) {
            if (!is_structural(field.name)) {
                m_fields[field.name].inside.push_back(comparable(field.value));
            }
        }
        for (const Field& field : outside.fields) {
            if (NamedFields* named = find(field.name)) {
                named->outside.push_back(comparable(field.value));
            }
        }
        for (const Field& field : protection.header->fields) {
            if (equal_ignoring_case(field.name, outer_field)) {
                add_announced(unfolded(field.value));
            }
        }
        for (auto& [name, named] : m_fields) {
            named.agreement = agreement_of(name, named);
        }
    }

    // Of the protected fields, in the order in which they stand.
    ComparedField next(const Field& field) {
        NamedFields& named = m_fields.at(field.name);
        const std::size_t index = named.reported++;
        return {.name = std::string(field.name),
                .value = named.inside[index],
                .outside = index < named.outside.size() ? named.outside[index] : "",
                .stands_outside = !named.outside.empty(),
                .agreement = named.agreement};
    }

    [[nodiscard]] bool is_protected(std::string_view name) const { return m_fields.count(name) > 0; }

  private:
    NamedFields* find(std::string_view name) {
        const auto found = m_fields.find(name);
        return found == m_fields.end() ? nullptr : &found->second;
    }

    void add_announced(std::string_view text) {
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos) {
            return;
        }
        if (NamedFields* named = find(unfolded(text.substr(0, colon)))) {
            named->announced.push_back(comparable(text.substr(colon + 1)));
        }
    }

    [[nodiscard]] FieldAgreement agreement_of(std::string_view name, const NamedFields& fields) const {
        if (is_shown(name) && (fields.inside.size() > 1 || fields.outside.size() > 1)) {
            return FieldAgreement::different;
        }
        if (fields.inside == fields.outside) {
            return FieldAgreement::same;
        }
        return m_encrypted && is_hidden(name, fields) ? FieldAgreement::hidden : FieldAgreement::different;
    }

    [[nodiscard]] bool is_hidden(std::string_view name, const NamedFields& fields) const {
        switch (m_form) {
            case HeaderProtectionForm::clear:
                return false;
            case HeaderProtectionForm::cipher:
                return fields.outside == fields.announced;
            case HeaderProtectionForm::version_1:
            case HeaderProtectionForm::wrapped:
                break;
        }
        return fields.outside.empty() ||
               (equal_ignoring_case(name, "Subject") && is_placeholder(fields.outside.front()));
    }

    HeaderProtectionForm m_form;
    bool m_encrypted;
    std::map<std::string_view, NamedFields, LessIgnoringCase> m_fields;
};

}  // namespace

std::string_view name_of(HeaderProtectionForm form) {
    constexpr std::array names{"hp-clear", "hp-cipher", "protected-headers-v1", "wrapped"};
    return names.at(static_cast<std::size_t>(form));
}

std::string_view name_of(FieldAgreement agreement) {
    constexpr std::array names{"same", "hidden", "different", "outside_only"};
    return names.at(static_cast<std::size_t>(agreement));
}

std::optional<InnerHeader> header_protection_of(const MimePart& payload) {
    const std::string hp = content_type_parameter(payload.header, "hp");
    if (equal_ignoring_case(hp, "cipher")) {
        return InnerHeader{HeaderProtectionForm::cipher, &payload.header};
    }
    if (equal_ignoring_case(hp, "clear")) {
        return InnerHeader{HeaderProtectionForm::clear, &payload.header};
    }
    if (equal_ignoring_case(content_type_parameter(payload.header, "protected-headers"), "v1")) {
        return InnerHeader{HeaderProtectionForm::version_1, &payload.header};
    }
    const std::string parameter = content_type_parameter(payload.header, "forwarded");
    // RFC 8551 section 3.1. Nobody attaches the mail to itself.
    const bool forwarded = equal_ignoring_case(parameter, "yes") ||
                           (is_attachment(payload.header) && !equal_ignoring_case(parameter, "no"));
    if (payload.kind == PartKind::message && !forwarded) {
        return InnerHeader{HeaderProtectionForm::wrapped, &payload.parts.front()->header};
    }
    return std::nullopt;
}

std::vector<ComparedField> compare_headers(const InnerHeader& protection, const Header& outside,
                                           bool encrypted) {
    Comparison comparison(protection, outside, encrypted);
    std::vector<ComparedField> fields;
    for (const Field& field : protection.header->fields) {
        if (!is_structural(field.name)) {
            fields.push_back(comparison.next(field));
        }
    }
    for (const Field& field : outside.fields) {
        if (is_shown(field.name) && !comparison.is_protected(field.name)) {
            fields.push_back({.name = std::string(field.name),
                              .value = {},
                              .outside = comparable(field.value),
                              .stands_outside = true,
                              .agreement = FieldAgreement::outside_only});
        }
    }
    return fields;
}

}  // namespace signet::smime
