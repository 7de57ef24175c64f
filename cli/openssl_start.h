#pragma once

#include <optional>
#include <thread>

namespace signet::cli {

// OpenSSL reads its configuration and fills its tables when an algorithm is first used: 2 ms, a fifth of what
// a small mail takes. A thread begins with it while the command line, the mail and the agent are read. Where
// no thread can be had, the first use does it as ever.
class OpensslStart {
  public:
    OpensslStart();
    ~OpensslStart();
    OpensslStart(const OpensslStart&) = delete;
    OpensslStart& operator=(const OpensslStart&) = delete;

  private:
    std::optional<std::thread> m_thread;
};

}  // namespace signet::cli
