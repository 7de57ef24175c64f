#pragma once

#include "smime/stream.h"

#include <map>
#include <string>

namespace signet::smime {

// A source with texts put in between, which are small. Borrows the source.
class EditedSource final : public Source {
  public:
    explicit EditedSource(const Source& original) : m_original(original) {}

    // Before the octet at this offset of the original, behind what was inserted there before.
    void insert(std::uint64_t offset, std::string_view text);

    [[nodiscard]] std::uint64_t size() const override;
    [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<char> buffer) const override;

  private:
    [[nodiscard]] Result<std::size_t> read_piece(std::uint64_t offset, std::span<char> buffer) const;

    const Source& m_original;
    std::map<std::uint64_t, std::string> m_texts;  // by offset
};

}  // namespace signet::smime
