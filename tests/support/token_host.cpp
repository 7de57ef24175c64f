#include "tests/support/token_host.h"

#include "ipc/codec.h"

#include <array>
#include <chrono>

namespace signet::test {
namespace {

// Long enough for a loaded machine, and an end for a host that hangs.
constexpr std::chrono::seconds answer_patience{30};

Result<Bytes> octets(const Result<ipc::Reply>& reply, std::string_view field) {
    if (!reply) {
        return Failure(reply.error());
    }
    return ipc::decode_octets(reply->parameters, field);
}

Result<void> nothing(const Result<ipc::Reply>& reply) {
    if (!reply) {
        return Failure(reply.error());
    }
    return {};
}

std::optional<std::uint32_t> index_of(const std::optional<std::string>& pin) {
    return pin ? std::optional<std::uint32_t>(0) : std::nullopt;
}

}  // namespace

Result<ipc::Reply> TokenSession::call(const char* method, std::string_view parameters,
                                      const std::optional<std::string>& pin) {
    const std::string name = std::string(ipc::token_interface) + "." + method;
    const auto deadline = std::chrono::steady_clock::now() + answer_patience;
    if (!pin) {
        return m_client.call(name, parameters, {}, deadline);
    }
    SIGNET_TRY(const Secret secret, Secret::copy_of(as_bytes(*pin)));
    SIGNET_TRY(const FileDescriptor pipe, secret.to_pipe());
    const std::array descriptors{pipe.get()};
    return m_client.call(name, parameters, descriptors, deadline);
}

Result<ipc::HostInventory> TokenSession::inventory() {
    SIGNET_TRY(const auto reply, call("GetInventory", "{}"));
    return ipc::decode_host_inventory(reply.parameters);
}

Result<void> TokenSession::login(const std::string& token, const std::optional<std::string>& pin) {
    return nothing(call("Login", ipc::encode(ipc::LoginCall{.token = token, .pin = index_of(pin)}), pin));
}

Result<void> TokenSession::logout(const std::string& token) {
    return nothing(call("Logout", ipc::encode(ipc::LoginCall{.token = token, .pin = std::nullopt})));
}

Result<Bytes> TokenSession::sign(ipc::SignCall sign_call, const std::optional<std::string>& pin) {
    sign_call.use.pin = index_of(pin);
    return octets(call("Sign", ipc::encode(sign_call), pin), "signature");
}

Result<Bytes> TokenSession::decrypt(ipc::DecryptCall decrypt_call, const std::optional<std::string>& pin) {
    decrypt_call.use.pin = index_of(pin);
    return octets(call("Decrypt", ipc::encode(decrypt_call), pin), "plaintext");
}

Result<Bytes> TokenSession::derive(const ipc::DeriveCall& derive_call) {
    return octets(call("Derive", ipc::encode(derive_call)), "secret");
}

TokenHost::TokenHost(const TokenHostOptions& options)
    : m_process(
          "signet-token",
          {"--module", options.module, "--sessions", std::to_string(options.sessions), "--state",
           options.state_directory.empty() ? (m_directory / "state").string() : options.state_directory},
          options.sockets, options.variables) {
    for (auto& client : m_process.clients()) {
        m_sessions.emplace_back(client);
    }
}

void TokenHost::close_sockets() {
    m_sessions.clear();
    m_process.close_sockets();
}

}  // namespace signet::test
