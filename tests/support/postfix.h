#pragma once

#include "tests/support/temporary_directory.h"

#include <cstdint>
#include <string>

namespace signet::test {

// A Postfix of a test's own: settings, queue and log in one folder, no listener, and everything relayed to
// one port on loopback. Only root can run one. Stops when it goes.
class Postfix {
  public:
    static bool available();

    explicit Postfix(std::uint16_t relay);
    ~Postfix();
    Postfix(const Postfix&) = delete;
    Postfix& operator=(const Postfix&) = delete;

    // Until then mails wait in the queue.
    void start();
    [[nodiscard]] std::string settings() const { return m_folder / "settings"; }
    // main.cf, once more.
    void add_setting(const std::string& line) const;
    // The files of all mails that wait, one behind the other.
    [[nodiscard]] std::string queued() const;
    [[nodiscard]] std::string log() const;

  private:
    TemporaryDirectory m_folder;
    bool m_running = false;
};

}  // namespace signet::test
