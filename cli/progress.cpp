#include "cli/progress.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>

namespace signet::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t large_input = std::uint64_t{16} << 20;
constexpr std::chrono::milliseconds interval{100};
constexpr int bar_width = 30;

class ProgressSource final : public smime::Source {
  public:
    explicit ProgressSource(std::unique_ptr<smime::Source> input) : m_input(std::move(input)) {}
    ProgressSource(const ProgressSource&) = delete;
    ProgressSource& operator=(const ProgressSource&) = delete;
    ~ProgressSource() override {
        if (m_shown) {
            std::fputs("\r\x1b[K", stderr);
        }
    }

    [[nodiscard]] std::uint64_t size() const override { return m_input->size(); }
    [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) const override {
        const auto now = Clock::now().time_since_epoch().count();
        auto next = m_next.load();
        // Of several threads that are due one shows it.
        if (now >= next && m_next.compare_exchange_strong(next, now + Clock::duration(interval).count())) {
            show(offset);
        }
        return m_input->read(offset, buffer);
    }

  private:
    void show(std::uint64_t offset) const {
        const auto percent = static_cast<int>(100 * offset / size());
        std::string bar(static_cast<std::size_t>(percent * bar_width / 100), '#');
        bar.resize(bar_width, '.');
        std::fprintf(stderr, "\r[%s] %3d %% of %llu MiB", bar.c_str(), percent,
                     static_cast<unsigned long long>(size() >> 20));
        m_shown = true;
    }

    std::unique_ptr<smime::Source> m_input;
    mutable std::atomic<Clock::rep> m_next{(Clock::now() + interval).time_since_epoch().count()};
    mutable std::atomic<bool> m_shown{false};
};

}  // namespace

std::unique_ptr<smime::Source> with_progress(std::unique_ptr<smime::Source> input, bool quiet) {
    if (quiet || input->size() < large_input || isatty(STDERR_FILENO) != 1) {
        return input;
    }
    return std::make_unique<ProgressSource>(std::move(input));
}

}  // namespace signet::cli
