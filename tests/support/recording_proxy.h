#pragma once

#include "base/file_descriptor.h"

#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace signet::test {

// Stands on a socket of its own before the agent, hands every octet on in both directions and keeps what
// clients said. Passed descriptors are lost.
class RecordingProxy {
  public:
    RecordingProxy(const std::string& path, std::string agent_socket);
    ~RecordingProxy();
    RecordingProxy(const RecordingProxy&) = delete;
    RecordingProxy& operator=(const RecordingProxy&) = delete;

    // The messages of one method of org.signet.agent, as they came.
    [[nodiscard]] std::vector<std::string> calls(const std::string& method) const;

  private:
    void accept_connections();
    void forward(int client);
    void record(std::string& pending, std::string_view octets);

    std::string m_agent_socket;
    FileDescriptor m_listener;
    mutable std::mutex m_mutex;
    std::vector<std::string> m_messages;
    std::list<FileDescriptor> m_connections;
    std::list<std::thread> m_threads;
    std::thread m_acceptor;
};

}  // namespace signet::test
