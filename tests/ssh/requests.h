#pragma once

#include "ssh/wire.h"

#include <optional>
#include <string_view>

namespace signet::test {

// What an SSH client wants signed to authenticate its user, RFC 4252 section 7; with a host key the bound
// form.
struct AuthenticationFields {
    ByteView session_id = as_bytes("the session");
    std::uint8_t type = 50;
    std::string_view service = "ssh-connection";
    std::string_view method = "publickey";
    std::uint8_t with_signature = 1;
    std::string_view algorithm = "ssh-ed25519";
    ByteView key = as_bytes("key");
    std::optional<ByteView> host_key{};
};

inline Bytes authentication(const AuthenticationFields& fields) {
    ssh::WireWriter writer;
    writer.string(fields.session_id);
    writer.octet(fields.type);
    writer.string("alice");
    writer.string(fields.service);
    writer.string(fields.method);
    writer.octet(fields.with_signature);
    writer.string(fields.algorithm);
    writer.string(fields.key);
    if (fields.host_key) {
        writer.string(*fields.host_key);
    }
    return writer.take();
}

// OpenSSH's PROTOCOL.sshsig.
inline Bytes file_signature(std::string_view name_space, std::string_view hash, std::size_t digest_size) {
    ssh::WireWriter writer;
    for (const char c : std::string_view("SSHSIG")) {
        writer.octet(static_cast<std::uint8_t>(c));
    }
    writer.string(name_space);
    writer.string("");
    writer.string(hash);
    writer.string(Bytes(digest_size, 7));
    return writer.take();
}

}  // namespace signet::test
