#include "x509/name.h"

#include <openssl/objects.h>

#include <algorithm>
#include <string>
#include <vector>

namespace signet::x509 {
namespace {

struct Attribute {
    std::string type;
    std::string value;
};

using RelativeName = std::vector<Attribute>;

// Takes the text apart, from the left to the right.
class NameParser {
  public:
    explicit NameParser(std::string_view text) : m_rest(text) {}

    Result<std::vector<RelativeName>> names() {
        std::vector<RelativeName> names;
        do {
            SIGNET_TRY(auto name, relative_name());
            names.push_back(std::move(name));
        } while (skip(','));
        return names;
    }

  private:
    Result<RelativeName> relative_name() {
        RelativeName name;
        do {
            SIGNET_TRY(auto type, attribute_type());
            SIGNET_TRY(auto value, attribute_value());
            name.push_back({.type = std::move(type), .value = std::move(value)});
        } while (skip('+'));
        return name;
    }

    Result<std::string> attribute_type() {
        skip_blanks();
        const std::size_t end = m_rest.find('=');
        if (end == std::string_view::npos) {
            return failure(ErrorCode::malformed, "name", "\"=\" is missing after " + std::string(m_rest));
        }
        std::string type(m_rest.substr(0, end));
        type.erase(type.find_last_not_of(' ') + 1);
        m_rest.remove_prefix(end + 1);
        return type;
    }

    // Up to an unescaped "," or "+". Blanks around it do not count unless they are escaped.
    Result<std::string> attribute_value() {
        skip_blanks();
        if (m_rest.starts_with('#')) {
            return failure(ErrorCode::malformed, "name", "values in hexadecimal digits are not supported");
        }
        std::string value;
        std::size_t significant = 0;
        while (!m_rest.empty() && m_rest.front() != ',' && m_rest.front() != '+') {
            const char c = m_rest.front();
            m_rest.remove_prefix(1);
            if (c == '\\') {
                SIGNET_TRY(const char escaped, escaped_octet());
                value += escaped;
                significant = value.size();
                continue;
            }
            if (std::string_view("\"<>;").find(c) != std::string_view::npos || c == '\0') {
                return failure(ErrorCode::malformed, "name", std::string("unescaped ") + c);
            }
            value += c;
            significant = c == ' ' ? significant : value.size();
        }
        value.resize(significant);
        return value;
    }

    // A special character, or two hexadecimal digits.
    Result<char> escaped_octet() {
        constexpr std::string_view special = " \"#+,;<=>\\";
        if (!m_rest.empty() && special.find(m_rest.front()) != std::string_view::npos) {
            const char c = m_rest.front();
            m_rest.remove_prefix(1);
            return c;
        }
        const auto octets = from_hex(m_rest.substr(0, 2));
        if (!octets || octets->size() != 1) {
            return failure(ErrorCode::malformed, "name", "\"\\\" before what needs none");
        }
        m_rest.remove_prefix(2);
        return static_cast<char>(octets->front());
    }

    void skip_blanks() { m_rest.remove_prefix(std::min(m_rest.find_first_not_of(' '), m_rest.size())); }

    bool skip(char separator) {
        if (!m_rest.starts_with(separator)) {
            return false;
        }
        m_rest.remove_prefix(1);
        return true;
    }

    std::string_view m_rest;
};

Result<void> add(X509_NAME& name, const Attribute& attribute, bool same_relative_name) {
    // Numbers that OpenSSL has no name for are found by their dotted form.
    const std::unique_ptr<ASN1_OBJECT, Deleter<ASN1_OBJECT_free>> type(
        OBJ_txt2obj(attribute.type.c_str(), 0));
    if (!type || attribute.type.empty()) {
        (void)openssl_error("OBJ_txt2obj");
        return failure(ErrorCode::malformed, "name", "unknown attribute type \"" + attribute.type + "\"");
    }
    if (attribute.value.empty()) {
        return failure(ErrorCode::malformed, "name", attribute.type + " has no value");
    }
    const auto* value = reinterpret_cast<const unsigned char*>(attribute.value.data());
    if (X509_NAME_add_entry_by_OBJ(&name, type.get(), MBSTRING_UTF8, value,
                                   static_cast<int>(attribute.value.size()), -1,
                                   same_relative_name ? -1 : 0) != 1) {
        (void)openssl_error("X509_NAME_add_entry_by_OBJ");
        return failure(ErrorCode::malformed, "name",
                       "not a value for " + attribute.type + ": " + attribute.value);
    }
    return {};
}

}  // namespace

Result<NamePointer> parse_name(std::string_view text) {
    if (text.size() > max_name_size) {
        return failure(ErrorCode::too_large, "name", "a name of more than 4096 octets");
    }
    SIGNET_TRY(auto relative_names, NameParser(text).names());
    // RFC 4514 writes the last one first.
    std::reverse(relative_names.begin(), relative_names.end());
    NamePointer name(X509_NAME_new());
    for (const RelativeName& relative_name : relative_names) {
        for (std::size_t i = 0; i < relative_name.size(); ++i) {
            SIGNET_CHECK(add(*name, relative_name[i], i > 0));
        }
    }
    return name;
}

}  // namespace signet::x509
