#include "piv/card_image.h"

namespace signet::piv {

Result<Bytes> CardImage::object(std::uint32_t tag) const {
    const auto found = objects.find(tag);
    if (found == objects.end() || found->second.empty()) {
        return failure(ErrorCode::not_found, "read object", "the card has none");
    }
    return content_of({.data = found->second, .status = status::success}, tag);
}

}  // namespace signet::piv
