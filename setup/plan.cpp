#include "setup/plan.h"

#include "setup/files.h"

#include <unistd.h>

#include <algorithm>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;

// Its files where they lie by now: a person may have put a link in the place of one since.
Result<void> follow_links(Journal& journal) {
    for (auto& record : journal.records) {
        SIGNET_TRY(auto file, open_file(record.path));
        record.path = std::move(file.path);
    }
    return {};
}

// Which file it is that cannot be made sense of.
Failure in_file(Error error, const fs::path& path) {
    if (error.code == ErrorCode::malformed) {
        error.detail = path.string() + ": " + error.detail;
    }
    return Failure(std::move(error));
}

Result<Change> planned(const Part& part) {
    SIGNET_TRY(const auto file, open_file(part.file));
    const auto after = apply_edit(part.edit, file.content);
    if (!after) {
        return in_file(after.error(), file.path);
    }
    return Change{.path = file.path,
                  .before = file.content,
                  .after = *after,
                  .kind = kind_of(part.edit),
                  .mode = part.mode,
                  .folder_mode = part.folder_mode};
}

Result<Change> planned_undo(const Record& record, std::vector<std::string>& notes) {
    SIGNET_TRY(const auto file, open_file(record.path));
    // By now a link may lead to it.
    Change change{.path = file.path, .before = file.content, .after = file.content, .kind = record.kind};
    if (file.content == record.after) {
        change.after = record.before;
    } else if (file.content != record.before) {
        auto reverted = revert(record.kind, file.content, record.before, record.after);
        if (!reverted) {
            return in_file(reverted.error(), record.path);
        }
        change.after = std::move(*reverted);
        notes.push_back(record.path.string() +
                        " was changed since; only what signet wrote is taken out of it");
    }
    return change;
}

// What an undo is to bring back, when the file is changed once more.
Result<Content> original_of(const Change& change, const Journal& journal) {
    const Record* record = journal.find(change.path);
    if (record == nullptr) {
        return change.before;
    }
    if (change.before == record->after || change.before == record->before) {
        return record->before;
    }
    return revert(record->kind, change.before, record->before, record->after);
}

Result<void> note_in(Journal& journal, const Change& change) {
    SIGNET_TRY(auto original, original_of(change, journal));
    std::erase_if(journal.records, [&change](const auto& record) { return record.path == change.path; });
    journal.records.push_back(
        {.path = change.path, .kind = change.kind, .before = std::move(original), .after = change.after});
    for (const auto& folder : missing_folders(change.path)) {
        if (std::find(journal.folders.begin(), journal.folders.end(), folder) == journal.folders.end()) {
            journal.folders.push_back(folder);
        }
    }
    return {};
}

Result<void> carry_out(const Change& change) {
    SIGNET_TRY(const auto file, open_file(change.path));
    if (file.content != change.before) {
        return failure(ErrorCode::not_allowed, "write",
                       change.path.string() + " was changed in the meantime; run the command again");
    }
    for (const auto& folder : missing_folders(change.path)) {
        SIGNET_CHECK(make_folder(folder, change.folder_mode));
    }
    return replace_file(change.path, change.after, change.mode);
}

Result<void> change_files(const Plan& plan) {
    for (const auto& change : plan.changes) {
        SIGNET_CHECK(carry_out(change));
    }
    return {};
}

// The journal is on the disk first.
Result<void> carry_out(const Plan& plan, const Journal& journal, const JournalFolder& journals,
                       const std::string& name) {
    SIGNET_CHECK(check_writable(plan));
    SIGNET_CHECK(journals.save(name, journal));
    for (const auto& record : journal.records) {
        remove_leftover(record.path);
    }
    return change_files(plan);
}

}  // namespace

Result<Plan> plan_setup(const Client& client) {
    Plan plan{.changes = {}, .notes = client.notes};
    for (const auto& part : client.parts) {
        SIGNET_TRY(auto change, planned(part));
        if (change.before != change.after) {
            plan.changes.push_back(std::move(change));
        }
    }
    return plan;
}

Result<Plan> plan_undo(const Journal& journal) {
    Plan plan;
    for (const auto& record : journal.records) {
        SIGNET_TRY(auto change, planned_undo(record, plan.notes));
        if (change.before != change.after) {
            plan.changes.push_back(std::move(change));
        }
    }
    return plan;
}

Result<Plan> plan_removal(const Client& client) {
    Plan plan;
    for (const auto& part : client.parts) {
        SIGNET_TRY(auto file, open_file(part.file));
        if (kind_of(part.edit) != EditKind::marked_block || !file.content) {
            continue;
        }
        auto rest = without_block(*file.content);
        if (rest != *file.content) {
            plan.changes.push_back({.path = std::move(file.path),
                                    .before = std::move(file.content),
                                    .after = rest.empty() ? Content() : Content(std::move(rest)),
                                    .kind = EditKind::marked_block});
            plan.notes = {
                "nothing is remembered of what was there before; only what signet wrote is taken out"};
        }
    }
    return plan;
}

Result<void> check_writable(const Plan& plan) {
    for (const auto& change : plan.changes) {
        SIGNET_CHECK(check_writable(change.path));
    }
    return {};
}

Result<void> carry_out_setup(const Plan& plan, const JournalFolder& journals, const std::string& name) {
    SIGNET_TRY(auto known, journals.load(name));
    Journal journal = known.value_or(Journal{});
    if (plan.changes.empty() && (!known || journal.finished)) {
        return {};
    }
    journal.finished = false;
    SIGNET_CHECK(follow_links(journal));
    for (const auto& change : plan.changes) {
        SIGNET_CHECK(note_in(journal, change));
    }
    SIGNET_CHECK(carry_out(plan, journal, journals, name));
    journal.finished = true;
    return journals.save(name, journal);
}

Result<void> carry_out_undo(const Plan& plan, const JournalFolder& journals, const std::string& name) {
    SIGNET_TRY(auto journal, journals.load(name));
    if (!journal) {
        SIGNET_CHECK(check_writable(plan));
        return change_files(plan);
    }
    journal->finished = false;
    SIGNET_CHECK(carry_out(plan, *journal, journals, name));
    std::for_each(journal->folders.rbegin(), journal->folders.rend(), [](const fs::path& folder) {
        // One that holds something else by now stays.
        (void)rmdir(folder.c_str());
    });
    return journals.remove(name);
}

}  // namespace signet::setup
