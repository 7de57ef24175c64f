#include "ipc/server.h"

#include "base/bytes.h"
#include "base/log.h"
#include "ipc/blocking_server.h"
#include "ipc/codec.h"
#include "ipc/connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <unordered_set>
#include <utility>

namespace signet::ipc {
namespace {

// After an accept that failed for lack of descriptors or memory.
constexpr std::chrono::milliseconds accept_pause{200};

}  // namespace

struct Server::Core : std::enable_shared_from_this<Core> {
    Core(EventLoop& event_loop, ServerOptions server_options, std::function<void(CallPointer)> call_handler)
        : loop(event_loop),
          retry(event_loop),
          options(std::move(server_options)),
          handler(std::move(call_handler)) {}

    void wait();
    void accept_one();
    void accept_later();
    void add(FileDescriptor socket, Peer peer);
    void remove(const std::shared_ptr<ServerConnection>& connection);

    EventLoop& loop;
    std::optional<ReadWatch> listening;
    Timer retry;
    ServerOptions options;
    std::function<void(CallPointer)> handler;
    std::function<void()> all_closed = [] {};
    std::unordered_set<std::shared_ptr<ServerConnection>> connections;
    bool waiting = false;
};

// Calls of one peer, one after another.
class ServerConnection : public std::enable_shared_from_this<ServerConnection> {
  public:
    ServerConnection(Server::Core& server, Peer peer) : m_server(server.weak_from_this()), m_peer(peer) {}

    void start(Server::Core& server, FileDescriptor socket) {
        m_connection =
            Connection::create(server.loop, std::move(socket), max_call_size, [weak = weak_from_this()] {
                if (const auto self = weak.lock()) {
                    self->work();
                }
            });
    }

    void send(std::string message) { m_connection->send(std::move(message)); }

    // The current call has its answer: on to the next, from the loop so that calls do not nest.
    void finished() {
        m_current.reset();
        if (m_connection->next() || m_connection->closed()) {
            if (const auto server = m_server.lock()) {
                server->loop.post([self = shared_from_this()] { self->work(); });
            }
        }
    }

    void close() {
        const auto self = shared_from_this();
        m_connection->close();
        if (const auto call = m_current.lock()) {
            call->abandon();
        }
        if (const auto server = m_server.lock()) {
            server->remove(self);
        }
    }

    void end() { m_connection->close(); }

  private:
    void work() {
        const auto server = m_server.lock();
        if (!server) {
            return;
        }
        if (m_connection->closed()) {
            close();
            return;
        }
        if (!m_current.expired() || m_connection->sending() || !m_connection->next()) {
            return;
        }
        auto call = parse_call(*m_connection->next());
        auto descriptors = m_connection->take_descriptors();
        m_connection->consume();
        if (!call) {
            log::info("closing a connection: " + call.error().detail);
            close();
            return;
        }
        dispatch(*server, std::move(*call), std::move(descriptors));
    }

    void dispatch(Server::Core& server, Call call, std::vector<FileDescriptor> descriptors) {
        auto service = answer_service_call(call, server.options.interfaces, server.options.product);
        auto pending =
            std::make_shared<PendingCall>(weak_from_this(), std::move(call), m_peer, std::move(descriptors));
        m_current = pending;
        if (!service) {
            server.handler(std::move(pending));
        } else if (*service) {
            pending->reply(std::move(**service));
        } else {
            pending->fail(service->error());
        }
    }

    std::weak_ptr<Server::Core> m_server;
    Peer m_peer;
    std::shared_ptr<Connection> m_connection;
    std::weak_ptr<PendingCall> m_current;
};

PendingCall::PendingCall(std::weak_ptr<ServerConnection> connection, Call call, Peer peer,
                         std::vector<FileDescriptor> descriptors)
    : m_connection(std::move(connection)),
      m_call(std::move(call)),
      m_peer(peer),
      m_descriptors(std::move(descriptors)) {}

PendingCall::~PendingCall() {
    const auto connection = m_connection.lock();
    if (!m_answered && !m_abandoned && connection) {
        connection->close();
    }
}

void PendingCall::reply(std::string parameters) {
    std::string message = encode_reply(parameters);
    wipe(parameters);
    answer(std::move(message));
}

void PendingCall::reply_more(std::string_view parameters) {
    if (const auto connection = m_connection.lock(); connection && !m_answered && !m_abandoned) {
        connection->send(encode_reply(parameters, true));
    }
}

void PendingCall::fail(const Error& error) {
    answer(encode_error(m_call.method.substr(0, m_call.method.rfind('.')), error));
}

void PendingCall::answer(std::string message) {
    const auto connection = m_connection.lock();
    if (std::exchange(m_answered, true) || m_abandoned || !connection) {
        wipe(message);
        return;
    }
    m_on_abandoned = nullptr;
    if (!m_call.oneway) {
        connection->send(std::move(message));
    }
    connection->finished();
}

void PendingCall::on_abandoned(std::function<void()> handler) {
    if (m_abandoned && handler) {
        handler();
    } else {
        m_on_abandoned = std::move(handler);
    }
}

void PendingCall::abandon() {
    m_abandoned = true;
    if (const auto handler = std::exchange(m_on_abandoned, nullptr)) {
        handler();
    }
}

void Server::Core::wait() {
    if (!listening || waiting || connections.size() >= options.max_connections) {
        return;
    }
    waiting = true;
    listening->wait([weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->waiting = false;
            self->accept_one();
        }
    });
}

// The listening socket stays readable, so that waiting for it now would be a busy loop.
void Server::Core::accept_later() {
    retry.start(accept_pause, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->wait();
        }
    });
}

void Server::Core::accept_one() {
    if (options.may_accept && !options.may_accept()) {
        return;
    }
    FileDescriptor socket(accept4(listening->descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket.valid()) {
        if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
            // Out of descriptors, most likely.
            log::error("accept: " + errno_error("accept4", {}, errno).detail);
            accept_later();
            return;
        }
        wait();
        return;
    }
    ucred credentials{};
    socklen_t length = sizeof(credentials);
    if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 &&
        credentials.uid == geteuid()) {
        add(std::move(socket), {.pid = credentials.pid, .uid = credentials.uid});
    } else {
        log::warning("refused a connection of user " + std::to_string(credentials.uid));
    }
    wait();
}

void Server::Core::add(FileDescriptor socket, Peer peer) {
    const auto connection = std::make_shared<ServerConnection>(*this, peer);
    connections.insert(connection);
    connection->start(*this, std::move(socket));
}

void Server::Core::remove(const std::shared_ptr<ServerConnection>& connection) {
    connections.erase(connection);
    if (connections.empty()) {
        all_closed();
    }
    wait();
}

Server::Server(EventLoop& loop, FileDescriptor listening, ServerOptions options,
               std::function<void(CallPointer)> handler)
    : m_core(std::make_shared<Core>(loop, std::move(options), std::move(handler))) {
    m_core->listening.emplace(loop, std::move(listening));
    m_core->wait();
}

Server::Server(EventLoop& loop, std::vector<FileDescriptor> connected, ServerOptions options,
               std::function<void(CallPointer)> handler, std::function<void()> all_closed)
    : m_core(std::make_shared<Core>(loop, std::move(options), std::move(handler))) {
    m_core->all_closed = std::move(all_closed);
    for (auto& socket : connected) {
        m_core->add(std::move(socket), {.pid = getppid(), .uid = geteuid()});
    }
}

Server::~Server() {
    for (const auto& connection : std::exchange(m_core->connections, {})) {
        connection->end();
    }
}

std::size_t Server::connections() const {
    return m_core->connections.size();
}

}  // namespace signet::ipc
