#pragma once

#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <memory>
#include <string>

namespace signet::test {

// A D-Bus daemon of a test's own, on which everybody may own and call everything. Starts no services.
class MessageBus {
  public:
    static bool available();

    MessageBus();

    [[nodiscard]] std::string address() const;
    // Its clients lose their connections; start() has a new bus under the same address.
    void stop();
    void start();
    [[nodiscard]] pid_t pid() const { return m_process->pid(); }

  private:
    TemporaryDirectory m_folder;
    std::unique_ptr<BackgroundProcess> m_process;
};

}  // namespace signet::test
