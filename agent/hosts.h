#pragma once

#include "agent/reader_watch.h"
#include "agent/token_host.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

namespace signet::agent {

// All hosts there are: one for each card in a reader, then one for each configured module.
class Hosts {
  public:
    struct Events {
        std::function<void()> changed;  // some host, or what one of them lists
        std::function<void(const TokenHost& host)> ended;
    };

    Hosts(ipc::EventLoop& loop, std::filesystem::path state_directory, Events events);

    // Keeps the hosts of what is as before, ends the others.
    void configure(const Config& config);
    // Ends them all and answers what waits for them.
    void stop();

    [[nodiscard]] const std::vector<std::unique_ptr<TokenHost>>& all() const { return m_hosts; }
    // Calls `done` when cards that were in readers at the start are among them, or cannot be awaited.
    void when_settled(std::function<void()> done);
    [[nodiscard]] bool settled() const { return m_reader_watch.settled(); }
    // Of the readers; where none has worked, it says so.
    [[nodiscard]] const ReaderWatch& reader_watch() const { return m_reader_watch; }
    // Among them still.
    [[nodiscard]] bool has(const TokenHost* host) const;

  private:
    void readers_changed();
    void set_subjects();
    void answer_waiters();

    ipc::EventLoop& m_loop;
    std::filesystem::path m_state_directory;
    Events m_events;
    PivConfig m_piv;
    std::vector<HostSubject> m_cards;
    std::vector<HostSubject> m_modules;
    std::vector<std::unique_ptr<TokenHost>> m_hosts;
    ReaderWatch m_reader_watch;
    std::vector<std::function<void()>> m_waiters;  // for the readers
};

}  // namespace signet::agent
