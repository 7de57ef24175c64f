#pragma once

#include "ipc/client.h"
#include "ipc/types.h"
#include "tests/support/softhsm.h"
#include "tests/support/subprocess.h"
#include "tests/support/temporary_directory.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace signet::test {

struct AgentOptions {
    std::string pin_cache = "15m";
    std::string module = SoftHsm::module;
    unsigned sessions = 1;
    Variables variables;         // further ones for the agent and its hosts
    std::string further_config;  // TOML behind the rest
    // Cards: only in a test that has a pcscd of its own, and names it in `variables`.
    bool piv = false;
    bool with_softhsm = true;
    bool pinentry_exists = true;
    bool administration = true;
    // Only in a test that has buses of its own, and names them in `variables`.
    bool notifications = false;
    bool lock_with_screen = false;
};

// A real signet-agent on a SoftHSM of its own, with a pinentry that answers as the test says. Stops when it
// goes; ending otherwise than with status 0 fails the test, and so does the report of a sanitizer.
class RunningAgent {
  public:
    // The agent is started by start(), so that tokens can be made first.
    explicit RunningAgent(AgentOptions options = {});
    ~RunningAgent();
    RunningAgent(const RunningAgent&) = delete;
    RunningAgent& operator=(const RunningAgent&) = delete;

    void start();
    // Ends it as SIGTERM does, and waits for its hosts too; start() may follow.
    void stop();
    [[nodiscard]] BackgroundProcess& process() { return *m_process; }

    [[nodiscard]] const SoftHsm& softhsm() const { return m_softhsm; }
    [[nodiscard]] const std::filesystem::path& folder() const { return m_folder.path(); }
    [[nodiscard]] std::string socket() const { return m_folder / "run/socket"; }
    [[nodiscard]] std::filesystem::path config() const { return m_folder / "signet.toml"; }
    void write_config(const AgentOptions& options) const;
    // What a client program needs to find the agent and the module.
    [[nodiscard]] Variables variables() const;
    [[nodiscard]] std::string log() const;

    // The next answers of pinentry: a PIN, "empty" for none, "yes", "no" or "timeout" to a question,
    // "cancel", or "wait" for a person who does nothing. Without any it cancels, and says no to a question.
    void answer_prompts(const std::vector<std::string>& answers) const;
    // The lines that pinentry was sent, of all prompts.
    [[nodiscard]] std::string prompt_log() const;
    // How many times a PIN was asked for.
    [[nodiscard]] int prompts() const;
    // How many times consent was asked for.
    [[nodiscard]] int questions() const;

    [[nodiscard]] ipc::Client client() const;
    // All tokens; a failure throws.
    [[nodiscard]] std::vector<ipc::Token> tokens() const;
    // The key whose label is `label`, ready to be used.
    [[nodiscard]] ipc::KeyUse use(const std::string& label) const;
    // Signs 32 zero octets by ECDSA.
    Result<Bytes> sign(const std::string& label) const;
    static Result<Bytes> sign(ipc::Client& client, const ipc::KeyUse& use);
    // With a passed PIN.
    Result<void> unlock(const std::string& pin = SoftHsm::pin) const;
    Result<void> lock() const;

  private:
    AgentOptions m_options;
    SoftHsm m_softhsm;
    TemporaryDirectory m_folder;
    std::unique_ptr<BackgroundProcess> m_process;
};

// "PinIncorrect: detail", or "good".
template <class T>
std::string outcome(const Result<T>& result) {
    return result ? "good" : std::string(error_name(result.error().code)) + ": " + result.error().detail;
}

// Where the build put programs and module.
std::string program(const std::string& name);
std::string pkcs11_module();

}  // namespace signet::test
