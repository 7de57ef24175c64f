#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace signet::test::piv_card {

enum class FaultKind : std::uint8_t {
    pull_before,  // the card goes before it has seen the command
    pull_during,  // the command takes effect, and its response is lost
    pull_after,   // the response still gets out
    flip,         // one bit of the response; value: which, counted around its length
    truncate,     // value: octets of the response that are left
    oversize,     // value: octets that the response is stretched to with random ones before its status word
    replace,      // value: status word instead of the real one
    slow,         // value: milliseconds before the response
};

struct Fault {
    FaultKind kind{};
    std::size_t at =
        1;  // which APDU from when the fault was set, those of `instruction` only if there is one
    std::optional<std::uint8_t> instruction;
    std::size_t value = 0;
};

// "KIND[@N][/INS][:VALUE]": "pull-during@2/87" is lost at the second GENERAL AUTHENTICATE; "slow@5:300". N,
// VALUE decimal, INS hexadecimal, VALUE of "replace" hexadecimal too.
Result<Fault> parse_fault(std::string_view text);

// Faults that wait for their APDU. Each happens once.
class FaultPlan {
  public:
    void add(Fault fault) { m_faults.push_back(fault); }
    void clear() { m_faults.clear(); }
    // Counts an APDU, and gives the faults that it meets.
    std::vector<Fault> meet(std::uint8_t instruction);

  private:
    std::vector<Fault> m_faults;
};

struct Reply {
    Bytes octets;
    bool pulled = false;   // the card is gone after this
    bool answered = true;  // the octets are sent
    std::chrono::milliseconds delay{0};
};

// What a fault makes of a reply; pull_before is the caller's, who has not made one.
void damage(Reply& reply, const Fault& fault);

}  // namespace signet::test::piv_card
