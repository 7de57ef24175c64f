#include "desktop/bus.h"

#include "base/bytes.h"
#include "base/log.h"

#include <fcntl.h>
#include <poll.h>
#include <sdbus-c++/Error.h>

#include <algorithm>
#include <utility>

namespace signet::desktop {
namespace {

constexpr std::chrono::seconds first_pause{1};
constexpr std::chrono::seconds longest_pause{600};
// Then the agent has its turn, however many others send.
constexpr int messages_at_once = 64;

}  // namespace

Bus::Bus(ipc::EventLoop& loop, std::string name, Connect how, Events events)
    : m_loop(loop),
      m_name(std::move(name)),
      m_connect(how),
      m_events(std::move(events)),
      m_timer(loop),
      m_pause(first_pause) {}

void Bus::open() {
    if (!std::exchange(m_opened, true)) {
        connect();
    }
}

void Bus::connect() {
    try {
        m_connection = m_connect();
        const int own = fcntl(m_connection->getEventLoopPollData().fd, F_DUPFD_CLOEXEC, 0);
        m_watch.emplace(m_loop, FileDescriptor(own));
        m_waits_for_input = false;
        m_waits_for_output = false;
        m_events.connected(*m_connection);
        log::debug("connected to the " + m_name);
        m_pause = first_pause;
        sent();
    } catch (const sdbus::Error& error) {
        lose(error.getMessage());
    }
}

void Bus::sent() {
    m_loop.post([this] { work(); });
}

void Bus::work() {
    if (!m_connection) {
        return;
    }
    try {
        int left = messages_at_once;
        while (left > 0 && m_connection->processPendingRequest()) {
            --left;
        }
        if (left == 0) {
            sent();
        }
        wait();
    } catch (const sdbus::Error& error) {
        lose(error.getMessage());
    }
}

void Bus::wait() {
    const auto poll_data = m_connection->getEventLoopPollData();
    if (!std::exchange(m_waits_for_input, true)) {
        m_watch->wait([this] {
            m_waits_for_input = false;
            work();
        });
    }
    if ((poll_data.events & POLLOUT) != 0 && !std::exchange(m_waits_for_output, true)) {
        m_watch->wait_writable([this] {
            m_waits_for_output = false;
            work();
        });
    }
    m_timer.cancel();
    if (const auto timeout = poll_data.getRelativeTimeout()) {
        m_timer.start(*timeout, [this] { work(); });
    }
}

void Bus::lose(const std::string& reason) {
    if (m_connection) {
        log::info("the " + m_name + " is gone: " + printable_utf8(reason));
    } else {
        log::debug("no " + m_name + ": " + printable_utf8(reason));
    }
    m_events.lost();
    m_watch.reset();
    m_connection.reset();
    m_timer.start(m_pause, [this] { connect(); });
    m_pause = std::min(2 * m_pause, longest_pause);
}

}  // namespace signet::desktop
