#pragma once

#include "ipc/message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The types of org.signet.readers, and their way to and from messages; ipc/codec.h says how.
namespace signet::ipc {

inline constexpr std::string_view readers_interface = "org.signet.readers";

struct Reader {
    std::string name;
    bool card_present = false;
    std::uint32_t event_count = 0;

    bool operator==(const Reader&) const = default;
};

struct ReadersReply {
    std::vector<Reader> readers;
    std::optional<std::string> failure;

    bool operator==(const ReadersReply&) const = default;
};

std::string encode(const ReadersReply& reply);
Result<ReadersReply> decode_readers_reply(const Parameters& parameters);

}  // namespace signet::ipc
