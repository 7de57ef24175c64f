#include "tests/support/piv_card/command_layer.h"

#include "tests/support/piv_card/tlv.h"

#include <algorithm>
#include <utility>

namespace signet::test::piv_card {
namespace {

constexpr std::uint8_t chaining_bit = 0x10;
constexpr std::uint8_t instruction_get_response = 0xC0;
constexpr std::size_t short_block = 256;
constexpr std::size_t extended_block = 65536;
constexpr std::size_t longest_chain = 16384;

// Refuses what ISO 7816-4 section 5.4.1 puts into CLA and this card does not do.
std::uint16_t class_status(std::uint8_t cla) {
    if ((cla & 0xE0) != 0) {
        return status::unknown_class;
    }
    if ((cla & 0x0C) != 0) {
        return status::no_secure_messaging;
    }
    return (cla & 0x03) != 0 ? status::no_logical_channels : status::success;
}

bool same_header(const Command& a, const Command& b) {
    return a.ins == b.ins && a.p1 == b.p1 && a.p2 == b.p2;
}

// The octets that a block of the response may have. A missing Le counts as the largest.
std::size_t block_limit(const Command& command) {
    return command.expected.value_or(command.extended ? extended_block : short_block);
}

std::uint8_t count_octet(std::size_t count) {
    return static_cast<std::uint8_t>(count >= short_block ? 0 : count);
}

}  // namespace

void CommandLayer::reset() {
    m_chain.reset();
    m_corrected.reset();
    m_pending.clear();
    m_applet.reset();
}

Response CommandLayer::exchange(ByteView octets) {
    auto command = parse_command(octets);
    if (!command || (command->extended && !m_settings.extended_length)) {
        m_applet.interrupt();
        return status::wrong_length;
    }
    if (const auto refused = class_status(command->cla); refused != status::success) {
        m_applet.interrupt();
        return refused;
    }
    if (command->ins == instruction_get_response) {
        return get_response(*command);
    }
    if (m_corrected && same_header(*m_corrected, *command) && m_corrected->data == command->data) {
        return corrected(*command);
    }
    m_pending.clear();
    m_corrected.reset();
    if (auto answered = collect(*command)) {
        return *answered;
    }
    return run(*command);
}

std::optional<Response> CommandLayer::collect(Command& command) {
    if (m_chain && !same_header(*m_chain, command)) {
        m_chain.reset();
    }
    if (m_chain) {
        append(m_chain->data, command.data);
        command.data = std::move(m_chain->data);
        m_chain.reset();
        if (command.data.size() > longest_chain) {
            return status::wrong_length;
        }
    }
    if ((command.cla & chaining_bit) != 0) {
        m_chain = std::move(command);
        return Response();
    }
    return std::nullopt;
}

Response CommandLayer::run(const Command& command) {
    auto response = m_applet.process(command);
    if (response.data.empty()) {
        return response;
    }
    const auto limit = block_limit(command);
    m_pending = std::move(response.data);
    m_pending_status = response.status;
    // What does not fit into one short block comes in blocks anyhow.
    if (m_settings.corrects_expected_length && m_pending.size() <= short_block) {
        m_corrected = command;
        return corrected(command);
    }
    return next_block(limit);
}

Response CommandLayer::corrected(const Command& command) {
    const auto limit = block_limit(command);
    if (limit < m_pending.size()) {
        return static_cast<std::uint16_t>(status::wrong_expected_length | count_octet(m_pending.size()));
    }
    m_corrected.reset();
    return next_block(limit);
}

Response CommandLayer::get_response(const Command& command) {
    m_applet.interrupt();
    if (command.p1 != 0x00 || command.p2 != 0x00) {
        return status::bad_parameters;
    }
    if (m_pending.empty() || m_corrected) {
        return status::conditions_not_satisfied;
    }
    return next_block(block_limit(command));
}

Response CommandLayer::next_block(std::size_t most) {
    const auto count = std::min(most, m_pending.size());
    const auto end = m_pending.begin() + static_cast<std::ptrdiff_t>(count);
    Response response(Bytes(m_pending.begin(), end));
    m_pending.erase(m_pending.begin(), end);
    response.status = m_pending_status;
    const bool silent = count == short_block && !m_settings.says_more_after_full_block;
    if (!m_pending.empty() && !silent) {
        response.status = static_cast<std::uint16_t>(status::more_data | count_octet(m_pending.size()));
    }
    return response;
}

}  // namespace signet::test::piv_card
