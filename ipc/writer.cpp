#include "ipc/writer.h"

#include <utility>

namespace signet::ipc {

void Writer::field(std::string_view name) {
    if (m_out.size() > 1) {
        m_out += ',';
    }
    m_out += '"';
    m_out += name;
    m_out += "\":";
}

void Writer::append_text(std::string& out, std::string_view value) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char c : value) {
        const auto octet = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (octet < 0x20) {
            out += "\\u00";
            out += digits[octet >> 4];
            out += digits[octet & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

void Writer::text(std::string_view name, std::string_view value) {
    field(name);
    append_text(m_out, value);
}

void Writer::plain(std::string_view name, std::string_view value) {
    field(name);
    m_out += '"';
    m_out += value;
    m_out += '"';
}

void Writer::octets(std::string_view name, ByteView value) {
    field(name);
    m_out += '"';
    append_base64(m_out, value);
    m_out += '"';
}

void Writer::number(std::string_view name, std::int64_t value) {
    field(name);
    m_out += std::to_string(value);
}

void Writer::boolean(std::string_view name, bool value) {
    field(name);
    m_out += value ? "true" : "false";
}

void Writer::raw(std::string_view name, std::string_view value) {
    field(name);
    m_out += value;
}

std::string Writer::finish() {
    m_out += '}';
    return std::move(m_out);
}

}  // namespace signet::ipc
