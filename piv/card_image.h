#pragma once

#include "piv/commands.h"
#include "piv/vendor.h"

#include <map>
#include <optional>

namespace signet::piv {

// What was read from a card, as it stood there: public, and hostile. It is what the cache keeps.
struct CardImage {
    Application application{};
    LengthForm form = LengthForm::short_form;  // the longest that works
    std::optional<Version> firmware;
    std::optional<std::uint32_t> serial;
    // Answers to GET DATA without the status word, by object; empty: the card said that there is none.
    std::map<std::uint32_t, Bytes> objects;
    // Answers to GET METADATA, by key.
    std::map<KeyReference, Bytes> metadata;

    // Content of the object's 53; not_found when it is not there or empty.
    [[nodiscard]] Result<Bytes> object(std::uint32_t tag) const;

    friend bool operator==(const CardImage&, const CardImage&) = default;
};

}  // namespace signet::piv
