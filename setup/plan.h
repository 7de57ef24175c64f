#pragma once

#include "setup/client.h"
#include "setup/journal.h"

#include <filesystem>
#include <string>
#include <vector>

namespace signet::setup {

// One file as it is, and as it is to be.
struct Change {
    std::filesystem::path path;
    Content before;
    Content after;
    EditKind kind{};
    mode_t mode = 0644;
    mode_t folder_mode = 0755;
};

struct Plan {
    std::vector<Change> changes;     // empty: all is as it should be
    std::vector<std::string> notes;  // what the person should know
};

// Looks, and changes nothing. malformed where a file cannot be made sense of. That one cannot be written is
// no reason not to look.
Result<Plan> plan_setup(const Client& client);
// The way back. What was changed by somebody else since keeps those changes; a note says so.
Result<Plan> plan_undo(const Journal& journal);
// The way back where there is no journal, or another variable named its folder: blocks are known by their
// comments.
Result<Plan> plan_removal(const Client& client);

// not_allowed where a file could not be written.
Result<void> check_writable(const Plan& plan);

// Does what the plan says, one file after the other. Interrupted, it leaves a journal with which either of
// the two functions goes on: a file is in one state or the other, and both are known. not_allowed, and
// nothing is done, where a file cannot be written; not_allowed also when one is not any more what the plan
// says that it is.
Result<void> carry_out_setup(const Plan& plan, const JournalFolder& journals, const std::string& name);
Result<void> carry_out_undo(const Plan& plan, const JournalFolder& journals, const std::string& name);

// The lines that go, with "-" in front, and those that come, with "+".
std::vector<std::string> difference(const Content& before, const Content& after);

}  // namespace signet::setup
