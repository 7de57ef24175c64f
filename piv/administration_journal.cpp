#include "piv/administration_journal.h"

#include "base/directories.h"
#include "base/whole_file.h"
#include "x509/certificate.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace signet::piv {
namespace {

constexpr std::string_view header = "signet-administration 1";
constexpr std::size_t max_file_size = std::size_t{1} << 20;
constexpr std::array<std::string_view, 6> kinds{"place-key", "write-object", "delete-certificate",
                                                "move-key",  "delete-key",   "reset"};

// One word, also for nothing.
std::string word(ByteView octets) {
    return octets.empty() ? "-" : to_hex(octets);
}

Result<Bytes> octets_in(const std::string& text) {
    return text == "-" ? Result<Bytes>(Bytes()) : from_hex(text);
}

std::string word(KeyReference key) {
    return to_hex(std::array{static_cast<std::uint8_t>(key)});
}

Result<KeyReference> reference_in(const std::string& text) {
    SIGNET_TRY(const Bytes octets, from_hex(text));
    if (octets.size() != 1) {
        return failure(ErrorCode::malformed, "read journal", "no key reference");
    }
    return static_cast<KeyReference>(octets.front());
}

std::string pending_line(const PendingAct& act) {
    std::ostringstream out;
    out << "pending " << kinds.at(static_cast<std::size_t>(act.kind)) << ' ' << word(act.slot) << ' '
        << word(act.target) << ' ' << act.object << ' ' << act.was_free << ' ' << act.done << ' '
        << word(act.before) << ' ' << word(act.after) << '\n';
    return out.str();
}

Result<PendingAct> pending_in(std::istringstream& words) {
    PendingAct act;
    std::string kind;
    std::string slot;
    std::string target;
    std::string before;
    std::string after;
    words >> kind >> slot >> target >> act.object >> act.was_free >> act.done >> before >> after;
    const auto* found = std::find(kinds.begin(), kinds.end(), kind);
    if (!words || found == kinds.end()) {
        return failure(ErrorCode::malformed, "read journal", "an unknown act");
    }
    act.kind = static_cast<PendingAct::Kind>(found - kinds.begin());
    SIGNET_TRY(act.slot, reference_in(slot));
    SIGNET_TRY(act.target, reference_in(target));
    SIGNET_TRY(act.before, octets_in(before));
    SIGNET_TRY(act.after, octets_in(after));
    return act;
}

// Empty for a card without a name.
std::filesystem::path file_for(const std::filesystem::path& directory, const std::string& name) {
    // It may hold what a file name may not.
    return name.empty() ? std::filesystem::path() : directory / x509::key_identifier(as_bytes(name));
}

}  // namespace

AdministrationJournal::AdministrationJournal(std::filesystem::path directory, const std::string& name)
    : m_directory(std::move(directory)), m_path(file_for(m_directory, name)) {}

Result<AdministrationJournal> AdministrationJournal::open(const std::filesystem::path& state_directory,
                                                          const std::string& name) {
    AdministrationJournal journal(state_directory / "administration", name);
    SIGNET_CHECK(journal.read());
    return journal;
}

Result<void> AdministrationJournal::read() {
    std::error_code error;
    if (is_nameless() || !std::filesystem::exists(m_path, error)) {
        return {};
    }
    SIGNET_TRY(const std::string text, read_file(m_path.string(), max_file_size));
    if (!parse(text)) {
        return failure(ErrorCode::configuration, "read",
                       m_path.string() + ": damaged, or of another version");
    }
    return {};
}

Result<void> AdministrationJournal::parse(const std::string& text) {
    const auto malformed = failure(ErrorCode::malformed, "read journal", "an unknown line");
    std::istringstream lines(text);
    std::string line;
    if (!std::getline(lines, line) || line != header) {
        return malformed;
    }
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string kind;
        words >> kind;
        if (kind == "pending") {
            SIGNET_TRY(m_content.pending, pending_in(words));
            continue;
        }
        std::string slot;
        std::string key;
        RememberedKey remembered;
        words >> slot >> remembered.claimed >> key;
        if (!words || kind != "key") {
            return malformed;
        }
        SIGNET_TRY(const KeyReference reference, reference_in(slot));
        SIGNET_TRY(remembered.public_key_info, octets_in(key));
        m_content.keys[reference] = std::move(remembered);
    }
    return {};
}

std::string AdministrationJournal::text() const {
    std::ostringstream out;
    out << header << '\n';
    for (const auto& [slot, key] : m_content.keys) {
        out << "key " << word(slot) << ' ' << key.claimed << ' ' << word(key.public_key_info) << '\n';
    }
    if (m_content.pending) {
        out << pending_line(*m_content.pending);
    }
    return out.str();
}

Result<void> AdministrationJournal::save() const {
    if (is_nameless()) {
        // A reset that was interrupted leaves nothing to forget.
        const bool needed = !m_content.keys.empty() ||
                            (m_content.pending && m_content.pending->kind != PendingAct::Kind::reset);
        return needed ? failure(ErrorCode::not_allowed, "journal",
                                "the card has neither a serial number nor a GUID to tell it from others: "
                                "personalize it, or write a CHUID (5fc102) that has one")
                      : Result<void>();
    }
    SIGNET_CHECK(make_private_directory(m_directory.parent_path()));
    return replace_file(m_path, as_bytes(text()), Durability::on_the_disk);
}

const RememberedKey* AdministrationJournal::key(KeyReference slot) const {
    const auto found = m_content.keys.find(slot);
    return found == m_content.keys.end() ? nullptr : &found->second;
}

Result<void> AdministrationJournal::begin(PendingAct act) {
    m_content.pending = std::move(act);
    return save();
}

Result<void> AdministrationJournal::finish() {
    if (!m_content.pending) {
        return {};
    }
    m_content.pending.reset();
    return save();
}

Result<void> AdministrationJournal::finish_with(KeyReference slot, RememberedKey key) {
    m_content.pending.reset();
    m_content.keys[slot] = std::move(key);
    return save();
}

Result<void> AdministrationJournal::forget(KeyReference slot) {
    return m_content.keys.erase(slot) > 0 ? save() : Result<void>();
}

Result<void> AdministrationJournal::clear() {
    m_content = {};
    return save();
}

Result<void> AdministrationJournal::rename(const std::string& name) {
    if (name.empty()) {
        return {};
    }
    const std::filesystem::path old_path = m_path;
    m_path = file_for(m_directory, name);
    if (m_path == old_path || (m_content.keys.empty() && !m_content.pending)) {
        return {};
    }
    SIGNET_CHECK(save());
    (void)unlink(old_path.c_str());
    return {};
}

}  // namespace signet::piv
