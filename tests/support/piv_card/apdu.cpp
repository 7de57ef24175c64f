#include "tests/support/piv_card/apdu.h"

namespace signet::test::piv_card {
namespace {

constexpr std::size_t header_size = 4;

std::size_t number(ByteView octets) {
    std::size_t value = 0;
    for (const auto octet : octets) {
        value = value << 8 | octet;
    }
    return value;
}

// What follows the header: [Lc data] [Le], with lengths of `size` octets.
bool parse_body(ByteView body, std::size_t size, Command& command) {
    const std::size_t most = std::size_t{1} << (8 * size);
    if (body.size() == size) {
        command.expected = number(body) == 0 ? most : number(body);
        return true;
    }
    if (body.size() < size) {
        return false;
    }
    const std::size_t length = number(body.first(size));
    body = body.subspan(size);
    if (length == 0 || (body.size() != length && body.size() != length + size)) {
        return false;
    }
    command.data.assign(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(length));
    body = body.subspan(length);
    return body.empty() || parse_body(body, size, command);
}

}  // namespace

Bytes Response::octets() const {
    Bytes out = data;
    out.push_back(static_cast<std::uint8_t>(status >> 8));
    out.push_back(static_cast<std::uint8_t>(status));
    return out;
}

std::optional<Command> parse_command(ByteView octets) {
    if (octets.size() < header_size) {
        return std::nullopt;
    }
    Command command{.cla = octets[0], .ins = octets[1], .p1 = octets[2], .p2 = octets[3]};
    auto body = octets.subspan(header_size);
    if (body.empty()) {
        return command;
    }
    command.extended = body[0] == 0 && body.size() > 1;
    const bool parsed =
        command.extended ? parse_body(body.subspan(1), 2, command) : parse_body(body, 1, command);
    return parsed ? std::optional(command) : std::nullopt;
}

}  // namespace signet::test::piv_card
