#include "tests/support/agent.h"

#include "base/file_descriptor.h"
#include "base/secret.h"
#include "ipc/codec.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace signet::test {
namespace {

// Takes one line of "answers" for each GETPIN and CONFIRM; writes what it was sent to "prompts".
constexpr std::string_view pinentry_script = R"(#!/bin/sh
folder=$(dirname "$0")
echo "OK pinentry for tests"
while IFS= read -r line; do
    if [ "$line" = GETPIN ] || [ "$line" = CONFIRM ]; then
        answer=$(head -n 1 "$folder/answers")
        sed -i 1d "$folder/answers"
    fi
    printf '%s\n' "$line" >>"$folder/prompts"
    case "$line" in
    GETPIN)
        case "$answer" in
        "" | cancel) echo "ERR 83886179 Operation cancelled" ;;
        empty) echo OK ;;
        wait) exec cat >/dev/null ;;
        *) printf 'D %s\nOK\n' "$answer" ;;
        esac ;;
    CONFIRM)
        case "$answer" in
        yes) echo OK ;;
        wait) exec sleep 600 ;;
        timeout) echo "ERR 83886142 Timeout" ;;
        cancel) echo "ERR 83886179 Operation cancelled" ;;
        *) echo "ERR 83886194 Not confirmed" ;;
        esac ;;
    BYE) echo "OK closing connection"; exit 0 ;;
    *) echo OK ;;
    esac
done
)";

void write_program(const std::filesystem::path& path, std::string_view content) {
    write_file(path, content);
    chmod(path.c_str(), 0700);
}

// As descriptors, since the agent's end makes them the children of another process.
std::vector<FileDescriptor> hosts_of(pid_t agent) {
    // It starts them in its first thread.
    std::ifstream children("/proc/" + std::to_string(agent) + "/task/" + std::to_string(agent) + "/children");
    std::vector<FileDescriptor> hosts;
    for (pid_t child = 0; children >> child;) {
        FileDescriptor descriptor(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
        std::ifstream comm("/proc/" + std::to_string(child) + "/comm");
        if (std::string name; descriptor.valid() && std::getline(comm, name) && name == "signet-token") {
            hosts.push_back(std::move(descriptor));
        }
    }
    return hosts;
}

bool has_ended(const FileDescriptor& process) {
    constexpr int patience_ms = 30000;
    pollfd entry{.fd = process.get(), .events = POLLIN, .revents = 0};
    return poll(&entry, 1, patience_ms) == 1;
}

int count_lines(const std::string& text, const std::string& line) {
    int count = 0;
    for (std::size_t at = 0; (at = text.find(line + "\n", at)) != std::string::npos; ++at) {
        ++count;
    }
    return count;
}

template <class T>
T value_or_throw(Result<T> result) {
    if (!result) {
        throw std::runtime_error(std::string(error_name(result.error().code)) + ": " + result.error().detail);
    }
    return std::move(*result);
}

}  // namespace

std::string program(const std::string& name) {
    return SIGNET_BINARIES "/" + name;
}

std::string pkcs11_module() {
    return SIGNET_LIBRARIES "/signet-pkcs11.so";
}

RunningAgent::RunningAgent(AgentOptions options) : m_options(std::move(options)) {
    write_config(m_options);
    answer_prompts({});
    write_file(m_folder / "prompts", "");
    if (m_options.pinentry_exists) {
        write_program(m_folder / "pinentry", pinentry_script);
    }
    write_file(m_folder / "log", "");
}

void RunningAgent::write_config(const AgentOptions& options) const {
    std::string text = "[agent]\npinentry = \"" + (m_folder / "pinentry").string() + "\"\npin_cache = \"" +
                       options.pin_cache + "\"\nlog_level = \"debug\"\n" +
                       (options.administration ? "" : "administration = false\n") +
                       "[piv]\nenabled = " + (options.piv ? "true" : "false") +
                       "\n[desktop]\nnotifications = " + (options.notifications ? "true" : "false") +
                       "\nlock_with_screen = " + (options.lock_with_screen ? "true" : "false") + "\n";
    if (options.with_softhsm) {
        text += "[[pkcs11]]\nname = \"softhsm\"\nmodule = \"" + options.module +
                "\"\nsessions = " + std::to_string(options.sessions) + "\n";
    }
    write_file(config(), text + options.further_config);
}

Variables RunningAgent::variables() const {
    Variables variables = m_softhsm.variables();
    variables["SIGNET_SOCKET"] = socket();
    variables["SIGNET_MODULE"] = pkcs11_module();
    variables["XDG_STATE_HOME"] = m_folder / "state";
    variables["HOME"] = m_folder.path();
    return variables;
}

void RunningAgent::start() {
    Variables with = variables();
    with.insert(m_options.variables.begin(), m_options.variables.end());
    m_process = std::make_unique<BackgroundProcess>(
        std::vector<std::string>{program("signet-agent"), "--config", config(), "--socket", socket()}, with,
        m_folder / "log");
    if (!eventually([this] { return ipc::Client::connect(socket()).has_value(); })) {
        throw std::runtime_error("signet-agent does not listen: " + log());
    }
}

RunningAgent::~RunningAgent() {
    stop();
}

void RunningAgent::stop() {
    // A test that ended the process itself has seen its status.
    if (m_process && m_process->pid() > 0) {
        const auto hosts = hosts_of(m_process->pid());
        EXPECT_EQ(m_process->stop(), 0) << log();
        for (const auto& host : hosts) {
            EXPECT_TRUE(has_ended(host)) << "a token host outlives its agent: " << log();
        }
    }
    m_process.reset();
    expect_no_sanitizer_report(log());
}

std::string RunningAgent::log() const {
    return read_file(m_folder / "log");
}

void RunningAgent::answer_prompts(const std::vector<std::string>& answers) const {
    std::string text;
    for (const auto& answer : answers) {
        text += answer + "\n";
    }
    write_file(m_folder / "answers", text);
}

std::string RunningAgent::prompt_log() const {
    return read_file(m_folder / "prompts");
}

int RunningAgent::prompts() const {
    return count_lines(prompt_log(), "GETPIN");
}

int RunningAgent::questions() const {
    return count_lines(prompt_log(), "CONFIRM");
}

ipc::Client RunningAgent::client() const {
    return value_or_throw(ipc::Client::connect(socket()));
}

std::vector<ipc::Token> RunningAgent::tokens() const {
    auto c = client();
    const auto reply = value_or_throw(c.call("org.signet.agent.GetInventory", "{}"));
    auto inventory = value_or_throw(ipc::decode_inventory(reply.parameters));
    return std::move(*inventory.tokens);
}

ipc::KeyUse RunningAgent::use(const std::string& label) const {
    for (const auto& token : tokens()) {
        for (const auto& key : token.keys) {
            if (key.label == label) {
                return {.token = token.id, .key = key.id, .environment = Environment{.tty = "/dev/pts/99"}};
            }
        }
    }
    throw std::runtime_error("no key " + label + ": " + log());
}

Result<Bytes> RunningAgent::sign(const std::string& label) const {
    auto c = client();
    return sign(c, use(label));
}

Result<Bytes> RunningAgent::sign(ipc::Client& client, const ipc::KeyUse& use) {
    const ipc::SignCall call{.use = use, .scheme = SignatureScheme::ecdsa, .data = Bytes(32, 0)};
    SIGNET_TRY(const auto reply, client.call("org.signet.agent.Sign", ipc::encode(call)));
    return ipc::decode_octets(reply.parameters, "signature");
}

Result<void> RunningAgent::unlock(const std::string& pin) const {
    const auto pipe = Secret::copy_of(as_bytes(pin)).value().to_pipe().value();
    const int descriptor = pipe.get();
    auto c = client();
    SIGNET_TRY(const auto reply,
               c.call("org.signet.agent.Unlock", ipc::encode(ipc::UnlockCall{.pin = 0}), {&descriptor, 1}));
    return {};
}

Result<void> RunningAgent::lock() const {
    auto c = client();
    SIGNET_TRY(const auto reply, c.call("org.signet.agent.Lock", "{}"));
    return {};
}

}  // namespace signet::test
