#include "ipc/event_loop.h"

#include "ipc/event_loop_core.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace signet::ipc {
namespace {

namespace asio = boost::asio;

void wait_for_signal(asio::signal_set& signals, std::function<void(int)> handler) {
    signals.async_wait(
        [&signals, handler = std::move(handler)](const boost::system::error_code& error, int number) {
            if (!error) {
                handler(number);
                wait_for_signal(signals, handler);
            }
        });
}

}  // namespace

EventLoop::EventLoop() : m_core(std::make_unique<Core>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::run() {
    const auto work = asio::make_work_guard(m_core->context);
    m_core->context.run();
}

void EventLoop::stop() {
    m_core->context.stop();
}

void EventLoop::post(std::function<void()> task) {
    asio::post(m_core->context, std::move(task));
}

void EventLoop::on_signals(std::initializer_list<int> signals, std::function<void(int)> handler) {
    auto& set = m_core->signals.emplace_back(m_core->context);
    for (const int number : signals) {
        set.add(number);
    }
    wait_for_signal(set, std::move(handler));
}

struct Timer::Core {
    explicit Core(asio::io_context& context) : timer(context) {}
    asio::steady_timer timer;
    std::uint64_t round = 0;  // a handler that was queued before cancel() sees another round and does nothing
};

Timer::Timer(EventLoop& loop) : m_core(std::make_shared<Core>(loop.core().context)) {}

Timer::~Timer() {
    cancel();
}

void Timer::start(std::chrono::steady_clock::duration after, std::function<void()> handler) {
    cancel();
    m_active = true;
    m_core->timer.expires_after(after);
    m_core->timer.async_wait([this, core = m_core, round = m_core->round,
                              handler = std::move(handler)](const boost::system::error_code& error) {
        if (!error && core->round == round) {
            m_active = false;
            handler();
        }
    });
}

void Timer::cancel() {
    ++m_core->round;
    if (std::exchange(m_active, false)) {
        m_core->timer.cancel();
    }
}

struct ReadWatch::Core {
    Core(asio::io_context& context, int fd) : descriptor(context, fd) {}
    asio::posix::stream_descriptor descriptor;
    bool ended = false;
};

ReadWatch::ReadWatch(EventLoop& loop, FileDescriptor descriptor)
    : m_core(std::make_shared<Core>(loop.core().context, descriptor.release())) {}

ReadWatch::~ReadWatch() {
    m_core->ended = true;
    boost::system::error_code ignored;
    m_core->descriptor.close(ignored);
}

void ReadWatch::wait(std::function<void()> handler) {
    m_core->descriptor.async_wait(
        asio::posix::stream_descriptor::wait_read,
        [core = m_core, handler = std::move(handler)](const boost::system::error_code& error) {
            if (!error && !core->ended) {
                handler();
            }
        });
}

void ReadWatch::wait_writable(std::function<void()> handler) {
    m_core->descriptor.async_wait(
        asio::posix::stream_descriptor::wait_write,
        [core = m_core, handler = std::move(handler)](const boost::system::error_code& error) {
            if (!error && !core->ended) {
                handler();
            }
        });
}

int ReadWatch::descriptor() const {
    return m_core->descriptor.native_handle();
}

}  // namespace signet::ipc
