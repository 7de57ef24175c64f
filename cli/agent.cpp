#include "cli/agent.h"

#include "base/directories.h"
#include "ipc/admin_codec.h"
#include "ipc/codec.h"

#include <array>
#include <span>

namespace signet::cli {
namespace {

std::string method(std::string_view name) {
    return std::string(ipc::agent_interface) + "." + std::string(name);
}

Result<ipc::Inventory> inventory_in(const ipc::Reply& reply) {
    SIGNET_TRY(auto inventory, ipc::decode_inventory(reply.parameters));
    if (!inventory.tokens) {
        return failure(ErrorCode::protocol, "tokens", "no list of tokens");
    }
    return inventory;
}

}  // namespace

Result<Agent> Agent::connect() {
    SIGNET_TRY(const auto path, agent_socket_path());
    SIGNET_TRY(auto client, ipc::Client::connect(path.string()));
    return Agent(std::move(client));
}

Result<ipc::Inventory> Agent::inventory() {
    SIGNET_CHECK(request_inventory());
    return requested_inventory();
}

Result<void> Agent::request_inventory() {
    return m_client.send(method("GetInventory"), ipc::encode_known_generation({}));
}

Result<ipc::Inventory> Agent::requested_inventory() {
    SIGNET_TRY(const auto reply, m_client.next_reply());
    return inventory_in(reply);
}

Result<ipc::Inventory> Agent::absent_tokens() {
    SIGNET_TRY(const auto reply, m_client.call(method("GetAbsentTokens"), "{}"));
    return inventory_in(reply);
}

Result<void> Agent::unlock(const std::string& token, const std::optional<Secret>& pin) {
    ipc::UnlockCall call{.token = token, .pin = {}, .environment = current_environment()};
    FileDescriptor pipe;
    if (pin) {
        SIGNET_TRY(pipe, pin->to_pipe());
        call.pin = 0;
    }
    const std::array descriptors{pipe.get()};
    const auto passed = std::span(descriptors).first(pin ? 1 : 0);
    SIGNET_CHECK(m_client.call(method("Unlock"), ipc::encode(call), passed));
    return {};
}

Result<void> Agent::lock(const std::optional<std::string>& token) {
    SIGNET_CHECK(m_client.call(method("Lock"), ipc::encode(ipc::LockCall{.token = token})));
    return {};
}

Result<Bytes> Agent::sign(ipc::SignCall call, const std::optional<Secret>& pin) {
    call.use.environment = current_environment();
    FileDescriptor pipe;
    if (pin) {
        SIGNET_TRY(pipe, pin->to_pipe());
        call.use.pin = 0;
    }
    const std::array descriptors{pipe.get()};
    const auto passed = std::span(descriptors).first(pin ? 1 : 0);
    SIGNET_TRY(const auto reply, m_client.call(method("Sign"), ipc::encode(call), passed));
    return ipc::decode_octets(reply.parameters, "signature");
}

Result<ipc::AdminReply> Agent::administer(ipc::AdminCall call, const std::vector<PassedDescriptor>& passed) {
    call.environment = current_environment();
    std::vector<int> descriptors;
    for (const auto& [name, source] : passed) {
        call.secrets[name] = static_cast<std::uint32_t>(descriptors.size());
        descriptors.push_back(source.get());
    }
    const std::string name = std::string(ipc::admin_interface) + "." + std::string(name_of(call.method));
    SIGNET_TRY(const auto reply, m_client.call(name, ipc::encode(call), descriptors));
    return ipc::decode_admin_reply(call.method, reply.parameters);
}

Result<void> Agent::watch() {
    return m_client.call_more(method("Watch"), "{}");
}

Result<ipc::WatchReply> Agent::next_change() {
    SIGNET_TRY(const auto reply, m_client.next_reply());
    if (!reply.continues) {
        return failure(ErrorCode::protocol, "Watch", "the agent stopped to report changes");
    }
    return ipc::decode_watch_reply(reply.parameters);
}

}  // namespace signet::cli
