#pragma once

#include "ipc/types.h"

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace signet::agent {

inline constexpr std::size_t known_token_count = 16;

// The tokens that were here last and can decrypt, remembered in a file with what is public of those keys: a
// person whose mail none of the present keys opens is told which token to insert.
class KnownTokens {
  public:
    // A file that is missing, or that makes no sense, is an empty one.
    static KnownTokens load(std::filesystem::path file);

    // Of a token that is here only what it holds now is remembered. A change is written at once; that it
    // cannot be is logged.
    void remember(const std::vector<ipc::Token>& present);
    [[nodiscard]] std::vector<ipc::Token> except(const std::set<std::string>& present) const;

  private:
    explicit KnownTokens(std::filesystem::path file) : m_file(std::move(file)) {}

    void save(const std::string& text) const;

    std::filesystem::path m_file;
    std::vector<ipc::Token> m_tokens;  // the one that came last is the last
};

}  // namespace signet::agent
