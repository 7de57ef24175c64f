#pragma once

#include "base/file_descriptor.h"

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>

namespace signet::ipc {

// The one thread that moves octets and timers; handlers run in it and never block.
class EventLoop {
  public:
    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    // Runs handlers until stop().
    void run();
    // Any thread.
    void stop();
    // Runs `task` in the loop's thread, after the current handler. Any thread.
    void post(std::function<void()> task);
    // Calls `handler` each time that one of the signals arrives.
    void on_signals(std::initializer_list<int> signals, std::function<void(int)> handler);

    struct Core;  // ipc/event_loop_core.h
    [[nodiscard]] Core& core() const { return *m_core; }

  private:
    std::unique_ptr<Core> m_core;
};

// Calls back once after a time, unless cancelled or destroyed before.
class Timer {
  public:
    explicit Timer(EventLoop& loop);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // Replaces what was started before.
    void start(std::chrono::steady_clock::duration after, std::function<void()> handler);
    void cancel();
    [[nodiscard]] bool active() const { return m_active; }

  private:
    struct Core;
    std::shared_ptr<Core> m_core;
    bool m_active = false;
};

// Calls back when a descriptor has input. One wait at a time; destroying the watch ends it without a call.
class ReadWatch {
  public:
    ReadWatch(EventLoop& loop, FileDescriptor descriptor);
    ~ReadWatch();
    ReadWatch(const ReadWatch&) = delete;
    ReadWatch& operator=(const ReadWatch&) = delete;

    void wait(std::function<void()> handler);
    // Calls back when the descriptor takes output again.
    void wait_writable(std::function<void()> handler);
    [[nodiscard]] int descriptor() const;

  private:
    struct Core;
    std::shared_ptr<Core> m_core;
};

}  // namespace signet::ipc
