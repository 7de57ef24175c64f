#include "tests/support/helper_process.h"

#include "base/file_descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <utility>

namespace signet::test {
namespace {

// Long enough for a loaded machine, and an end for a program that hangs.
constexpr std::chrono::seconds patience{30};

SocketPair socket_pair() {
    auto pair = make_socket_pair();
    if (!pair) {
        throw std::runtime_error(pair.error().detail);
    }
    return std::move(*pair);
}

}  // namespace

HelperProcess::HelperProcess(const std::string& program, std::vector<std::string> arguments, int sockets,
                             const Variables& variables) {
    std::vector<FileDescriptor> inherited;
    std::string numbers;
    for (int i = 0; i < sockets; ++i) {
        SocketPair pair = socket_pair();
        fcntl(pair.second.get(), F_SETFD, 0);
        numbers += (numbers.empty() ? "" : ",") + std::to_string(pair.second.get());
        m_clients.emplace_back(std::move(pair.first));
        inherited.push_back(std::move(pair.second));
    }
    arguments.insert(arguments.begin(), SIGNET_BINARIES "/" + program);
    arguments.insert(arguments.end(), {"--sockets", numbers, "--log-level", "debug"});
    m_process = std::make_unique<BackgroundProcess>(arguments, variables, (m_directory / "log").string());
}

HelperProcess::~HelperProcess() {
    close_sockets();
    // A test that waited for the process itself has seen its status.
    if (m_process->pid() > 0) {
        EXPECT_EQ(m_process->wait(patience), 0) << log();
    }
    expect_no_sanitizer_report(log());
}

std::string HelperProcess::log() const {
    return read_file(m_directory / "log");
}

}  // namespace signet::test
