#include "agent/slots.h"

#include "base/file_descriptor.h"
#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <sstream>

namespace signet::agent {
namespace {

constexpr std::string_view header = "signet slots 1";
constexpr std::size_t max_file_size = 65536;

Failure wrong(const std::filesystem::path& file, std::size_t line) {
    return failure(ErrorCode::configuration, "slots",
                   file.string() + ":" + std::to_string(line) + ": not a slot file of this version");
}

}  // namespace

// The file: the header line, then "NUMBER TOKEN" lines, that of the token seen last at the end.
Result<Slots> Slots::load(std::filesystem::path file) {
    Slots slots(std::move(file));
    auto text = read_file(slots.m_file.string(), max_file_size);
    if (!text && text.error().native_code == ENOENT) {
        return slots;
    }
    if (!text) {
        return Failure(std::move(text).error());
    }
    std::istringstream lines(*text);
    std::string line;
    if (!std::getline(lines, line) || line != header) {
        return wrong(slots.m_file, 1);
    }
    for (std::size_t number = 2; std::getline(lines, line); ++number) {
        std::uint32_t slot = slot_count;
        const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), slot);
        const auto space = static_cast<std::size_t>(end - line.data());
        if (error != std::errc() || slot >= slot_count || space + 1 >= line.size() || line[space] != ' ' ||
            !slots.m_tokens[slot].empty()) {
            return wrong(slots.m_file, number);
        }
        slots.m_tokens[slot] = line.substr(space + 1);
        slots.m_order.push_back(slot);
    }
    return slots;
}

Result<std::optional<std::uint32_t>> Slots::slot_of(const std::string& token,
                                                    const std::set<std::string>& present) {
    if (const auto known = std::find(m_tokens.begin(), m_tokens.end(), token); known != m_tokens.end()) {
        const auto slot = static_cast<std::uint32_t>(known - m_tokens.begin());
        see(slot, present);
        return slot;
    }
    const auto slot = slot_to_give(present);
    if (!slot) {
        return std::nullopt;
    }
    m_tokens[*slot] = token;
    std::erase(m_order, *slot);
    m_order.push_back(*slot);
    SIGNET_CHECK(save());
    return slot;
}

void Slots::see(std::uint32_t slot, const std::set<std::string>& present) {
    const auto place = std::find(m_order.begin(), m_order.end(), slot);
    const bool is_last = std::all_of(place, m_order.end(), [this, &present](std::uint32_t later) {
        return present.contains(m_tokens[later]);
    });
    if (is_last) {
        return;
    }
    std::rotate(place, place + 1, m_order.end());
    if (const auto saved = save(); !saved) {
        log::warning("remembering the order of slots: " + saved.error().detail);
    }
}

std::optional<std::uint32_t> Slots::slot_to_give(const std::set<std::string>& present) const {
    if (const auto free = std::find(m_tokens.begin(), m_tokens.end(), ""); free != m_tokens.end()) {
        return static_cast<std::uint32_t>(free - m_tokens.begin());
    }
    const auto gone = std::find_if(m_order.begin(), m_order.end(), [this, &present](std::uint32_t slot) {
        return !present.contains(m_tokens[slot]);
    });
    return gone != m_order.end() ? std::optional(*gone) : std::nullopt;
}

// Written beside and renamed, so that a crash leaves the old or the new file.
Result<void> Slots::save() const {
    std::string text(header);
    text += '\n';
    for (const std::uint32_t slot : m_order) {
        text += std::to_string(slot) + ' ' + m_tokens[slot] + '\n';
    }
    const std::string temporary = m_file.string() + ".new";
    const FileDescriptor file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.valid() || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        fsync(file.get()) != 0 || rename(temporary.c_str(), m_file.c_str()) != 0) {
        return errno_failure("write", m_file.string(), errno);
    }
    return {};
}

}  // namespace signet::agent
