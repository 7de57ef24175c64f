#pragma once

#include "piv/card_image.h"

#include <filesystem>
#include <optional>
#include <string>

namespace signet::piv {

// The images of cards that were seen before, a file for each. Nothing but public data; whatever is wrong
// with a file makes it one that is not there.
class CardCache {
  public:
    // Made when something is kept.
    explicit CardCache(std::filesystem::path directory) : m_directory(std::move(directory)) {}

    [[nodiscard]] std::optional<CardImage> load(const std::string& name) const;
    // Replaces the file as a whole. Failures are logged: a cache is no necessity.
    void keep(const std::string& name, const CardImage& image) const;
    void remove(const std::string& name) const;

  private:
    std::filesystem::path m_directory;
};

// The name of the card's file: derived from what recognising reads first, its CHUID, or its certificate of
// 9A where there is none. Nothing when it has neither.
std::optional<std::string> cache_name(Application application, ByteView identifier_block,
                                      ByteView certificate_block);
std::optional<std::string> cache_name(const CardImage& image);

// The content of such a file. malformed: any other octets, or another version of the form.
Bytes encode(const CardImage& image);
Result<CardImage> decode_card_image(ByteView octets);

}  // namespace signet::piv
