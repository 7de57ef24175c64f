#include "ssh/connection.h"

#include "base/log.h"
#include "ssh/client_process.h"
#include "ssh/public_key.h"
#include "ssh/signature.h"

#include <algorithm>
#include <utility>

namespace signet::ssh {
namespace {

std::string log_line(pid_t client, std::string_view what, const Error& error) {
    return "process " + std::to_string(client) + ": " + std::string(what) + ": " +
           std::string(error_name(error.code)) + (error.detail.empty() ? "" : ": ") +
           printable_utf8(error.detail);
}

// What is signed must name the key and the algorithm with which it is signed.
Result<void> check_key(const SignedData& data, const PublicKey& key, const SignatureAlgorithm& algorithm) {
    const auto* request = std::get_if<UserAuthentication>(&data);
    if (request == nullptr) {
        return {};
    }
    SIGNET_TRY(const auto named, parse_public_key(request->key));
    if (!same_key(named, key) || without_certificate_suffix(request->algorithm) != algorithm.name) {
        return failure(ErrorCode::not_allowed, "sign request",
                       "an authentication with another key or algorithm");
    }
    return {};
}

}  // namespace

Connection::Connection(FileDescriptor socket, pid_t client, Access access, CurrentSettings settings)
    : m_stream(std::move(socket)), m_client(client), m_access(access), m_settings(std::move(settings)) {}

void Connection::serve() {
    for (;;) {
        const auto message = m_stream.next();
        if (!message) {
            log::debug(log_line(m_client, "message", message.error()));
            return;
        }
        if (!*message || !m_stream.send(answer(**message))) {
            return;
        }
    }
}

Bytes Connection::answer(ByteView message) {
    const ByteView contents = message.subspan(1);
    Result<Bytes> reply = failure(ErrorCode::unsupported, "message", "type " + std::to_string(message[0]));
    switch (static_cast<MessageType>(message[0])) {
        case MessageType::request_identities:
            reply = list();
            break;
        case MessageType::sign_request:
            reply = sign(contents);
            break;
        case MessageType::extension:
            return extension(contents);
        default:
            break;
    }
    if (!reply) {
        log::info(log_line(m_client, "refused", reply.error()));
        return encode_status(MessageType::failure);
    }
    return std::move(*reply);
}

Result<std::vector<Identity>> Connection::identities() const {
    SIGNET_TRY(const auto tokens, agent().tokens());
    auto found = find_identities(tokens, *m_settings());
    if (restricted()) {
        std::erase_if(found, [](const Identity& identity) { return !identity.forwardable; });
    }
    return found;
}

Result<Identity> Connection::identity(const PublicKey& key) const {
    const Bytes blob = encode(key);
    SIGNET_TRY(auto known, identities());
    const auto found = std::find_if(known.begin(), known.end(),
                                    [&blob](const Identity& entry) { return entry.blob == blob; });
    if (found == known.end()) {
        return failure(ErrorCode::key_not_found, "sign request", fingerprint(blob));
    }
    return std::move(*found);
}

Result<Bytes> Connection::list() const {
    SIGNET_TRY(auto known, identities());
    std::vector<OfferedKey> offered;
    for (auto& entry : known) {
        offered.push_back({.blob = std::move(entry.blob), .comment = std::move(entry.comment)});
    }
    return encode_identities(offered);
}

Result<Bytes> Connection::sign(ByteView contents) const {
    SIGNET_TRY(const auto request, parse_sign_request(contents));
    SIGNET_TRY(const auto key, parse_public_key(request.key));
    SIGNET_TRY(const auto algorithm, choose_algorithm(key, request.flags));
    SIGNET_TRY(const auto data, parse_signed_data(request.data));
    SIGNET_CHECK(check_key(data, key, algorithm));
    SIGNET_CHECK(m_bindings.check(data));
    SIGNET_TRY(const auto found, identity(key));
    const ipc::SignCall call{
        .use = {.token = found.token,
                .key = found.key,
                .environment = environment_of(m_client, restricted() ? Terminal::in_use : Terminal::usable)},
        .scheme = algorithm.scheme,
        .hash = algorithm.hash,
        .data = {request.data.begin(), request.data.end()},
        .data_is_message = true,
        .asking = {.confirm = found.confirm || restricted(),
                   .no_pin_prompt = restricted(),
                   .on_behalf_of = static_cast<std::uint32_t>(m_client),
                   .purpose = (restricted() ? "for another machine, " : "") + purpose_of(data)}};
    SIGNET_TRY(const auto signature, agent().sign(call));
    SIGNET_TRY(const auto blob, encode_signature_blob(algorithm, signature));
    return encode_signature(blob);
}

Bytes Connection::extension(ByteView contents) {
    const auto request = parse_extension_request(contents);
    if (request && request->name == query_extension) {
        return encode_query_answer();
    }
    if (!request || request->name != session_bind_extension) {
        return encode_status(MessageType::failure);
    }
    const auto bound = m_bindings.bind(request->contents);
    if (!bound) {
        log::info(log_line(m_client, session_bind_extension, bound.error()));
        return encode_status(MessageType::extension_failure);
    }
    return encode_status(MessageType::success);
}

}  // namespace signet::ssh
