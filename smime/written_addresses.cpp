#include "smime/written_addresses.h"

namespace signet::smime {
namespace {

// Counts what stands between the separators of RFC 5322 section 3.4.
class Counter {
  public:
    explicit Counter(std::string_view list) : m_rest(list) {}

    std::optional<std::size_t> count() {
        while (!m_rest.empty()) {
            const char next = m_rest.front();
            if (next == ',' || next == ';') {
                end_of_address();
            } else if (next == ':') {
                m_within = false;  // the name of a group ends
            } else if (next == '(') {
                if (!skip_comment()) {
                    return std::nullopt;
                }
                continue;
            } else if (next != ' ' && next != '\t') {
                m_within = true;
                if (!skip_bracketed()) {
                    return std::nullopt;
                }
                continue;
            }
            m_rest.remove_prefix(1);
        }
        end_of_address();
        return m_count;
    }

  private:
    void end_of_address() {
        m_count += m_within ? 1 : 0;
        m_within = false;
    }
    bool skip_comment() {
        std::size_t depth = 0;
        for (std::size_t i = 0; i < m_rest.size(); ++i) {
            if (m_rest[i] == '\\') {
                ++i;
            } else if (m_rest[i] == '(') {
                ++depth;
            } else if (m_rest[i] == ')' && --depth == 0) {
                m_rest.remove_prefix(i + 1);
                return true;
            }
        }
        return false;
    }
    // An octet, or all from an opening to its closing one.
    bool skip_bracketed() {
        switch (m_rest.front()) {
            case '"':
                return skip_to('"');
            case '<':
                return skip_to('>');
            case '[':
                return skip_to(']');
            default:
                m_rest.remove_prefix(1);
                return true;
        }
    }
    bool skip_to(char closing) {
        bool quoted = closing == '"';
        for (std::size_t i = 1; i < m_rest.size(); ++i) {
            if (m_rest[i] == '\\') {
                ++i;
            } else if (m_rest[i] == closing && (closing == '"' || !quoted)) {
                m_rest.remove_prefix(i + 1);
                return true;
            } else if (m_rest[i] == '"') {
                quoted = !quoted;
            }
        }
        return false;
    }

    std::string_view m_rest;
    std::size_t m_count = 0;
    bool m_within = false;
};

}  // namespace

std::optional<std::size_t> count_written_addresses(std::string_view list) {
    return Counter(list).count();
}

}  // namespace signet::smime
