#include "ipc/writer.h"

#include <algorithm>
#include <utility>

namespace signet::ipc {
namespace {

bool needs_escape(char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

}  // namespace

void Writer::field(std::string_view name) {
    if (m_out.back() != '{') {
        m_out += ',';
    }
    m_out += '"';
    m_out += name;
    m_out += "\":";
}

void Writer::append_text(std::string& out, std::string_view value) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    while (!value.empty()) {
        const auto* const special = std::find_if(value.begin(), value.end(), needs_escape);
        out.append(value.begin(), special);
        value.remove_prefix(static_cast<std::size_t>(special - value.begin()));
        if (value.empty()) {
            break;
        }
        const auto octet = static_cast<unsigned char>(value.front());
        if (octet < 0x20) {
            out += "\\u00";
            out += digits[octet >> 4];
            out += digits[octet & 15];
        } else {
            out += '\\';
            out += value.front();
        }
        value.remove_prefix(1);
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

void Writer::begin_object(std::string_view name) {
    field(name);
    m_out += '{';
}

void Writer::end_object() {
    m_out += '}';
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
