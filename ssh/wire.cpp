#include "ssh/wire.h"

#include <algorithm>

namespace signet::ssh {
namespace {

constexpr std::size_t number_size = 4;

ByteView without_leading_zeros(ByteView digits) {
    const auto first =
        std::find_if(digits.begin(), digits.end(), [](std::uint8_t octet) { return octet != 0; });
    return {first, digits.end()};
}

}  // namespace

ByteView WireReader::take(std::size_t size) {
    if (m_failed || size > m_rest.size()) {
        fail();
        return {};
    }
    const ByteView taken = m_rest.first(size);
    m_rest = m_rest.subspan(size);
    return taken;
}

void WireReader::fail() {
    m_failed = true;
    m_rest = {};
}

std::uint8_t WireReader::octet() {
    const ByteView taken = take(1);
    return taken.empty() ? std::uint8_t{0} : taken[0];
}

bool WireReader::boolean() {
    return octet() != 0;
}

std::uint32_t WireReader::number() {
    std::uint32_t value = 0;
    for (const std::uint8_t octet : take(number_size)) {
        value = value << 8 | octet;
    }
    return value;
}

ByteView WireReader::string() {
    const std::uint32_t size = number();
    return take(size);
}

ByteView WireReader::positive_integer() {
    const ByteView integer = string();
    const ByteView digits = without_leading_zeros(integer);
    const bool needs_zero = !digits.empty() && (digits[0] & 0x80) != 0;
    if (digits.empty() || integer.size() != digits.size() + (needs_zero ? 1 : 0)) {
        fail();
        return {};
    }
    return digits;
}

ByteView WireReader::rest() {
    return take(m_rest.size());
}

void WireWriter::number(std::uint32_t value) {
    for (const int shift : {24, 16, 8, 0}) {
        m_octets.push_back(static_cast<std::uint8_t>(value >> shift));
    }
}

void WireWriter::string(ByteView value) {
    number(static_cast<std::uint32_t>(value.size()));
    m_octets.insert(m_octets.end(), value.begin(), value.end());
}

void WireWriter::positive_integer(ByteView digits) {
    digits = without_leading_zeros(digits);
    const bool needs_zero = !digits.empty() && (digits[0] & 0x80) != 0;
    number(static_cast<std::uint32_t>(digits.size() + (needs_zero ? 1 : 0)));
    if (needs_zero) {
        octet(0);
    }
    m_octets.insert(m_octets.end(), digits.begin(), digits.end());
}

}  // namespace signet::ssh
