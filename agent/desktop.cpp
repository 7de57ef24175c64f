#include "agent/desktop.h"

#include "base/log.h"

#include <utility>

namespace signet::agent {
namespace {

// The agent's first seconds belong to whoever started it.
constexpr std::chrono::milliseconds pause_at_start{200};
// D-Bus is asked without waiting for its answer.
constexpr std::chrono::seconds desktop_deadline{5};
constexpr std::size_t longest_queue = 64;

}  // namespace

Desktop::Desktop(ipc::EventLoop& loop, Events events)
    : m_events(std::move(events)),
      m_process(loop, desktop_subject(),
                {.started = [this](HostProcess& process) { started(process); },
                 .session_free =
                     [this] {
                         m_process.works();
                         work();
                     },
                 .ended = [this] { m_queue.clear(); }}) {}

void Desktop::configure(const DesktopConfig& config) {
    if (m_config == config) {
        return;
    }
    stop();
    m_config = config;
    if (m_config.notifications || m_config.lock_with_screen) {
        m_process.start_after(pause_at_start);
    }
}

void Desktop::stop() {
    m_process.stop();
    m_queue.clear();
}

void Desktop::started(HostProcess& process) {
    if (m_config.lock_with_screen) {
        process.watch("org.signet.desktop.Watch",
                      [this](const Result<ipc::Reply>& reply) { reported(reply); });
    }
    work();
}

void Desktop::reported(const Result<ipc::Reply>& reply) {
    // The end of the process comes next.
    if (!reply) {
        return;
    }
    const auto event = ipc::decode_desktop_event(reply->parameters);
    if (!event) {
        m_process.process()->kill(event.error());
        return;
    }
    m_process.works();
    happened(*event);
}

void Desktop::happened(ipc::DesktopEvent event) {
    switch (event) {
        case ipc::DesktopEvent::watching:
            return;
        case ipc::DesktopEvent::screen_locked:
            log::debug("the screen is locked");
            m_events.person_leaves([] {});
            return;
        case ipc::DesktopEvent::going_to_sleep:
            log::debug("the machine goes to sleep");
            m_events.person_leaves([this, departure = ++m_departures] {
                if (departure == m_departures) {
                    call("ReadyToSleep", "{}");
                }
            });
            return;
        case ipc::DesktopEvent::awake:
            log::debug("the machine is awake");
            ++m_departures;
            m_events.awake();
            return;
    }
}

Desktop::NotificationId Desktop::notify(const ipc::Notification& notification) {
    const NotificationId id = m_next_id++;
    if (m_config.notifications) {
        call("Notify", ipc::encode(ipc::NotifyCall{.id = id, .notification = notification}));
    }
    return id;
}

void Desktop::withdraw(NotificationId id) {
    if (m_config.notifications) {
        call("Withdraw", ipc::encode_withdraw_call(id));
    }
}

void Desktop::call(const char* method, std::string parameters) {
    if (m_queue.size() >= longest_queue) {
        log::info("the desktop is slow: it is not told of everything");
        return;
    }
    m_queue.push_back({.method = method,
                       .parameters = std::move(parameters),
                       .descriptors = {},
                       .deadline = desktop_deadline,
                       .answer =
                           [](const Result<ipc::Reply>& reply) {
                               if (!reply) {
                                   log::warning("the desktop: " + reply.error().detail);
                               }
                           },
                       .interface = ipc::desktop_interface});
    work();
}

void Desktop::work() {
    HostProcess* process = m_process.process();
    while (process != nullptr && !m_queue.empty() && process->can_send(m_queue.front(), 1)) {
        HostCall next = std::move(m_queue.front());
        m_queue.pop_front();
        process->send(std::move(next));
    }
}

}  // namespace signet::agent
