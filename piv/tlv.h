#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <cstdint>
#include <optional>
#include <vector>

// BER-TLV as cards use it (ISO/IEC 7816-4 section 5.2.2, SP 800-73-4 part 2): tags of one to three octets,
// definite lengths of up to four.
namespace signet::piv {

struct Tlv {
    std::uint32_t tag = 0;  // as it stands: 0x53, 0x7f49, 0x5fc105
    ByteView value;         // of the octets it was found in, which must outlive it
};

// The elements of `octets`. Padding of 00 or FF behind one is passed over. malformed: a length that goes
// beyond the end, or one that is indefinite.
Result<std::vector<Tlv>> parse_tlvs(ByteView octets);
// The value of the first element of that tag; null when there is none.
const Tlv* find_tlv(const std::vector<Tlv>& elements, std::uint32_t tag);
// The value of the only element, which has that tag; malformed otherwise.
Result<ByteView> unwrap_tlv(ByteView octets, std::uint32_t tag);

// How many octets the element has that `octets` begin with, header included; nothing when even its length is
// not there yet or makes no sense. Tells a whole answer of a card from a part of it.
std::optional<std::size_t> tlv_size(ByteView octets);

void append_tlv(Bytes& out, std::uint32_t tag, ByteView value);

}  // namespace signet::piv
