#pragma once

#include "tests/e2e/workplace.h"

#include <string>
#include <vector>

namespace signet::test {

// A real sshd with a host key of its own, which speaks through a pipe and lets this user in.
class SshServer {
  public:
    static bool available();

    // `host_key` as ssh-keygen -t has it. Its files lie in the folder of the place.
    explicit SshServer(const Workplace& place, const std::string& host_key = "ed25519");

    // Whose holders it lets in, as lines of authorized_keys.
    void authorize(const std::string& public_keys) const { m_place.write("authorized", public_keys); }
    // The call of ssh, up to the name of the host; the command for the other side may follow.
    [[nodiscard]] std::vector<std::string> login(const std::vector<std::string>& options) const;

  private:
    const Workplace& m_place;
};

}  // namespace signet::test
