#pragma once

#include "base/environment.h"
#include "base/secret.h"

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>

namespace signet::agent {

// What the person is shown.
struct PinText {
    std::string prompt;  // before the field: "PIN:"
    std::string description;
    std::string error;  // why the last PIN was refused; empty at first
};

// True for a cancel that a person chose, not for a prompt that could not be shown.
bool is_cancelled_by_person(const Error& error);

// One run of the pinentry program, spoken to over Assuan. Blocks: lives in a thread of its own.
class Pinentry {
  public:
    // Starts the program. One that is missing is cancelled, with the setting to change.
    static Result<Pinentry> start(const std::filesystem::path& program, const Environment& environment);
    Pinentry(Pinentry&& other) noexcept;
    Pinentry& operator=(Pinentry&& other) noexcept;
    // Ends the process, in a second at most.
    ~Pinentry();

    // Waits for its greeting and tells it where to appear. Once, before ask().
    Result<void> greet();
    // Asks until the person answers. cancelled: the person cancelled, the time ran out, the prompt could not
    // be shown (with the remedy), or the process was killed.
    Result<Secret> ask(const PinText& text);
    // Asks for consent. cancelled as above.
    Result<void> confirm(const std::string& description);

    // Leader of its process group. Ending the group ends greet() and ask().
    [[nodiscard]] pid_t pid() const;

  private:
    struct Session;
    explicit Pinentry(std::unique_ptr<Session> session);

    Result<void> option(const std::string& name, const std::string& value);
    Result<void> send(const std::string& command);

    std::unique_ptr<Session> m_session;
};

}  // namespace signet::agent
