#include "cli/progress.h"

#include <gmock/gmock.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

namespace signet::cli {
namespace {

class EndlessSource final : public smime::Source {
  public:
    explicit EndlessSource(std::uint64_t size) : m_size(size) {}
    [[nodiscard]] std::uint64_t size() const override { return m_size; }
    [[nodiscard]] Result<std::size_t> read(std::uint64_t /*offset*/, std::span<char> buffer) const override {
        return buffer.size();
    }

  private:
    std::uint64_t m_size;
};

constexpr std::uint64_t large = std::uint64_t{1} << 30;

// Reads the middle of the input until it is ended.
[[noreturn]] void read_for_ever(bool quiet) {
    const auto input = with_progress(std::make_unique<EndlessSource>(large), quiet);
    std::array<char, 4096> buffer{};
    for (;;) {
        if (!input->read(large / 2, buffer)) {
            _exit(1);
        }
    }
}

TEST(Progress, IsShownOnATerminal) {
    int terminal = -1;
    const pid_t child = forkpty(&terminal, nullptr, nullptr, nullptr);
    if (child == 0) {
        read_for_ever(false);
    }
    std::string shown;
    std::array<char, 256> buffer{};
    while (shown.find("MiB") == std::string::npos) {
        const ssize_t count = read(terminal, buffer.data(), buffer.size());
        ASSERT_GT(count, 0) << shown;
        shown.append(buffer.data(), static_cast<std::size_t>(count));
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(terminal);
    EXPECT_THAT(shown, testing::HasSubstr("[###############...............]  50 % of 1024 MiB"));
}

TEST(Progress, IsNotShownForASmallInputNorWhenItIsToBeQuiet) {
    auto small = std::make_unique<EndlessSource>(1000);
    auto quiet = std::make_unique<EndlessSource>(large);
    const smime::Source* const small_input = small.get();
    const smime::Source* const quiet_input = quiet.get();
    EXPECT_EQ(with_progress(std::move(small), false).get(), small_input);
    EXPECT_EQ(with_progress(std::move(quiet), true).get(), quiet_input);
}

}  // namespace
}  // namespace signet::cli
