#pragma once

#include "base/result.h"
#include "ssh/wire.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

// What a client may want signed: it shows what the signature will be good for. Views point into the data.
namespace signet::ssh {

// Longest exchange hash is 64 octets; OpenSSH's bound.
inline constexpr std::size_t max_session_id_size = 128;

// RFC 4252 section 7.
struct UserAuthentication {
    ByteView session_id;
    std::string_view user;
    std::string_view algorithm;
    ByteView key;
    // With publickey-hostbound-v00@openssh.com: the server's.
    std::optional<ByteView> host_key{};
};

// OpenSSH's PROTOCOL.sshsig: a file, a mail, a commit.
struct FileSignature {
    std::string_view name_space;
};

using SignedData = std::variant<UserAuthentication, FileSignature>;

// What a signature is for, for a prompt: to log in as "root". The names in it are the client's: shortened,
// printable and quoted, with a backslash before what is a quotation mark or a backslash itself.
std::string purpose_of(const SignedData& data);

// not_allowed: it is neither.
Result<SignedData> parse_signed_data(ByteView data);

}  // namespace signet::ssh
