#include "tests/support/piv_card/faults.h"

#include "tests/support/piv_card/apdu.h"
#include "tests/support/piv_card/block_cipher.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace signet::test::piv_card {
namespace {

// In the order of FaultKind.
constexpr std::array<std::string_view, 8> kind_names{"pull-before", "pull-during", "pull-after", "flip",
                                                     "truncate",    "oversize",    "replace",    "slow"};
// vpcd's messages have a length of 16 bits.
constexpr std::size_t largest_message = 65535;

// Takes `mark` and the number behind it off the start of `text`; leaves `number` where the mark is not there.
bool take_number(std::string_view& text, char mark, int base, std::size_t& number) {
    if (text.empty() || text.front() != mark) {
        return true;
    }
    const auto result = std::from_chars(text.data() + 1, text.data() + text.size(), number, base);
    text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
    return result.ec == std::errc();
}

void flip(Bytes& octets, std::size_t bit) {
    if (!octets.empty()) {
        octets[bit / 8 % octets.size()] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
}

void stretch(Bytes& octets, std::size_t size) {
    size = std::min(size, largest_message);
    if (size > octets.size() && octets.size() >= status_size) {
        const auto filling = random_octets(size - octets.size());
        octets.insert(octets.end() - status_size, filling.begin(), filling.end());
    }
}

void replace_status(Bytes& octets, std::size_t word) {
    octets = {static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word)};
}

}  // namespace

Result<Fault> parse_fault(std::string_view text) {
    const auto name = text.substr(0, text.find_first_of("@/:"));
    const auto* const kind = std::find(kind_names.begin(), kind_names.end(), name);
    auto rest = text.substr(name.size());
    Fault fault{.kind = static_cast<FaultKind>(kind - kind_names.begin())};
    const bool for_instruction = rest.find('/') != std::string_view::npos;
    std::size_t instruction = 0;
    const int value_base = fault.kind == FaultKind::replace ? 16 : 10;
    if (kind == kind_names.end() || !take_number(rest, '@', 10, fault.at) ||
        !take_number(rest, '/', 16, instruction) || !take_number(rest, ':', value_base, fault.value) ||
        !rest.empty() || fault.at == 0 || instruction > 0xFF) {
        return failure(ErrorCode::invalid_parameter, "fault", std::string(text));
    }
    if (for_instruction) {
        fault.instruction = static_cast<std::uint8_t>(instruction);
    }
    return fault;
}

std::vector<Fault> FaultPlan::meet(std::uint8_t instruction) {
    std::vector<Fault> met;
    std::erase_if(m_faults, [&met, instruction](Fault& fault) {
        if (fault.instruction && *fault.instruction != instruction) {
            return false;
        }
        if (--fault.at > 0) {
            return false;
        }
        met.push_back(fault);
        return true;
    });
    return met;
}

void damage(Reply& reply, const Fault& fault) {
    switch (fault.kind) {
        case FaultKind::pull_before:
        case FaultKind::pull_during:
            reply.pulled = true;
            reply.answered = false;
            break;
        case FaultKind::pull_after:
            reply.pulled = true;
            break;
        case FaultKind::flip:
            flip(reply.octets, fault.value);
            break;
        case FaultKind::truncate:
            reply.octets.resize(std::min(reply.octets.size(), fault.value));
            break;
        case FaultKind::oversize:
            stretch(reply.octets, fault.value);
            break;
        case FaultKind::replace:
            replace_status(reply.octets, fault.value);
            break;
        case FaultKind::slow:
            reply.delay += std::chrono::milliseconds(fault.value);
            break;
    }
}

}  // namespace signet::test::piv_card
