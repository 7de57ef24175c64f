#pragma once

#include "tests/e2e/workplace.h"

namespace signet::test {

// Speaks TLS, by openssl, to those whom the root of the place has certified, and to nobody else. Ends with
// the object.
class TlsServer {
  public:
    // Returns when it listens.
    explicit TlsServer(Workplace& place);

    // "127.0.0.1:port".
    [[nodiscard]] std::string address() const;
    [[nodiscard]] std::string port() const;
    // That somebody with this common name was let in.
    [[nodiscard]] bool has_seen(const std::string& name) const;
    [[nodiscard]] std::string log() const { return m_place.read("server.log"); }

  private:
    Workplace& m_place;
    std::unique_ptr<BackgroundProcess> m_process;
};

}  // namespace signet::test
