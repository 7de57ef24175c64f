#include "tests/cli/fake_agent.h"

#include "base/secret.h"
#include "ipc/codec.h"

#include <sys/socket.h>
#include <sys/un.h>

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
            (void)ipc::serve(kept, std::array{ipc::agent_interface}, "fake agent", handler);
        });
    }
}

Result<std::string> FakeAgent::answer(const ipc::IncomingCall& call) {
    const std::string method = call.call.method.substr(ipc::agent_interface.size() + 1);
    {
        const std::scoped_lock lock(m_mutex);
        m_methods.push_back(method);
    }
    if (const auto refusal = m_refusals.find(method); refusal != m_refusals.end()) {
        return Failure(refusal->second);
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
