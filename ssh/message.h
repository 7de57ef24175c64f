#pragma once

#include "base/result.h"
#include "ssh/wire.h"

#include <optional>
#include <string>
#include <vector>

// The messages of the SSH agent protocol, RFC 9987. What is parsed comes from anybody; views point into it.
namespace signet::ssh {

// RFC 9987 section 4 leaves the bound to the agent; this is OpenSSH's.
inline constexpr std::size_t max_message_size = std::size_t{256} << 10;
inline constexpr std::size_t length_size = 4;

// RFC 9987 section 8.1. Everything that is not named here would change keys, or is unknown, and is refused
// alike.
enum class MessageType : std::uint8_t {
    failure = 5,
    success = 6,
    request_identities = 11,
    identities_answer = 12,
    sign_request = 13,
    sign_response = 14,
    extension = 27,
    extension_failure = 28,
    extension_response = 29,
};

// RFC 9987 section 8.3.
inline constexpr std::uint32_t flag_rsa_sha2_256 = 2;
inline constexpr std::uint32_t flag_rsa_sha2_512 = 4;

inline constexpr std::string_view query_extension = "query";
inline constexpr std::string_view session_bind_extension = "session-bind@openssh.com";

// A key as the agent offers it.
struct OfferedKey {
    Bytes blob;  // public key, RFC 4253 section 6.6
    std::string comment;
};

struct SignRequest {
    ByteView key;
    ByteView data;
    std::uint32_t flags = 0;
};

struct ExtensionRequest {
    std::string_view name;
    ByteView contents;
};

// Of the octets behind the type. malformed: octets are missing or left over.
Result<SignRequest> parse_sign_request(ByteView contents);
Result<ExtensionRequest> parse_extension_request(ByteView contents);

// Whole messages, with their length.
Bytes encode_status(MessageType type);
Bytes encode_identities(const std::vector<OfferedKey>& keys);
// `signature` as RFC 4253 section 6.6 has it.
Bytes encode_signature(ByteView signature);
// What this agent knows.
Bytes encode_query_answer();

}  // namespace signet::ssh
