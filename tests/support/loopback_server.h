#pragma once

#include "base/file_descriptor.h"

#include <cstdint>
#include <functional>
#include <string>
#include <thread>

namespace signet::test {

// A connection that a test's server has accepted. Reading ends, empty, when the server goes.
class Conversation {
  public:
    Conversation(FileDescriptor connection, int stop) : m_connection(std::move(connection)), m_stop(stop) {}

    // Up to LF, with it; empty at the end.
    std::string line();
    std::string octets(std::size_t count);
    // False when the other side has gone.
    bool say(std::string_view text);
    // Until the other side or the server goes.
    void wait_for_the_end();

  private:
    bool fill();

    FileDescriptor m_connection;
    int m_stop;
    std::string m_buffer;
};

// Serves one connection after the other on 127.0.0.1, in a thread of its own.
class LoopbackServer {
  public:
    explicit LoopbackServer(std::function<void(Conversation&)> serve);
    ~LoopbackServer();
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return m_port; }
    // From here on nobody listens.
    void stop();

  private:
    void accept_connections();

    std::function<void(Conversation&)> m_serve;
    std::uint16_t m_port = 0;
    FileDescriptor m_listener;  // sets m_port
    Pipe m_stop;
    std::thread m_thread;
};

// One that nobody listens on, for a program that cannot choose by itself.
std::uint16_t unused_port();

}  // namespace signet::test
