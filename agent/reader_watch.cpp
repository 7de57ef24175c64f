#include "agent/reader_watch.h"

#include "base/log.h"

#include <utility>

namespace signet::agent {
namespace {

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
      m_process(loop, readers_subject(), {.started = [this](HostProcess& process) {
                    process.watch("org.signet.readers.WatchReaders",
                                  [this](const Result<ipc::Reply>& reply) { reported(reply); });
                }}) {}

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
    m_changed(std::move(report->readers));
}

}  // namespace signet::agent
