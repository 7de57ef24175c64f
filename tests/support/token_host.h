#pragma once

#include "base/secret.h"
#include "ipc/types.h"
#include "tests/support/helper_process.h"

#include <optional>
#include <string>
#include <vector>

namespace signet::test {

// org.signet.token over one socket pair, with types instead of messages.
class TokenSession {
  public:
    // Borrows the client.
    explicit TokenSession(ipc::Client& client) : m_client(client) {}

    Result<ipc::HostInventory> inventory();
    Result<void> login(const std::string& token, const std::optional<std::string>& pin);
    Result<void> logout(const std::string& token);
    // `pin` is for a key that wants one for each use.
    Result<Bytes> sign(ipc::SignCall call, const std::optional<std::string>& pin = {});
    Result<Bytes> decrypt(ipc::DecryptCall call, const std::optional<std::string>& pin = {});
    Result<Bytes> derive(const ipc::DeriveCall& call);

    [[nodiscard]] ipc::Client& client() { return m_client; }

  private:
    Result<ipc::Reply> call(const char* method, std::string_view parameters,
                            const std::optional<std::string>& pin = {});

    ipc::Client& m_client;
};

struct TokenHostOptions {
    std::string module;
    int sessions = 1;
    int sockets = 2;
    Variables variables{};
    std::string state_directory{};  // empty: one of the host's own
};

// A running signet-token.
class TokenHost {
  public:
    explicit TokenHost(const TokenHostOptions& options);

    [[nodiscard]] TokenSession& session(std::size_t number = 0) { return m_sessions[number]; }
    [[nodiscard]] BackgroundProcess& process() { return m_process.process(); }
    [[nodiscard]] std::string log() const { return m_process.log(); }
    void close_sockets();

  private:
    TemporaryDirectory m_directory;
    HelperProcess m_process;
    std::vector<TokenSession> m_sessions;
};

}  // namespace signet::test
