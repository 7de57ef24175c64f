#include "tests/cli/fake_agent.h"

#include "base/secret.h"
#include "ipc/admin_codec.h"
#include "ipc/codec.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace signet::test {
namespace {

FileDescriptor listen_on(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    FileDescriptor listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        listen(listener.get(), 8) != 0) {
        throw std::system_error(errno, std::generic_category(), path);
    }
    return listener;
}

}  // namespace

FakeAgent::FakeAgent(ipc::Inventory inventory)
    : m_inventory(std::move(inventory)),
      m_listener(listen_on(m_folder / "agent.sock")),
      m_acceptor([this] { accept_connections(); }) {}

FakeAgent::~FakeAgent() {
    shutdown(m_listener.get(), SHUT_RDWR);
    m_acceptor.join();
    for (const auto& connection : m_connections) {
        shutdown(connection.get(), SHUT_RDWR);
    }
    for (auto& thread : m_threads) {
        thread.join();
    }
}

void FakeAgent::accept_connections() {
    for (;;) {
        FileDescriptor connection(accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!connection.valid()) {
            return;
        }
        const std::scoped_lock lock(m_mutex);
        const auto& kept = m_connections.emplace_back(std::move(connection));
        m_threads.emplace_back([this, &kept] {
            const auto handler = [this](const ipc::IncomingCall& call) { return answer(call); };
            // A program under test that goes away in the middle is not the fake's concern.
            (void)ipc::serve(kept, std::array{ipc::agent_interface, ipc::admin_interface}, "fake agent",
                             handler);
        });
    }
}

Result<std::string> FakeAgent::answer(const ipc::IncomingCall& call) {
    // Both names have this length.
    static_assert(ipc::agent_interface.size() == ipc::admin_interface.size());
    const std::string method = call.call.method.substr(ipc::agent_interface.size() + 1);
    {
        const std::scoped_lock lock(m_mutex);
        m_methods.push_back(method);
    }
    if (const auto refusal = m_refusals.find(method); refusal != m_refusals.end()) {
        return Failure(refusal->second);
    }
    if (const auto administrative = ipc::admin_method_named(method)) {
        return answer_admin(call, *administrative);
    }
    if (method == "Sign" && m_sign) {
        SIGNET_TRY(const auto sign, ipc::decode_sign_call(call.call.parameters));
        return ipc::encode_octets("signature", m_sign(sign));
    }
    if (method == "GetInventory") {
        return ipc::encode(m_inventory);
    }
    if (method == "Unlock") {
        return answer_unlock(call);
    }
    if (method == "Lock") {
        return answer_lock(call);
    }
    return method == "Watch" ? answer_watch(call) : failure(ErrorCode::method_not_found, "call", method);
}

Result<std::string> FakeAgent::answer_admin(const ipc::IncomingCall& call, ipc::AdminMethod method) {
    SeenAdminCall seen;
    SIGNET_TRY(seen.call, ipc::decode_admin_call(method, call.call.parameters));
    for (std::size_t i = 0; i < ipc::PassedSecrets::count; ++i) {
        const auto name = static_cast<ipc::AdminSecret>(i);
        if (const auto index = seen.call.secrets[name]) {
            SIGNET_TRY(const auto secret, Secret::read_from(call.descriptors.at(*index)));
            seen.secrets[name] = Bytes(secret.expose().begin(), secret.expose().end());
        }
    }
    const std::scoped_lock lock(m_mutex);
    m_admin_calls.push_back(std::move(seen));
    const auto reply = m_admin_replies.find(method);
    return ipc::encode(reply != m_admin_replies.end() ? reply->second : ipc::AdminReply());
}

Result<std::string> FakeAgent::answer_unlock(const ipc::IncomingCall& call) {
    SIGNET_TRY(auto unlock, ipc::decode_unlock_call(call.call.parameters));
    const std::scoped_lock lock(m_mutex);
    if (unlock.pin) {
        SIGNET_TRY(const auto pin, Secret::read_from(call.descriptors.at(*unlock.pin)));
        m_pin = as_text(pin.expose());
    }
    m_unlock_calls.push_back(std::move(unlock));
    return "{}";
}

Result<std::string> FakeAgent::answer_lock(const ipc::IncomingCall& call) {
    SIGNET_TRY(auto locking, ipc::decode_lock_call(call.call.parameters));
    const std::scoped_lock lock(m_mutex);
    m_lock_calls.push_back(std::move(locking));
    return "{}";
}

Result<std::string> FakeAgent::answer_watch(const ipc::IncomingCall& call) {
    SIGNET_CHECK(
        call.reply_more(ipc::encode(ipc::WatchReply{.generation = m_inventory.generation, .change = {}})));
    std::int64_t generation = m_inventory.generation;
    for (const auto& change : m_changes) {
        SIGNET_CHECK(
            call.reply_more(ipc::encode(ipc::WatchReply{.generation = ++generation, .change = change})));
    }
    return failure(ErrorCode::timeout, "Watch", "the end of the test");
}

void FakeAgent::refuse(const std::string& method, Error error) {
    m_refusals[method] = std::move(error);
}

void FakeAgent::answer_with(ipc::AdminMethod method, ipc::AdminReply reply) {
    m_admin_replies[method] = std::move(reply);
}

void FakeAgent::sign_with(std::function<Bytes(const ipc::SignCall&)> sign) {
    m_sign = std::move(sign);
}

std::vector<SeenAdminCall> FakeAgent::admin_calls() {
    const std::scoped_lock lock(m_mutex);
    return m_admin_calls;
}

void FakeAgent::report_changes(std::vector<ipc::Change> changes) {
    m_changes = std::move(changes);
}

Variables FakeAgent::variables() const {
    return {{"SIGNET_SOCKET", m_folder / "agent.sock"}};
}

std::vector<std::string> FakeAgent::methods() {
    const std::scoped_lock lock(m_mutex);
    return m_methods;
}

std::vector<ipc::UnlockCall> FakeAgent::unlock_calls() {
    const std::scoped_lock lock(m_mutex);
    return m_unlock_calls;
}

std::vector<ipc::LockCall> FakeAgent::lock_calls() {
    const std::scoped_lock lock(m_mutex);
    return m_lock_calls;
}

std::string FakeAgent::received_pin() {
    const std::scoped_lock lock(m_mutex);
    return m_pin;
}

}  // namespace signet::test
