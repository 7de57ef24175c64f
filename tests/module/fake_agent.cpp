#include "tests/module/fake_agent.h"

#include "ipc/codec.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace signet::test {
namespace {

constexpr std::string_view prefix = "org.signet.agent.";

FileDescriptor listen_on(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    unlink(path.c_str());
    FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(socket.get(), 64) != 0) {
        throw std::runtime_error("cannot listen on " + path.string());
    }
    return socket;
}

}  // namespace

FakeAgent::FakeAgent(std::filesystem::path socket) : m_path(std::move(socket)) {
    start();
}

FakeAgent::~FakeAgent() {
    stop();
}

void FakeAgent::start() {
    m_listener = listen_on(m_path);
    m_acceptor = std::thread([this] { accept_connections(); });
}

void FakeAgent::stop() {
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
        m_held_method.clear();
        for (const Connection& connection : m_connections) {
            shutdown(connection.socket.get(), SHUT_RDWR);
        }
    }
    m_changed.notify_all();
    shutdown(m_listener.get(), SHUT_RDWR);
    if (m_acceptor.joinable()) {
        m_acceptor.join();
    }
    for (Connection& connection : m_connections) {
        connection.thread.join();
    }
    m_connections.clear();
    m_listener.close();
    unlink(m_path.c_str());
    m_stopping = false;
}

void FakeAgent::accept_connections() {
    for (;;) {
        FileDescriptor socket(accept4(m_listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
        const std::lock_guard lock(m_mutex);
        if (!socket.valid() || m_stopping) {
            return;
        }
        Connection& connection =
            m_connections.emplace_back(Connection{.socket = std::move(socket), .thread = {}});
        connection.thread = std::thread([this, &served = connection.socket] {
            // A peer that breaks the protocol or goes away ends its connection, as with the real agent.
            (void)ipc::serve(served, std::array{ipc::agent_interface}, "fake agent",
                             [this](const ipc::IncomingCall& incoming) { return answer(incoming); });
            shutdown(served.get(), SHUT_RDWR);
        });
    }
}

void FakeAgent::insert(ipc::Token token, const std::vector<TestKey>& keys) {
    const bool wants_certificates = token.certificates.empty();
    for (const TestKey& key : keys) {
        token.keys.push_back(key.info);
        if (wants_certificates && !key.info.signature_schemes.empty()) {
            token.certificates.push_back(make_certificate(key, key.info.label));
        }
    }
    {
        const std::lock_guard lock(m_mutex);
        for (const TestKey& key : keys) {
            m_keys[key.info.id] = key.key;
        }
        const std::string id = token.id;
        m_tokens[id] = std::move(token);
        ++m_generation;
    }
    m_changed.notify_all();
}

void FakeAgent::remove(const std::string& token) {
    {
        const std::lock_guard lock(m_mutex);
        m_tokens.erase(token);
        ++m_generation;
    }
    m_changed.notify_all();
}

void FakeAgent::fail_next(const std::string& method, Error error) {
    const std::lock_guard lock(m_mutex);
    m_failures[method] = std::move(error);
}

void FakeAgent::hang_up_on_next(const std::string& method) {
    const std::lock_guard lock(m_mutex);
    m_hang_up_method = method;
}

void FakeAgent::answer_next(const std::string& method, Bytes octets) {
    const std::lock_guard lock(m_mutex);
    m_answers[method] = std::move(octets);
}

void FakeAgent::hold(const std::string& method) {
    const std::lock_guard lock(m_mutex);
    m_held_method = method;
}

void FakeAgent::release() {
    {
        const std::lock_guard lock(m_mutex);
        m_held_method.clear();
    }
    m_changed.notify_all();
}

int FakeAgent::calls(const std::string& method) const {
    const std::lock_guard lock(m_mutex);
    const auto found = m_calls.find(method);
    return found != m_calls.end() ? found->second : 0;
}

int FakeAgent::held() const {
    const std::lock_guard lock(m_mutex);
    return m_held;
}

ipc::SignCall FakeAgent::last_sign_call() const {
    const std::lock_guard lock(m_mutex);
    return m_sign;
}

ipc::DecryptCall FakeAgent::last_decrypt_call() const {
    const std::lock_guard lock(m_mutex);
    return m_decrypt;
}

ipc::DeriveCall FakeAgent::last_derive_call() const {
    const std::lock_guard lock(m_mutex);
    return m_derive;
}

bool FakeAgent::asked_for_changes_only() const {
    const std::lock_guard lock(m_mutex);
    return m_changes_only;
}

Result<std::string> FakeAgent::answer(const ipc::IncomingCall& incoming) {
    const std::string method = incoming.call.method.substr(prefix.size());
    {
        std::unique_lock lock(m_mutex);
        ++m_calls[method];
        if (m_held_method == method) {
            ++m_held;
            m_changed.wait(lock, [&] { return m_held_method != method; });
            --m_held;
        }
        if (m_hang_up_method == method) {
            m_hang_up_method.clear();
            for (const Connection& connection : m_connections) {
                if (connection.thread.get_id() == std::this_thread::get_id()) {
                    shutdown(connection.socket.get(), SHUT_RDWR);
                }
            }
        }
        if (auto planned = m_failures.extract(method)) {
            return Failure(std::move(planned.mapped()));
        }
    }
    return answer_known(method, incoming);
}

Result<std::string> FakeAgent::answer_known(const std::string& method, const ipc::IncomingCall& incoming) {
    const ipc::Parameters& parameters = incoming.call.parameters;
    if (method == "GetInventory") {
        return inventory(parameters);
    }
    if (method == "Watch") {
        return watch(incoming);
    }
    const auto reply = [&](const char* field, auto work, const auto& call) -> Result<std::string> {
        SIGNET_TRY(const auto key, find_key(call.use));
        if (const auto octets = prepared(method)) {
            return ipc::encode_octets(field, *octets);
        }
        SIGNET_TRY(const auto octets, work(key.get(), call));
        return ipc::encode_octets(field, octets);
    };
    if (method == "Sign") {
        SIGNET_TRY(const auto call, ipc::decode_sign_call(parameters));
        {
            const std::lock_guard lock(m_mutex);
            m_sign = call;
        }
        return reply("signature", sign_with, call);
    }
    if (method == "Decrypt") {
        SIGNET_TRY(const auto call, ipc::decode_decrypt_call(parameters));
        {
            const std::lock_guard lock(m_mutex);
            m_decrypt = call;
        }
        return reply("plaintext", decrypt_with, call);
    }
    if (method == "Derive") {
        SIGNET_TRY(const auto call, ipc::decode_derive_call(parameters));
        {
            const std::lock_guard lock(m_mutex);
            m_derive = call;
        }
        return reply("secret", derive_with, call);
    }
    if (method == "Unlock") {
        SIGNET_CHECK(ipc::decode_unlock_call(parameters));
        return "{}";
    }
    return failure(ErrorCode::method_not_found, "call", method);
}

Result<std::string> FakeAgent::inventory(const ipc::Parameters& parameters) {
    SIGNET_TRY(const auto known, ipc::decode_known_generation(parameters));
    const std::lock_guard lock(m_mutex);
    m_changes_only = known.has_value();
    ipc::Inventory answer{.generation = m_generation, .tokens = std::nullopt, .failures = {}};
    if (known != m_generation) {
        answer.tokens.emplace();
        for (const auto& [id, token] : m_tokens) {
            answer.tokens->push_back(token);
        }
    }
    return ipc::encode(answer);
}

Result<std::string> FakeAgent::watch(const ipc::IncomingCall& incoming) {
    std::unique_lock lock(m_mutex);
    for (;;) {
        const std::int64_t told = m_generation;
        lock.unlock();
        SIGNET_CHECK(
            incoming.reply_more(ipc::encode(ipc::WatchReply{.generation = told, .change = std::nullopt})));
        lock.lock();
        m_changed.wait(lock, [&] { return m_generation != told || m_stopping; });
        if (m_stopping) {
            return "{}";
        }
    }
}

Result<std::shared_ptr<EVP_PKEY>> FakeAgent::find_key(const ipc::KeyUse& use) {
    const std::lock_guard lock(m_mutex);
    if (!m_tokens.contains(use.token)) {
        return failure(ErrorCode::token_not_found, "find_key");
    }
    const auto found = m_keys.find(use.key);
    if (found == m_keys.end()) {
        return failure(ErrorCode::key_not_found, "find_key");
    }
    return found->second;
}

std::optional<Bytes> FakeAgent::prepared(const std::string& method) {
    const std::lock_guard lock(m_mutex);
    auto planned = m_answers.extract(method);
    return planned ? std::optional(std::move(planned.mapped())) : std::nullopt;
}

ipc::Token make_token(const std::string& label, std::uint32_t slot) {
    ipc::Token token;
    token.id = "serial:" + label;
    token.label = label;
    token.manufacturer = "fake";
    token.model = "in memory";
    token.serial = "0001";
    token.login_required = true;
    token.module = "fake";
    token.slot = slot;
    return token;
}

}  // namespace signet::test
