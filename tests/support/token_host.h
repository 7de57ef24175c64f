#pragma once

#include "base/secret.h"
#include "ipc/client.h"
#include "ipc/types.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signet::test {

// org.signet.token over one socket pair, with types instead of messages.
class TokenSession {
  public:
    explicit TokenSession(ipc::Client client) : m_client(std::move(client)) {}

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

    ipc::Client m_client;
};

struct TokenHostOptions {
    std::string module;
    int sessions = 1;
    int sockets = 2;
    Variables variables{};
    std::string state_directory{};  // empty: one of the host's own
};

// A running signet-token. It ends with its sockets when the object goes; ending otherwise than with status 0
// fails the test, and so does the report of a sanitizer.
class TokenHost {
  public:
    explicit TokenHost(const TokenHostOptions& options);
    ~TokenHost();
    TokenHost(const TokenHost&) = delete;
    TokenHost& operator=(const TokenHost&) = delete;

    [[nodiscard]] TokenSession& session(std::size_t number = 0) { return m_sessions[number]; }
    [[nodiscard]] BackgroundProcess& process() { return *m_process; }
    [[nodiscard]] std::string log() const;
    void close_sockets() { m_sessions.clear(); }

  private:
    TemporaryDirectory m_directory;
    std::vector<TokenSession> m_sessions;
    std::unique_ptr<BackgroundProcess> m_process;
};

}  // namespace signet::test
