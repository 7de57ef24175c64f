#include "smime/plain_value.h"

#include "smime/header.h"

#include <algorithm>
#include <cctype>

namespace signet::smime {
namespace {

constexpr std::string_view blanks = " \t";
constexpr std::size_t max_parameters = 64;

bool is_printable(char c) {
    return c >= ' ' && c <= '~';
}

bool is_alphanumeric(char c) {
    return is_printable(c) && std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// RFC 2045 section 5.1.
bool is_token_character(char c) {
    constexpr std::string_view specials = " ()<>@,;:\\\"/[]?=";
    return is_printable(c) && specials.find(c) == std::string_view::npos;
}

// RFC 5322 section 3.2.3.
bool is_atom_character(char c) {
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
}

// Atoms or labels with a dot between each two.
bool is_dotted(std::string_view text, bool (*is_allowed)(char)) {
    return !text.empty() && text.front() != '.' && text.back() != '.' &&
           text.find("..") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [&](char c) { return c == '.' || is_allowed(c); });
}

bool is_label_character(char c) {
    return is_alphanumeric(c) || c == '-';
}

bool is_plain_address(std::string_view text) {
    const std::size_t at = text.find('@');
    if (at == std::string_view::npos) {
        return false;
    }
    const std::string_view domain = text.substr(at + 1);
    return is_dotted(text.substr(0, at), is_atom_character) && is_dotted(domain, is_label_character) &&
           domain.find("--") == std::string_view::npos;  // IDNA
}

class ValueScanner {
  public:
    explicit ValueScanner(std::string_view text) : m_rest(text) {}

    [[nodiscard]] bool at_end() const { return m_rest.empty(); }

    void skip_blanks() { m_rest.remove_prefix(std::min(m_rest.find_first_not_of(blanks), m_rest.size())); }

    bool take(char c) {
        const bool there = m_rest.starts_with(c);
        m_rest.remove_prefix(there ? 1 : 0);
        return there;
    }

    // Empty when there is none.
    std::string_view take_token() {
        const auto* end = std::find_if_not(m_rest.begin(), m_rest.end(), is_token_character);
        return take(static_cast<std::size_t>(end - m_rest.begin()));
    }

    // Of what stands in quotation marks, which must not be empty.
    std::string_view take_quoted() {
        const std::size_t end = take('"') ? m_rest.find('"') : std::string_view::npos;
        if (end == std::string_view::npos) {
            return {};
        }
        const std::string_view text = take(end);
        m_rest.remove_prefix(1);
        const bool plain = std::all_of(text.begin(), text.end(), is_printable) &&
                           text.find('\\') == std::string_view::npos &&
                           text.find("=?") == std::string_view::npos && !text.starts_with(' ') &&
                           !text.ends_with(' ');
        return plain ? text : std::string_view();
    }

  private:
    std::string_view take(std::size_t size) {
        const std::string_view text = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        return text;
    }

    std::string_view m_rest;
};

// Words, initials with a dot among them, or one quoted text.
bool is_plain_phrase(std::string_view text) {
    ValueScanner scanner(text);
    scanner.skip_blanks();
    if (!scanner.take_quoted().empty()) {
        scanner.skip_blanks();
        return scanner.at_end();
    }
    return text.empty() ||
           (is_alphanumeric(text.front()) && std::all_of(text.begin(), text.end(), [](char c) {
                return is_alphanumeric(c) || c == '-' || c == '.' || c == ' ';
            }));
}

}  // namespace

std::string_view PlainContentType::parameter(std::string_view name) const {
    const auto found = std::find_if(parameters.begin(), parameters.end(), [name](const auto& parameter) {
        return equal_ignoring_case(parameter.first, name);
    });
    return found != parameters.end() ? found->second : std::string_view();
}

std::optional<PlainContentType> plain_content_type(std::string_view value) {
    PlainContentType result;
    ValueScanner scanner(value);
    result.type = scanner.take_token();
    const bool divided = scanner.take('/');
    result.subtype = scanner.take_token();
    if (result.type.empty() || !divided || result.subtype.empty()) {
        return std::nullopt;
    }
    for (scanner.skip_blanks(); !scanner.at_end(); scanner.skip_blanks()) {
        if (!scanner.take(';')) {
            return std::nullopt;
        }
        scanner.skip_blanks();
        const std::string_view name = scanner.take_token();
        const bool extended = name.find('*') != std::string_view::npos;  // RFC 2231
        const bool new_name = result.parameters.size() < max_parameters && result.parameter(name).empty();
        if (name.empty() || extended || !scanner.take('=') || !new_name) {
            return std::nullopt;
        }
        const std::string_view token = scanner.take_token();
        const std::string_view text = token.empty() ? scanner.take_quoted() : token;
        if (text.empty()) {
            return std::nullopt;
        }
        result.parameters.emplace_back(name, text);
    }
    return result;
}

std::optional<std::string_view> plain_mailbox(std::string_view value) {
    std::string_view address = value;
    if (const std::size_t open = value.find('<'); open != std::string_view::npos) {
        if (!value.ends_with('>') || !is_plain_phrase(value.substr(0, open))) {
            return std::nullopt;
        }
        address = value.substr(open + 1, value.size() - open - 2);
    }
    return is_plain_address(address) ? std::optional(address) : std::nullopt;
}

bool is_plain_text(std::string_view value) {
    return std::all_of(value.begin(), value.end(), is_printable) &&
           value.find("=?") == std::string_view::npos;
}

}  // namespace signet::smime
