#pragma once

#include "ipc/connection.h"

#include <functional>
#include <memory>
#include <span>
#include <string_view>

namespace signet::ipc {

// The asynchronous client side of one socket pair: one call at a time.
class Channel {
  public:
    using Answer = std::function<void(Result<Reply>)>;

    // `on_closed` is called once, when the other side has closed or broken the protocol, after the answer to
    // a call under way (which then is agent_unavailable or protocol).
    Channel(EventLoop& loop, FileDescriptor socket, std::function<void()> on_closed);
    ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // Precondition: !busy(). With `more`, `answer` is called for each reply; the channel stays busy.
    void call(std::string_view method, std::string_view parameters, std::span<const int> descriptors,
              bool more, Answer answer);
    [[nodiscard]] bool busy() const;

  private:
    struct Core;
    std::shared_ptr<Core> m_core;
};

}  // namespace signet::ipc
