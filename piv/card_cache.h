#pragma once

#include "piv/card_image.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace signet::piv {

// The images of cards that were seen before, a file for each. Nothing but public data; whatever is wrong
// with a file makes it one that is not there.
class CardCache {
  public:
    // The folder is made when something is kept. A card in another reader is one that was not seen before:
    // the length of commands depends on both.
    CardCache(std::filesystem::path directory, std::string_view reader);

    [[nodiscard]] std::optional<CardImage> load(const std::string& name) const;
    // Replaces the file as a whole. Failures are logged: a cache is no necessity.
    void keep(const std::string& name, const CardImage& image) const;
    void remove(const std::string& name) const;

  private:
    [[nodiscard]] std::filesystem::path path(const std::string& name) const;

    std::filesystem::path m_directory;
    std::string m_prefix;
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
