#include "agent/reader_watch.h"

#include "base/log.h"

#include <utility>

namespace signet::agent {
namespace {

// Far more than a pcscd that systemd starts for the question needs.
constexpr std::chrono::seconds patience{2};

std::string names_of(const std::vector<ipc::Reader>& readers) {
    std::string names;
    for (const auto& reader : readers) {
        names += (names.empty() ? "" : ", ") + reader.name;
    }
    return names.empty() ? "none" : names;
}

}  // namespace

ReaderWatch::ReaderWatch(ipc::EventLoop& loop, Changed changed)
    : m_changed(std::move(changed)),
      m_patience(loop),
      m_process(loop, readers_subject(),
                {.started =
                     [this](HostProcess& process) {
                         process.watch("org.signet.readers.WatchReaders",
                                       [this](const Result<ipc::Reply>& reply) { reported(reply); });
                     },
                 .ended = [this] { settle(); }}) {}

void ReaderWatch::start() {
    if (!std::exchange(m_started, true)) {
        m_settled = false;
        m_patience.start(patience, [this] { settle(); });
    }
    m_process.start();
}

void ReaderWatch::stop() {
    m_process.stop();
    m_patience.cancel();
    m_started = false;
    m_settled = true;
    m_cards.clear();
    m_failure.reset();
}

void ReaderWatch::settle() {
    m_patience.cancel();
    if (!std::exchange(m_settled, true)) {
        m_changed();
    }
}

void ReaderWatch::reported(const Result<ipc::Reply>& reply) {
    // The end of the process comes next.
    if (!reply) {
        return;
    }
    auto report = ipc::decode_readers_reply(reply->parameters);
    if (!report) {
        m_process.process()->kill(report.error());
        return;
    }
    m_process.works();
    std::erase_if(report->readers, [](const ipc::Reader& reader) { return !reader.card_present; });
    log::debug("cards in readers: " + (report->failure ? *report->failure : names_of(report->readers)));
    m_cards = std::move(report->readers);
    m_failure = std::move(report->failure);
    m_has_worked = m_has_worked || !m_failure;
    m_settled = true;
    m_patience.cancel();
    m_changed();
}

}  // namespace signet::agent
