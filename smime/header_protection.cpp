#include "smime/header_protection.h"

#include "smime/mime.h"

#include <algorithm>
#include <array>

namespace signet::smime {
namespace {

constexpr std::string_view outer_field = "HP-Outer";

bool is_structural(std::string_view name) {
    return starts_with_ignoring_case(name, "Content-") || equal_ignoring_case(name, "MIME-Version") ||
           equal_ignoring_case(name, outer_field);
}

bool is_shown(std::string_view name) {
    constexpr std::array<std::string_view, 8> shown{"From", "Sender", "Reply-To", "To",
                                                    "Cc",   "Bcc",    "Subject",  "Date"};
    return std::any_of(shown.begin(), shown.end(),
                       [name](std::string_view other) { return equal_ignoring_case(name, other); });
}

struct NamedValue {
    std::string name;
    std::string value;
};

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

// What HP-Outer says was put outside: "HP-Outer: Subject: [...]".
std::vector<NamedValue> outer_fields(const Header& inside) {
    std::vector<NamedValue> fields;
    for (const Field& field : inside.fields) {
        if (!equal_ignoring_case(field.name, outer_field)) {
            continue;
        }
        const std::string text = unfolded(field.value);
        const std::size_t colon = text.find(':');
        if (colon != std::string::npos) {
            fields.push_back({unfolded(text.substr(0, colon)), comparable(text.substr(colon + 1))});
        }
    }
    return fields;
}

const NamedValue* find(const std::vector<NamedValue>& fields, std::string_view name) {
    const auto found = std::find_if(fields.begin(), fields.end(), [name](const NamedValue& field) {
        return equal_ignoring_case(field.name, name);
    });
    return found == fields.end() ? nullptr : &*found;
}

// What programs before RFC 9788 put in the place of an encrypted subject.
bool is_placeholder(std::string_view value) {
    return value.empty() || value == "..." || value == "[...]" || value == "Encrypted Message" ||
           value == "\xe2\x80\xa6";
}

class Comparer {
  public:
    Comparer(const InnerHeader& protection, const Header& outside, bool encrypted)
        : m_protection(protection),
          m_outside(outside),
          m_encrypted(encrypted),
          m_announced(outer_fields(*protection.header)) {}

    [[nodiscard]] ComparedField compare(const Field& field) const {
        const Field* outside = m_outside.find(field.name);
        ComparedField result{.name = std::string(field.name),
                             .value = comparable(field.value),
                             .outside = outside != nullptr ? comparable(outside->value) : ""};
        const bool once = m_outside.count(field.name) <= 1 && m_protection.header->count(field.name) == 1;
        if (outside != nullptr && result.outside == result.value && once) {
            result.agreement = FieldAgreement::same;
        } else {
            result.agreement = once && is_hidden(result, outside != nullptr) ? FieldAgreement::hidden
                                                                             : FieldAgreement::different;
        }
        return result;
    }

  private:
    [[nodiscard]] bool is_hidden(const ComparedField& field, bool stands_outside) const {
        if (!m_encrypted) {
            return false;
        }
        switch (m_protection.form) {
            case HeaderProtectionForm::clear:
                return false;
            case HeaderProtectionForm::cipher: {
                const NamedValue* announced = find(m_announced, field.name);
                return announced != nullptr ? stands_outside && field.outside == announced->value
                                            : !stands_outside;
            }
            case HeaderProtectionForm::version_1:
            case HeaderProtectionForm::wrapped:
                break;
        }
        return !stands_outside ||
               (equal_ignoring_case(field.name, "Subject") && is_placeholder(field.outside));
    }

    const InnerHeader& m_protection;
    const Header& m_outside;
    bool m_encrypted;
    std::vector<NamedValue> m_announced;
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
    const bool forwarded = equal_ignoring_case(content_type_parameter(payload.header, "forwarded"), "yes");
    if (payload.kind == PartKind::message && !forwarded) {
        return InnerHeader{HeaderProtectionForm::wrapped, &payload.parts.front()->header};
    }
    return std::nullopt;
}

std::vector<ComparedField> compare_headers(const InnerHeader& protection, const Header& outside,
                                           bool encrypted) {
    const Comparer comparer(protection, outside, encrypted);
    std::vector<ComparedField> fields;
    for (const Field& field : protection.header->fields) {
        if (!is_structural(field.name)) {
            fields.push_back(comparer.compare(field));
        }
    }
    for (const Field& field : outside.fields) {
        if (is_shown(field.name) && protection.header->find(field.name) == nullptr) {
            fields.push_back({.name = std::string(field.name),
                              .value = {},
                              .outside = comparable(field.value),
                              .agreement = FieldAgreement::outside_only});
        }
    }
    return fields;
}

}  // namespace signet::smime
