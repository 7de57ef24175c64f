#pragma once

#include "base/file_descriptor.h"
#include "ipc/blocking_server.h"
#include "tests/module/test_keys.h"

#include <condition_variable>
#include <filesystem>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace signet::test {

// Speaks org.signet.agent on a socket, with keys in memory and answers that a test chooses. One thread per
// connection.
class FakeAgent {
  public:
    explicit FakeAgent(std::filesystem::path socket);
    ~FakeAgent();
    FakeAgent(const FakeAgent&) = delete;
    FakeAgent& operator=(const FakeAgent&) = delete;

    // Hangs up on everybody and stops listening; start() is the agent that comes after.
    void stop();
    void start();

    // Puts a token there, or another in place of the one with its identity. Certificates of the keys that can
    // sign are added when the token has none.
    void insert(ipc::Token token, const std::vector<TestKey>& keys);
    void remove(const std::string& token);

    // The next call of this method (without its interface) fails so.
    void fail_next(const std::string& method, Error error);
    // The next call of this method is read, and then the connection closes without an answer.
    void hang_up_on_next(const std::string& method);
    // The next octets that are answered, whatever they are.
    void answer_next(const std::string& method, Bytes octets);
    // Calls of this method wait until release().
    void hold(const std::string& method);
    void release();

    [[nodiscard]] int calls(const std::string& method) const;
    [[nodiscard]] int held() const;
    [[nodiscard]] ipc::SignCall last_sign_call() const;
    [[nodiscard]] ipc::DecryptCall last_decrypt_call() const;
    [[nodiscard]] ipc::DeriveCall last_derive_call() const;
    // Whether the last GetInventory named a generation.
    [[nodiscard]] bool asked_for_changes_only() const;

  private:
    struct Connection {
        FileDescriptor socket;
        std::thread thread;
    };

    void accept_connections();
    Result<std::string> answer(const ipc::IncomingCall& incoming);
    Result<std::string> answer_known(const std::string& method, const ipc::IncomingCall& incoming);
    Result<std::string> inventory(const ipc::Parameters& parameters);
    Result<std::string> watch(const ipc::IncomingCall& incoming);
    Result<std::shared_ptr<EVP_PKEY>> find_key(const ipc::KeyUse& use);
    std::optional<Bytes> prepared(const std::string& method);

    std::filesystem::path m_path;
    FileDescriptor m_listener;
    std::thread m_acceptor;

    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_stopping = false;
    std::list<Connection> m_connections;
    std::map<std::string, ipc::Token> m_tokens;
    std::map<std::string, std::shared_ptr<EVP_PKEY>> m_keys;
    std::int64_t m_generation = 1;
    std::map<std::string, int> m_calls;
    std::map<std::string, Error> m_failures;
    std::map<std::string, Bytes> m_answers;
    std::string m_hang_up_method;
    std::string m_held_method;
    int m_held = 0;
    ipc::SignCall m_sign;
    ipc::DecryptCall m_decrypt;
    ipc::DeriveCall m_derive;
    bool m_changes_only = false;
};

// A token called `label` in `slot`, as a real one would describe itself.
ipc::Token make_token(const std::string& label, std::uint32_t slot);

}  // namespace signet::test
