#include "cli/cms_output.h"

#include "base/bytes.h"

namespace signet::cli {
namespace {

constexpr std::size_t octets_per_line = 48;  // RFC 7468 section 2: 64 characters

}  // namespace

Result<void> BareCms::check() const {
    if (crlf && !wanted()) {
        return failure(ErrorCode::invalid_parameter, "--crlf", "--crlf goes with --cms or --pem");
    }
    return {};
}

CmsSink::CmsSink(smime::Sink& next, bool pem, std::string label)
    : m_next(next), m_pem(pem), m_label(std::move(label)) {}

Result<void> CmsSink::write(std::string_view octets) {
    if (!m_pem) {
        return m_next.write(octets);
    }
    std::string lines = m_begun ? "" : "-----BEGIN " + m_label + "-----\n";
    m_begun = true;
    while (m_rest.size() + octets.size() >= octets_per_line) {
        const std::size_t count = octets_per_line - m_rest.size();
        m_rest += octets.substr(0, count);
        octets.remove_prefix(count);
        lines += to_base64(as_bytes(m_rest)) + "\n";
        m_rest.clear();
    }
    m_rest += octets;
    return m_next.write(lines);
}

Result<void> CmsSink::finish() {
    if (!m_pem) {
        return {};
    }
    const std::string last = m_rest.empty() ? "" : to_base64(as_bytes(m_rest)) + "\n";
    return m_next.write(last + "-----END " + m_label + "-----\n");
}

}  // namespace signet::cli
