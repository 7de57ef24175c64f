#pragma once

#include "base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace signet::agent {

// Slots that PKCS#11 programs see; mail programs remember settings by slot number.
inline constexpr std::uint32_t slot_count = 16;

// Which token sits in which slot, remembered in a file: a token keeps its number as long as there are numbers
// to spare, and then until another token needs it: that takes the number of the one that is gone longest.
class Slots {
  public:
    // A missing file is an empty one. A file that cannot be read, or of another version, is an error.
    static Result<Slots> load(std::filesystem::path file);

    // The token's slot, given now where it had none; nullopt when every slot belongs to a token in `present`.
    // A change is written to the file at once.
    Result<std::optional<std::uint32_t>> slot_of(const std::string& token,
                                                 const std::set<std::string>& present);

  private:
    explicit Slots(std::filesystem::path file) : m_file(std::move(file)), m_tokens(slot_count) {}

    // Notes that the token in `slot` was seen after all that are not present.
    void see(std::uint32_t slot, const std::set<std::string>& present);
    [[nodiscard]] std::optional<std::uint32_t> slot_to_give(const std::set<std::string>& present) const;
    [[nodiscard]] Result<void> save() const;

    std::filesystem::path m_file;
    std::vector<std::string> m_tokens;   // token identity by slot; empty: free
    std::vector<std::uint32_t> m_order;  // slots of tokens, that of the one seen last at the end
};

}  // namespace signet::agent
