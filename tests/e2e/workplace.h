#pragma once

#include "tests/support/agent.h"
#include "tests/support/certificates.h"
#include "tests/support/subprocess.h"

#include <string>
#include <vector>

namespace signet::test {

// What a person has: a token with keys and certificates, an agent before it, and programs that use it. The
// files that programs read and write lie in one folder.
class Workplace {
  public:
    static constexpr const char* token = "tok";

    // The token is made, and the agent not yet started.
    explicit Workplace(const AgentOptions& options = {});

    // The agent must not run while the token is written to: SoftHSM takes no notice for good, or has no token
    // any more, where it reads what another process is just writing.
    //
    // A key pair made on the token, of a `type` as pkcs11-tool has it, and a certificate for it beside it,
    // which "<label>.pem" holds too. `id` is hexadecimal; the key's label is the address before "@".
    x509::Certificate add_identity(const std::string& type, const std::string& id, const std::string& email,
                                   CertificateUsage usage = CertificateUsage::sign_and_encrypt);
    // A certificate for a key that the token has.
    x509::Certificate add_certificate(const std::string& id, const LeafOptions& options);
    // The public half of a key on the token, asked of an agent that runs for that long.
    [[nodiscard]] std::shared_ptr<EVP_PKEY> public_key(const std::string& id);
    // Somebody whose key lies in "<label>.key", with "<label>.pem".
    Identity add_peer(const std::string& kind, const std::string& email);

    // Starts the agent, and unlocks the token.
    void start();
    void unlock() const;

    // Programs run in the folder, with what they need to find agent and module.
    [[nodiscard]] ProcessResult run(const std::vector<std::string>& arguments, const std::string& input = {},
                                    const Variables& further = {}) const;
    [[nodiscard]] ProcessResult signet(std::vector<std::string> arguments, const std::string& input = {},
                                       const Variables& further = {}) const;
    // The standard output of a success; anything else throws.
    std::string signet_output(const std::vector<std::string>& arguments, const std::string& input = {},
                              const Variables& further = {}) const;

    [[nodiscard]] std::string path(std::string_view name) const { return (m_folder / name).string(); }
    void write(std::string_view name, std::string_view content) const;
    [[nodiscard]] std::string read(std::string_view name) const;

    [[nodiscard]] RunningAgent& agent() { return m_agent; }
    [[nodiscard]] TestAuthority& authority() { return m_authority; }

  private:
    TemporaryDirectory m_folder;
    TestAuthority m_authority;
    RunningAgent m_agent;
};

// A mail of two lines, with CRLF.
std::string mail_from(const std::string& address);

}  // namespace signet::test
