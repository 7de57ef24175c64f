#include "setup/journal.h"

#include "base/bytes.h"
#include "base/directories.h"
#include "setup/files.h"
#include "setup/json_text.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace signet::setup {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// Of the journals' format.
constexpr std::int64_t version = 1;
// Each file twice, in base64.
constexpr std::size_t max_journal_size = 16 * max_file_size;

fs::path folder_below(const fs::path& state_home) {
    return state_home / "signet" / "setup";
}

json::value encoded(const Content& content) {
    return content ? json::value(to_base64(as_bytes(*content))) : json::value(nullptr);
}

std::string encoded(const Journal& journal) {
    json::array records;
    for (const auto& record : journal.records) {
        records.push_back({{"path", record.path.string()},
                           {"kind", name_of(record.kind)},
                           {"before", encoded(record.before)},
                           {"after", encoded(record.after)}});
    }
    json::array folders;
    for (const auto& folder : journal.folders) {
        folders.emplace_back(folder.string());
    }
    return pretty_json(json::object{{"version", version},
                                    {"finished", journal.finished},
                                    {"records", std::move(records)},
                                    {"folders", std::move(folders)}});
}

// Boost.JSON's at() and as_*() throw on what does not fit.
Content decoded_content(const json::value& value) {
    if (value.is_null()) {
        return std::nullopt;
    }
    const auto octets = from_base64(value.as_string());
    if (!octets) {
        throw std::invalid_argument("no base64");
    }
    return std::string(as_text(*octets));
}

Record decoded_record(const json::value& value) {
    const auto kind = edit_kind_named(value.at("kind").as_string());
    if (!kind) {
        throw std::invalid_argument("an unknown kind of change");
    }
    return {.path = std::string(value.at("path").as_string()),
            .kind = *kind,
            .before = decoded_content(value.at("before")),
            .after = decoded_content(value.at("after"))};
}

Journal decoded(const json::value& value) {
    if (value.at("version").as_int64() != version) {
        throw std::invalid_argument("written by another version of signet");
    }
    Journal journal;
    journal.finished = value.at("finished").as_bool();
    for (const auto& record : value.at("records").as_array()) {
        journal.records.push_back(decoded_record(record));
    }
    for (const auto& folder : value.at("folders").as_array()) {
        journal.folders.emplace_back(std::string(folder.as_string()));
    }
    return journal;
}

// Root in somebody else's home, where sudo may leave it, would make folders that nobody else can use.
Result<void> check_owner(const fs::path& state_home) {
    fs::path folder = state_home;
    struct stat info {};
    while (stat(folder.c_str(), &info) != 0 && folder.has_relative_path()) {
        folder = folder.parent_path();
    }
    if (geteuid() == 0 && info.st_uid != 0) {
        return failure(ErrorCode::not_allowed, "setup",
                       folder.string() + " is not root's: run this without sudo, or for root by sudo -H");
    }
    return {};
}

Result<std::optional<Journal>> read(const fs::path& file) {
    const auto text = read_file(file.string(), max_journal_size);
    if (!text) {
        return text.error().native_code == ENOENT ? Result<std::optional<Journal>>(std::nullopt)
                                                  : Failure(text.error());
    }
    const auto wrong = [&file](const std::string& reason) {
        return failure(ErrorCode::malformed, "journal", file.string() + ": " + reason);
    };
    const auto value = parse_json(*text);
    if (!value) {
        return wrong(value.error().detail);
    }
    try {
        return decoded(*value);
    } catch (const std::exception& error) {
        return wrong(error.what());
    }
}

}  // namespace

const Record* Journal::find(const fs::path& path) const {
    const auto found = std::find_if(records.begin(), records.end(),
                                    [&path](const auto& record) { return record.path == path; });
    return found == records.end() ? nullptr : &*found;
}

Result<JournalFolder> JournalFolder::open(const fs::path& state_home) {
    const fs::path folder = folder_below(state_home);
    SIGNET_CHECK(check_owner(state_home));
    SIGNET_CHECK(make_private_directory(folder.parent_path()));
    SIGNET_CHECK(make_private_directory(folder));
    const fs::path lock_file = folder / "lock";
    FileDescriptor lock(::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock.valid()) {
        return errno_failure("open", lock_file.string(), errno);
    }
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        return failure(ErrorCode::not_allowed, "setup", "another signet setup is at work");
    }
    return JournalFolder(folder, std::move(lock));
}

Result<std::optional<Journal>> JournalFolder::load(const std::string& name) const {
    return read(m_folder / (name + ".json"));
}

Result<void> JournalFolder::save(const std::string& name, const Journal& journal) const {
    return replace_file(m_folder / (name + ".json"), encoded(journal), 0600);
}

Result<void> JournalFolder::remove(const std::string& name) const {
    return replace_file(m_folder / (name + ".json"), std::nullopt, 0600);
}

Result<std::optional<Journal>> read_journal(const fs::path& state_home, const std::string& name) {
    return read(folder_below(state_home) / (name + ".json"));
}

}  // namespace signet::setup
