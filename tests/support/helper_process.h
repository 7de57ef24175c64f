#pragma once

#include "ipc/client.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <memory>
#include <string>
#include <vector>

namespace signet::test {

// One of the programs that signet-agent starts, with the test in the agent's place. It ends with its sockets
// when the object goes; ending otherwise than with status 0 fails the test, and so does the report of a
// sanitizer.
class HelperProcess {
  public:
    HelperProcess(const std::string& program, std::vector<std::string> arguments, int sockets,
                  const Variables& variables);
    ~HelperProcess();
    HelperProcess(const HelperProcess&) = delete;
    HelperProcess& operator=(const HelperProcess&) = delete;

    // The other ends of its sockets.
    [[nodiscard]] std::vector<ipc::Client>& clients() { return m_clients; }
    [[nodiscard]] BackgroundProcess& process() { return *m_process; }
    [[nodiscard]] std::string log() const;
    void close_sockets() { m_clients.clear(); }

  private:
    TemporaryDirectory m_directory;
    std::vector<ipc::Client> m_clients;
    std::unique_ptr<BackgroundProcess> m_process;
};

}  // namespace signet::test
